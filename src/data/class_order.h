/* Classes in the order of their numbers. */
#ifndef GR_DATA_CLASS_ORDER_H
#define GR_DATA_CLASS_ORDER_H

#include "base/base.h"
#include "grimace/manifest.h"

/* Puts the classes of a manifest into the order of their numbers, where all of them are numbers; new arrays live in `arena`. false
 * when memory is short. */
bool gr_classes_by_number(gr_manifest *manifest, gr_arena *arena) GR_MUST_CHECK;

#endif
