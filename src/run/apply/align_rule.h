/* How faces are to lie: by a rule, or by a template. */
#ifndef GR_RUN_ALIGN_RULE_H
#define GR_RUN_ALIGN_RULE_H

#include "base/base.h"
#include "geometry/upright.h"
#include "grimace/image.h"

/* Reads `by`: a name, or LEFT:RIGHT:FRAME; `option` begins sentences. Fails: GR_INVALID (no such rule, a landmark beyond
 * `landmarks`). */
gr_status gr_align_rule_read(const char *by, const char *option, int landmarks, gr_align_rule *out,
                             gr_error *err) GR_MUST_CHECK;
/* Reads the template at `path`, for pictures of `size` pixels; `landmarks` 0: as many as it has. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_align_template_read(const char *path, int size, int landmarks, gr_arena *arena, gr_align_rule *out,
                                 gr_error *err) GR_MUST_CHECK;
/* Makes one of the mean shape of faces[images, landmarks, 2]; *used: how many of them are whole. Fails: GR_INVALID,
 * GR_NOMEM. */
gr_status gr_align_template_make(const float *faces, int64_t images, int landmarks, int size, double margin, gr_arena *arena,
                                 gr_align_rule *out, int64_t *used, gr_error *err) GR_MUST_CHECK;
/* Writes the template. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_align_template_write(const gr_align_rule *rule, int size, const char *path, gr_error *err) GR_MUST_CHECK;
/* Where a face's points go. false: it cannot be told. */
bool gr_align_rule_map(const gr_align_rule *rule, const float *face, int size, double margin, gr_map *map);

#endif
