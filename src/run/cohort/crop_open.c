#include "run/cohort/crop_open.h"

#include <stdio.h>

#include "base/base.h"
#include "config/config.h"
#include "grimace/scan.h"
#include "run/apply/model_finder.h"

gr_status gr_crop_open(const gr_config *config, gr_face_cut **out, gr_error *err)
{
    const gr_face_cut_options options = {
        .detector = config->data.crop, .margin = config->data.crop_margin, .square = config->data.crop_square,
        .models = &gr_model_detector};
    *out = NULL;
    gr_status status = options.detector != NULL ? gr_face_cut_open(&options, out, err) : GR_OK;
    if (status == GR_INVALID)
        gr_error_prefix(err, "%s: data.crop", gr_config_where(config, "data.crop"));
    return status;
}

typedef struct search {
    const gr_manifest *m;
    const gr_cutter *cutter;
    gr_error *errors; /* [rows] */
} search;

static void look(void *ctx, int64_t row, const gr_image *image)
{
    const search *s = ctx;
    double box[4];
    if (s->m->boxes == NULL || !(s->m->boxes[row].width > 0))
        s->errors[row].status = s->cutter->cut(s->cutter->ctx, image, box, &s->errors[row]);
}

static gr_status add_all(const search *s, gr_check *check, gr_error *err)
{
    gr_status status = GR_OK;
    for (int64_t r = 0; status == GR_OK && r < s->m->rows; r++) {
        char text[1200];
        if (s->errors[r].status == GR_OK)
            continue;
        snprintf(text, sizeof text, "%s:%lld: image: %.400s: %.400s", s->m->path, (long long)s->m->lines[r], s->m->images[r],
                 s->errors[r].text);
        status = gr_check_add(check, true, text, err);
    }
    return status;
}

gr_status gr_crop_check(const gr_config *config, gr_check *check, gr_error *err)
{
    gr_face_cut *cut;
    gr_status status = gr_crop_open(config, &cut, err);
    if (status != GR_OK || cut == NULL)
        return status;
    const gr_manifest *m = &check->manifest;
    search s = {m, gr_face_cut_cutter(cut), gr_alloc((size_t)m->rows, sizeof(gr_error))};
    gr_image_facts *facts = gr_alloc((size_t)m->rows, sizeof *facts);
    status = s.errors != NULL && facts != NULL ? gr_scan_pictures(m, look, &s, facts, err)
                                               : gr_fail(err, GR_NOMEM, "no memory to look for faces");
    if (status == GR_OK)
        status = add_all(&s, check, err);
    if (facts != NULL)
        gr_image_facts_free(facts, m->rows);
    gr_free(facts);
    gr_free(s.errors);
    gr_face_cut_close(cut);
    return status;
}
