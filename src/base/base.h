/* Head header of room base (F0): what every room stands on. */
#ifndef FET_BASE_H
#define FET_BASE_H

#include "alloc.h"
#include "arena.h"
#include "clock.h"
#include "context.h"
#include "digest.h"
#include "fault.h"
#include "file.h"
#include "json.h"
#include "log.h"
#include "order.h"
#include "pool.h"
#include "rng.h"
#include "status.h"
#include "text.h"

#endif
