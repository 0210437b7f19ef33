/* Head header of room data (F3): folders to examples, splits, audit. */
#ifndef FET_DATA_H
#define FET_DATA_H

#include "examples.h"
#include "folder.h"
#include "split.h"

#endif
