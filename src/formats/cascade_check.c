/* A cascade is looked at once, where it is read or written, so that whoever evaluates it needs no look. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "formats/cascade.h"

void gr_cascade_free(gr_cascade *c)
{
    gr_free(c->stages);
    gr_free(c->trees);
    gr_free(c->nodes);
    gr_free(c->leaves);
    gr_free(c->features);
    memset(c, 0, sizeof *c);
}

static bool rect_fits(const gr_cascade *c, const gr_cascade_feature *f, const gr_cascade_rect *r)
{
    int columns = c->kind == GR_CASCADE_LBP ? 3 : 1, w = c->width, h = c->height;
    if (r->x < 0 || r->y < 0 || r->x > w || r->y > h || r->width < 0 || r->height < 0 || r->width > w || r->height > h)
        return false;
    if (c->kind == GR_CASCADE_LBP && (r->width == 0 || r->height == 0))
        return false;
    if (f->tilted)
        return r->x - r->height >= 0 && r->x + r->width <= w && r->y + r->width + r->height <= h;
    return r->x + columns * r->width <= w && r->y + columns * r->height <= h;
}

static gr_status check_features(const gr_cascade *c, gr_error *err)
{
    for (int64_t i = 0; i < c->feature_count; i++) {
        const gr_cascade_feature *f = &c->features[i];
        int most = c->kind == GR_CASCADE_LBP ? 1 : GR_CASCADE_RECTS;
        if (f->count < 1 || f->count > most)
            return gr_fail(err, GR_INVALID, "feature %lld has %d rectangles, 1 to %d would be right", (long long)i, f->count,
                           most);
        for (int r = 0; r < f->count; r++) {
            const gr_cascade_rect *rect = &f->rects[r];
            if (!rect_fits(c, f, rect))
                return gr_fail(err, GR_INVALID,
                               "feature %lld: its %srectangle %d %d %d %d lies beyond the window of %d x %d", (long long)i,
                               f->tilted ? "tilted " : "", rect->x, rect->y, rect->width, rect->height, c->width, c->height);
            if (!isfinite(rect->weight))
                return gr_fail(err, GR_INVALID, "feature %lld: its weight is no finite number", (long long)i);
        }
    }
    return GR_OK;
}

static bool child_fits(int child, int self, int nodes)
{
    return child > 0 ? child > self && child < nodes : child >= -nodes;
}

static gr_status check_tree(const gr_cascade *c, int64_t t, gr_error *err)
{
    const gr_cascade_tree *tree = &c->trees[t];
    for (int n = 0; n < tree->node_count; n++) {
        const gr_cascade_node *node = &c->nodes[tree->first_node + n];
        if (node->feature < 0 || node->feature >= c->feature_count)
            return gr_fail(err, GR_INVALID, "tree %lld: node %d asks for feature %d, there are %lld", (long long)t, n,
                           node->feature, (long long)c->feature_count);
        if (!child_fits(node->left, n, tree->node_count) || !child_fits(node->right, n, tree->node_count))
            return gr_fail(
                err, GR_INVALID,
                "tree %lld: node %d goes on to %d and %d; nodes behind it (up to %d) or leaves (0 to -%d) would be right",
                (long long)t, n, node->left, node->right, tree->node_count - 1, tree->node_count);
        if (!isfinite(node->threshold))
            return gr_fail(err, GR_INVALID, "tree %lld: a threshold is no finite number", (long long)t);
    }
    for (int l = 0; l <= tree->node_count; l++)
        if (!isfinite(c->leaves[tree->first_node + t + l]))
            return gr_fail(err, GR_INVALID, "tree %lld: a leaf is no finite number", (long long)t);
    return GR_OK;
}

static gr_status check_stages(const gr_cascade *c, gr_error *err)
{
    int64_t tree = 0, node = 0;
    for (int64_t s = 0; s < c->stage_count; s++) {
        const gr_cascade_stage *stage = &c->stages[s];
        if (stage->first_tree != tree || stage->tree_count < 1 || stage->tree_count > c->tree_count - tree)
            return gr_fail(err, GR_INVALID, "stage %lld has no trees, or not those behind the stage before it",
                           (long long)s);
        if (!isfinite(stage->threshold))
            return gr_fail(err, GR_INVALID, "stage %lld: its threshold is no finite number", (long long)s);
        tree += stage->tree_count;
    }
    if (tree != c->tree_count)
        return gr_fail(err, GR_INVALID, "%lld trees belong to no stage", (long long)(c->tree_count - tree));
    for (int64_t t = 0; t < c->tree_count; t++) {
        const gr_cascade_tree *one = &c->trees[t];
        if (one->first_node != node || one->node_count < 1 || one->node_count > GR_CASCADE_NODES ||
            one->node_count > c->node_count - node)
            return gr_fail(err, GR_INVALID, "tree %lld has %d nodes, 1 to %d would be right", (long long)t, one->node_count,
                           GR_CASCADE_NODES);
        node += one->node_count;
        gr_status status = check_tree(c, t, err);
        if (status != GR_OK)
            return status;
    }
    return node == c->node_count ? GR_OK : gr_fail(err, GR_INVALID, "some nodes belong to no tree");
}

gr_status gr_cascade_check(const gr_cascade *c, gr_error *err)
{
    if (c->width < 3 || c->height < 3 || c->width > GR_CASCADE_SIDE || c->height > GR_CASCADE_SIDE)
        return gr_fail(err, GR_INVALID, "a window of %d x %d pixels; sides of 3 to %d would be right", c->width, c->height,
                       GR_CASCADE_SIDE);
    const int64_t counts[] = {c->stage_count, c->tree_count, c->node_count, c->feature_count};
    static const char *const names[] = {"stages", "trees", "nodes", "features"};
    for (int i = 0; i < 4; i++)
        if (counts[i] < 1 || counts[i] > GR_CASCADE_ITEMS)
            return gr_fail(err, GR_INVALID, "%lld %s; 1 to %d would be right", (long long)counts[i], names[i],
                           GR_CASCADE_ITEMS);
    gr_status status = check_features(c, err);
    return status == GR_OK ? check_stages(c, err) : status;
}
