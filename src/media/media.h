/* Head header of room media (F2): codecs and pixels, tables. */
#ifndef FET_MEDIA_H
#define FET_MEDIA_H

#include "image.h"
#include "pixels.h"
#include "table.h"

#endif
