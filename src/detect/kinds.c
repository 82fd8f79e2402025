/* Which kind of detector a file is, and what a search may be told. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/base.h"
#include "detect/table.h"

const gr_detector *gr_detector_of(const gr_detector *const *detectors, int count, const char *path)
{
    for (int i = 0; i < count; i++)
        for (const char *const *ending = detectors[i]->endings; *ending != NULL; ending++) {
            size_t length = strlen(path), tail = strlen(*ending);
            if (length > tail && strcasecmp(path + length - tail, *ending) == 0)
                return detectors[i];
        }
    return NULL;
}

gr_detect_options gr_detect_defaults(void)
{
    return (gr_detect_options){.scale = 1.1, .neighbours = 3};
}

gr_status gr_detect_options_check(const gr_detect_options *o, gr_error *err)
{
    if (!(o->scale >= 1.001 && o->scale <= 10))
        return gr_fail(err, GR_INVALID, "scale: %g is not between 1.001 and 10", o->scale);
    if (o->neighbours < 0 || o->neighbours > 1000000)
        return gr_fail(err, GR_INVALID, "neighbors: %d is not between 0 and 1000000", o->neighbours);
    if (o->min_size < 0 || o->min_size > GR_IMAGE_SIDE_MAX)
        return gr_fail(err, GR_INVALID, "min_size: %d is not between 0 and %d pixels", o->min_size, GR_IMAGE_SIDE_MAX);
    if (o->max_size < 0 || o->max_size > GR_IMAGE_SIDE_MAX)
        return gr_fail(err, GR_INVALID, "max_size: %d is not between 0 and %d pixels", o->max_size, GR_IMAGE_SIDE_MAX);
    if (o->max_size > 0 && o->max_size < o->min_size)
        return gr_fail(err, GR_INVALID, "max_size: %d is below min_size, %d", o->max_size, o->min_size);
    return GR_OK;
}
