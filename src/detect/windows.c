#include "detect/windows.h"

#include "base/base.h"

static const float threshold_slack = 1e-5f; /* OpenCV's */

void gr_windows_free(gr_windows *w)
{
    gr_free((void *)w->stages);
    gr_free((void *)w->trees);
    gr_free((void *)w->nodes);
    *w = (gr_windows){0};
}

gr_status gr_windows_make(const gr_cascade *c, gr_windows *out, gr_error *err)
{
    gr_window_stage *stages = gr_alloc((size_t)c->stage_count, sizeof *stages);
    int32_t *trees = gr_alloc((size_t)c->tree_count + 1, sizeof *trees);
    *out = (gr_windows){.lbp = c->kind == GR_CASCADE_LBP,
                        .stage_count = (int32_t)c->stage_count,
                        .stages = stages,
                        .trees = trees,
                        .nodes = gr_alloc_aligned((size_t)c->node_count, sizeof *out->nodes),
                        .area = (double)(c->width - 2) * (c->height - 2)};
    if (stages == NULL || trees == NULL || out->nodes == NULL) {
        gr_windows_free(out);
        return gr_fail(err, GR_NOMEM, "no memory for a cascade");
    }
    for (int64_t s = 0; s < c->stage_count; s++)
        stages[s] = (gr_window_stage){(int32_t)c->stages[s].first_tree, (int32_t)c->stages[s].tree_count,
                                      c->stages[s].threshold - threshold_slack};
    for (int64_t t = 0; t < c->tree_count; t++)
        trees[t] = (int32_t)c->trees[t].first_node;
    trees[c->tree_count] = (int32_t)c->node_count;
    return GR_OK;
}

static int32_t place(const gr_integral_layout *l, int64_t x, int64_t y)
{
    int64_t column = l->half > 0 ? x % 2 * l->half + x / 2 : x;
    return (int32_t)(y * l->stride + column);
}

static void place_rect(const gr_integral_layout *l, int x, int y, int w, int h, int32_t at[4])
{
    at[0] = place(l, x, y);
    at[1] = place(l, x + w, y);
    at[2] = place(l, x, y + h);
    at[3] = place(l, x + w, y + h);
}

static void place_tilted(const gr_integral_layout *l, int x, int y, int w, int h, int32_t at[4])
{
    int32_t image = (int32_t)l->tilted;
    at[0] = image + place(l, x, y);
    at[1] = image + place(l, x - h, y + h);
    at[2] = image + place(l, x + w, y + w);
    at[3] = image + place(l, x + w - h, y + w + h);
}

void gr_windows_feature(gr_cascade_kind kind, const gr_integral_layout *l, const gr_cascade_feature *f, gr_window_node *n)
{
    if (kind == GR_CASCADE_LBP) {
        const gr_cascade_rect *r = &f->rects[0];
        for (int i = 0; i < 16; i++)
            n->at[i] = place(l, r->x + i % 4 * r->width, r->y + i / 4 * r->height);
        return;
    }
    for (int i = 0; i < GR_CASCADE_RECTS; i++) {
        const gr_cascade_rect *r = &f->rects[i]; /* those behind the last are zeros */
        n->weight[i] = i < f->count ? r->weight : 0;
        (f->tilted && i < f->count ? place_tilted : place_rect)(l, r->x, r->y, r->width, r->height, n->at + 4 * i);
    }
}

void gr_windows_place(const gr_cascade *c, const gr_integral_layout *l, gr_windows *w)
{
    gr_window_node *nodes = (gr_window_node *)w->nodes;
    w->square_offset = (int32_t)l->squares;
    place_rect(l, 1, 1, c->width - 2, c->height - 2, w->norm_at);
    for (int64_t t = 0; t < c->tree_count; t++) {
        const gr_cascade_tree *tree = &c->trees[t];
        const float *leaves = c->leaves + tree->first_node + t;
        for (int i = 0; i < tree->node_count; i++) {
            const gr_cascade_node *from = &c->nodes[tree->first_node + i];
            gr_window_node *n = &nodes[tree->first_node + i];
            *n = (gr_window_node){.threshold = from->threshold,
                                  .left = (int16_t)(from->left > 0 ? from->left : 0),
                                  .right = (int16_t)(from->right > 0 ? from->right : 0),
                                  .left_leaf = leaves[from->left > 0 ? 0 : -from->left],
                                  .right_leaf = leaves[from->right > 0 ? 0 : -from->right]};
            for (int k = 0; k < GR_CASCADE_SUBSET; k++)
                n->subset[k] = from->subset[k];
            gr_windows_feature(c->kind, l, &c->features[from->feature], n);
        }
    }
}
