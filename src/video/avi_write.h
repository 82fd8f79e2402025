/* Motion JPEG in AVI: a film of JPEG pictures as they are, which every player reads; no encoder is needed. */
#ifndef GR_VIDEO_AVI_WRITE_H
#define GR_VIDEO_AVI_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

/* Makes the whole file in memory: frames[count] are JPEG files of size[count] bytes, width x height pixels, rate_num /
 * rate_den a second. GIVES the bytes in `out` (gr_text_free). Fails: GR_INVALID (no frame, or above 1 GB), GR_NOMEM. */
gr_status gr_avi_encode(const uint8_t *const *frames, const size_t *size, int count, int width, int height,
                        uint32_t rate_num, uint32_t rate_den, gr_text *out, gr_error *err) GR_MUST_CHECK;

#endif
