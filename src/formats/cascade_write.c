/* OpenCV's XML of a cascade, in the format of opencv_traincascade. Nine digits carry a float, so that what is read back is
 * the same. */
#include <string.h>

#include "base/base.h"
#include "formats/cascade.h"

static void put_stage(gr_text *out, const gr_cascade *c, const gr_cascade_stage *stage)
{
    gr_text_printf(out,
                   "    <_>\n      <maxWeakCount>%lld</maxWeakCount>\n      <stageThreshold>%.9g</stageThreshold>\n"
                   "      <weakClassifiers>\n",
                   (long long)stage->tree_count, (double)stage->threshold);
    for (int64_t t = stage->first_tree; t < stage->first_tree + stage->tree_count; t++) {
        const gr_cascade_tree *tree = &c->trees[t];
        gr_text_printf(out, "        <_>\n          <internalNodes>\n           ");
        for (int n = 0; n < tree->node_count; n++) {
            const gr_cascade_node *node = &c->nodes[tree->first_node + n];
            gr_text_printf(out, " %d %d %d", node->left, node->right, node->feature);
            if (c->kind == GR_CASCADE_HAAR)
                gr_text_printf(out, " %.9g", (double)node->threshold);
            for (int i = 0; c->kind == GR_CASCADE_LBP && i < GR_CASCADE_SUBSET; i++) {
                int32_t word; /* OpenCV reads these as signed */
                memcpy(&word, &node->subset[i], sizeof word);
                gr_text_printf(out, " %d", (int)word);
            }
        }
        gr_text_printf(out, "</internalNodes>\n          <leafValues>\n           ");
        for (int l = 0; l <= tree->node_count; l++)
            gr_text_printf(out, " %.9g", (double)c->leaves[tree->first_node + t + l]);
        gr_text_printf(out, "</leafValues></_>\n");
    }
    gr_text_printf(out, "      </weakClassifiers></_>\n");
}

static void put_feature(gr_text *out, const gr_cascade *c, const gr_cascade_feature *f)
{
    if (c->kind == GR_CASCADE_LBP) {
        const gr_cascade_rect *r = &f->rects[0];
        gr_text_printf(out, "    <_>\n      <rect>\n        %d %d %d %d</rect></_>\n", r->x, r->y, r->width, r->height);
        return;
    }
    gr_text_printf(out, "    <_>\n      <rects>\n");
    for (int i = 0; i < f->count; i++) {
        const gr_cascade_rect *r = &f->rects[i];
        gr_text_printf(out, "        <_>\n          %d %d %d %d %.9g</_>\n", r->x, r->y, r->width, r->height,
                       (double)r->weight);
    }
    gr_text_printf(out, "      </rects>\n      <tilted>%d</tilted></_>\n", f->tilted);
}

gr_status gr_cascade_text(const gr_cascade *c, gr_text *to, gr_error *err)
{
    gr_status status = gr_cascade_check(c, err);
    if (status != GR_OK)
        return status;
    bool lbp = c->kind == GR_CASCADE_LBP;
    int64_t most = 0;
    for (int64_t s = 0; s < c->stage_count; s++)
        most = c->stages[s].tree_count > most ? c->stages[s].tree_count : most;
    gr_text_printf(
        to,
        "<?xml version=\"1.0\"?>\n<opencv_storage>\n<cascade type_id=\"opencv-cascade-classifier\">\n"
        "  <stageType>BOOST</stageType>\n  <featureType>%s</featureType>\n  <height>%d</height>\n  <width>%d</width>\n"
        "  <stageParams>\n    <maxWeakCount>%lld</maxWeakCount></stageParams>\n"
        "  <featureParams>\n    <maxCatCount>%d</maxCatCount></featureParams>\n  <stageNum>%lld</stageNum>\n  <stages>\n",
        lbp ? "LBP" : "HAAR", c->height, c->width, (long long)most, lbp ? 32 * GR_CASCADE_SUBSET : 0,
        (long long)c->stage_count);
    for (int64_t s = 0; s < c->stage_count; s++)
        put_stage(to, c, &c->stages[s]);
    gr_text_printf(to, "  </stages>\n  <features>\n");
    for (int64_t f = 0; f < c->feature_count; f++)
        put_feature(to, c, &c->features[f]);
    gr_text_printf(to, "  </features>\n</cascade>\n</opencv_storage>\n");
    return to->failed ? gr_fail(err, GR_NOMEM, "no memory for the cascade") : GR_OK;
}

gr_status gr_cascade_write(const char *path, const gr_cascade *c, gr_error *err)
{
    gr_text out = {0};
    gr_status status = gr_cascade_text(c, &out, err);
    if (status != GR_OK)
        gr_error_prefix(err, "%s", path);
    else
        status = gr_file_write(path, out.data, out.size, err);
    gr_text_free(&out);
    return status;
}
