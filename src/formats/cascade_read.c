/* OpenCV's XML of a cascade, read element by element. Two formats: that of opencv_traincascade, whose trees name features of
 * one list, and that of opencv_haartraining, where each node has its own. Texts are kept as numbers until the end, for
 * nothing says that the kind of features stands in front of the trees. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "formats/cascade.h"
#include "formats/xml.h"

typedef struct raw_tree {
    int64_t nodes, node_numbers, leaves, leaf_numbers; /* where they begin in `numbers`, and how many */
    int64_t line;
} raw_tree;

typedef struct pile {
    void *data;
    int64_t count, capacity;
} pile;

typedef struct reader {
    const char *path;
    bool begun, ended, old, haar, lbp;
    gr_cascade cascade;
    pile stages, trees, features; /* gr_cascade_stage, raw_tree, gr_cascade_feature */
    pile nodes, leaves;           /* double */
    int64_t stage_line, categories, stages_told, trees_told;
    bool has_stages, has_threshold; /* the second: of the stage under way */
    double node[4];                 /* of the old format: left, right, feature, threshold */
    int node_parts;                 /* bits: which of them are there */
} reader;

static gr_status refuse(const reader *r, const gr_xml_element *e, const char *what, gr_error *err)
{
    return gr_fail(err, GR_INVALID, "%s:%lld: %.40s: %s", r->path, (long long)e->line, e->name, what);
}

static gr_status push(pile *p, const void *item, size_t size, gr_error *err)
{
    if (p->count == p->capacity) {
        int64_t capacity = p->capacity == 0 ? 64 : 2 * p->capacity;
        void *data = gr_realloc(p->data, (size_t)capacity, size);
        if (data == NULL)
            return gr_fail(err, GR_NOMEM, "no memory for a cascade");
        p->data = data;
        p->capacity = capacity;
    }
    memcpy((char *)p->data + (size_t)p->count++ * size, item, size);
    return GR_OK;
}

static void *last(const pile *p, size_t size)
{
    return (char *)p->data + (size_t)(p->count - 1) * size;
}

/* The next number of a text; false at its end. */
static bool next_number(const char **text, double *out, bool *wrong)
{
    char word[64];
    const char *at = *text + strspn(*text, " \t\r\n");
    size_t length = strcspn(at, " \t\r\n");
    *text = at + length;
    if (length == 0)
        return false;
    *wrong = length >= sizeof word;
    if (!*wrong) {
        memcpy(word, at, length);
        word[length] = '\0';
        *wrong = !gr_parse_double(word, out);
    }
    return true;
}

/* All numbers of a text to numbers[most]; how many there are goes to *count. */
static gr_status read_numbers(const reader *r, const gr_xml_element *e, const char *text, double *numbers, int most,
                              int *count, gr_error *err)
{
    double value = 0;
    bool wrong = false;
    *count = 0;
    while (next_number(&text, &value, &wrong)) {
        if (wrong)
            return refuse(r, e, "has what is no finite number", err);
        if (*count == most)
            return refuse(r, e, "has more numbers than belong there", err);
        numbers[(*count)++] = value;
    }
    return GR_OK;
}

static gr_status read_one(const reader *r, const gr_xml_element *e, const char *text, double *out, gr_error *err)
{
    int count;
    gr_status status = read_numbers(r, e, text, out, 1, &count, err);
    return status != GR_OK || count == 1 ? status : refuse(r, e, "is empty, a number would be right", err);
}

static bool is_whole(double x, double least, double most)
{
    return x >= least && x <= most && x == floor(x);
}

static gr_status read_whole(const reader *r, const gr_xml_element *e, const char *text, int64_t *out, gr_error *err)
{
    double value = 0;
    gr_status status = read_one(r, e, text, &value, err);
    if (status == GR_OK && !is_whole(value, 0, GR_CASCADE_ITEMS))
        return refuse(r, e, "is no whole number from 0 to 4194304", err);
    *out = (int64_t)value;
    return status;
}

static gr_status push_numbers(const reader *r, const gr_xml_element *e, const char *text, pile *to, gr_error *err)
{
    double value = 0;
    bool wrong = false;
    gr_status status = GR_OK;
    while (status == GR_OK && next_number(&text, &value, &wrong))
        status = wrong ? refuse(r, e, "has what is no finite number", err) : push(to, &value, sizeof value, err);
    return status;
}

/* ---- what is opened --------------------------------------------------------------------------------------------------- */

static gr_status open_stage(reader *r, const gr_xml_element *e, gr_error *err)
{
    gr_cascade_stage stage = {.first_tree = r->trees.count};
    r->stage_line = e->line;
    r->has_threshold = false;
    r->trees_told = -1;
    return push(&r->stages, &stage, sizeof stage, err);
}

static gr_status open_tree(reader *r, const gr_xml_element *e, gr_error *err)
{
    raw_tree tree = {.nodes = r->nodes.count, .leaves = r->leaves.count, .line = e->line};
    return push(&r->trees, &tree, sizeof tree, err);
}

static gr_status open_feature(reader *r, gr_error *err)
{
    gr_cascade_feature feature = {0};
    return push(&r->features, &feature, sizeof feature, err);
}

static bool is_item(const gr_xml_element *e, int depth, const char *parent)
{
    return e->depth == depth && strcmp(e->name, "_") == 0 && strcmp(e->parent, parent) == 0;
}

static gr_status on_open(void *ctx, const gr_xml_element *e, gr_error *err)
{
    reader *r = ctx;
    if (e->depth == 1 && strcmp(e->name, "opencv_storage") != 0)
        return gr_fail(err, GR_INVALID, "%s:%lld: begins with <%.40s>, an OpenCV cascade's <opencv_storage> would be right",
                       e->path, (long long)e->line, e->name);
    if (e->depth == 2 && r->begun)
        r->ended = true; /* OpenCV reads the first */
    if (r->ended)
        return GR_OK;
    if (e->depth == 2) {
        const char *type = gr_xml_attribute(e, "type_id");
        r->begun = true;
        r->old = type != NULL && strcmp(type, "opencv-haar-classifier") == 0;
        r->haar = r->old;
    }
    if (e->depth == 3 && strcmp(e->name, "stages") == 0)
        r->has_stages = true;
    if (is_item(e, 4, "stages"))
        return open_stage(r, e, err);
    if (r->stages.count > 0 && is_item(e, 6, r->old ? "trees" : "weakClassifiers"))
        return open_tree(r, e, err);
    if (!r->old && is_item(e, 4, "features"))
        return open_feature(r, err);
    if (r->old && r->trees.count > 0 && is_item(e, 7, "_")) {
        r->node_parts = 0;
        r->node[2] = (double)r->features.count;
        return open_feature(r, err);
    }
    return GR_OK;
}

/* ---- what is closed --------------------------------------------------------------------------------------------------- */

static gr_status close_rect(reader *r, const gr_xml_element *e, const char *text, int numbers, gr_error *err)
{
    double value[5] = {0, 0, 0, 0, 1};
    int count;
    gr_status status = read_numbers(r, e, text, value, numbers, &count, err);
    if (status != GR_OK)
        return status;
    if (count != numbers)
        return refuse(r, e,
                      numbers == 5 ? "x, y, width, height and weight of a rectangle would be right"
                                   : "x, y, width and height of a block would be right",
                      err);
    for (int i = 0; i < 4; i++)
        if (!is_whole(value[i], 0, GR_CASCADE_SIDE))
            return refuse(r, e, "has a rectangle that is not of whole numbers from 0 to 1024", err);
    gr_cascade_feature *f = last(&r->features, sizeof *f);
    if (f->count == GR_CASCADE_RECTS)
        return refuse(r, e, "is the fourth rectangle of a feature, at most 3 would be right", err);
    f->rects[f->count++] = (gr_cascade_rect){(int)value[0], (int)value[1], (int)value[2], (int)value[3], (float)value[4]};
    return GR_OK;
}

static gr_status close_tilted(reader *r, const gr_xml_element *e, const char *text, gr_error *err)
{
    int64_t tilted = 0;
    gr_status status = read_whole(r, e, text, &tilted, err);
    ((gr_cascade_feature *)last(&r->features, sizeof(gr_cascade_feature)))->tilted = tilted != 0;
    return status;
}

static gr_status close_stage(reader *r, const gr_xml_element *e, gr_error *err)
{
    gr_cascade_stage *stage = last(&r->stages, sizeof *stage);
    stage->tree_count = r->trees.count - stage->first_tree;
    if (!r->has_threshold)
        return refuse(r, e, "a stage has no threshold", err);
    if (stage->tree_count == 0)
        return refuse(r, e, "a stage has no trees", err);
    if (r->trees_told >= 0 && r->trees_told != stage->tree_count)
        return gr_fail(err, GR_INVALID, "%s:%lld: maxWeakCount: says %lld trees, the stage has %lld", r->path,
                       (long long)r->stage_line, (long long)r->trees_told, (long long)stage->tree_count);
    return GR_OK;
}

static gr_status close_threshold(reader *r, const gr_xml_element *e, const char *text, gr_error *err)
{
    double value = 0;
    gr_status status = read_one(r, e, text, &value, err);
    r->has_threshold = true;
    ((gr_cascade_stage *)last(&r->stages, sizeof(gr_cascade_stage)))->threshold = (float)value;
    return status;
}

static gr_status close_kind(reader *r, const gr_xml_element *e, const char *text, gr_error *err)
{
    r->haar = strcmp(text, "HAAR") == 0;
    r->lbp = strcmp(text, "LBP") == 0;
    if (strcmp(text, "HOG") == 0)
        return refuse(r, e, "is HOG, whose cascades OpenCV itself reads no more since 3.0; HAAR or LBP would be right", err);
    if (!r->haar && !r->lbp)
        return gr_fail(err, GR_INVALID, "%s:%lld: featureType: is '%.40s', HAAR or LBP would be right", r->path,
                       (long long)e->line, text);
    return GR_OK;
}

static gr_status close_top(reader *r, const gr_xml_element *e, const char *text, gr_error *err)
{
    int64_t value = 0;
    if (strcmp(e->name, "stageType") == 0)
        return strcmp(text, "BOOST") == 0 ? GR_OK : refuse(r, e, "BOOST would be right", err);
    if (strcmp(e->name, "featureType") == 0)
        return close_kind(r, e, text, err);
    if (strcmp(e->name, "stageNum") == 0)
        return read_whole(r, e, text, &r->stages_told, err);
    bool width = strcmp(e->name, "width") == 0;
    if (!width && strcmp(e->name, "height") != 0)
        return GR_OK;
    gr_status status = read_whole(r, e, text, &value, err);
    if (status == GR_OK && (value < 3 || value > GR_CASCADE_SIDE))
        return refuse(r, e, "is no side of 3 to 1024 pixels", err);
    *(width ? &r->cascade.width : &r->cascade.height) = (int)value;
    return status;
}

static gr_status close_new(reader *r, const gr_xml_element *e, const char *text, gr_error *err)
{
    if (e->depth == 3)
        return close_top(r, e, text, err);
    if (e->depth == 4 && strcmp(e->name, "maxCatCount") == 0)
        return read_whole(r, e, text, &r->categories, err);
    if (is_item(e, 4, "stages"))
        return close_stage(r, e, err);
    if (e->depth == 5 && r->stages.count > 0 && strcmp(e->name, "stageThreshold") == 0)
        return close_threshold(r, e, text, err);
    if (e->depth == 5 && r->stages.count > 0 && strcmp(e->name, "maxWeakCount") == 0)
        return read_whole(r, e, text, &r->trees_told, err);
    if (e->depth == 7 && r->trees.count > 0 && strcmp(e->name, "internalNodes") == 0)
        return push_numbers(r, e, text, &r->nodes, err);
    if (e->depth == 7 && r->trees.count > 0 && strcmp(e->name, "leafValues") == 0)
        return push_numbers(r, e, text, &r->leaves, err);
    if (r->features.count > 0 && e->depth == 5 && strcmp(e->name, "rect") == 0)
        return close_rect(r, e, text, 4, err);
    if (r->features.count > 0 && is_item(e, 6, "rects"))
        return close_rect(r, e, text, 5, err);
    if (r->features.count > 0 && e->depth == 5 && strcmp(e->name, "tilted") == 0)
        return close_tilted(r, e, text, err);
    return GR_OK;
}

/* A leaf's number is how many the tree has already, as OpenCV counts them when it converts the old format. */
static gr_status close_branch(reader *r, const gr_xml_element *e, const char *text, gr_error *err)
{
    static const char *const names[] = {"left_val", "left_node", "right_val", "right_node", "threshold"};
    static const int places[] = {0, 0, 1, 1, 3};
    const raw_tree *tree = last(&r->trees, sizeof *tree);
    for (int i = 0; i < 5; i++) {
        double value = 0;
        if (strcmp(e->name, names[i]) != 0)
            continue;
        gr_status status = read_one(r, e, text, &value, err);
        if (status != GR_OK)
            return status;
        r->node_parts |= 1 << places[i];
        r->node[places[i]] = i == 0 || i == 2 ? -(double)(r->leaves.count - tree->leaves) : value;
        return i == 0 || i == 2 ? push(&r->leaves, &value, sizeof value, err) : GR_OK;
    }
    return GR_OK;
}

static gr_status close_old(reader *r, const gr_xml_element *e, const char *text, gr_error *err)
{
    if (e->depth == 3 && strcmp(e->name, "size") == 0) {
        double size[2] = {0, 0};
        int count;
        gr_status status = read_numbers(r, e, text, size, 2, &count, err);
        if (status == GR_OK &&
            (count != 2 || !is_whole(size[0], 3, GR_CASCADE_SIDE) || !is_whole(size[1], 3, GR_CASCADE_SIDE)))
            return refuse(r, e, "width and height of 3 to 1024 pixels would be right", err);
        r->cascade.width = (int)size[0];
        r->cascade.height = (int)size[1];
        return status;
    }
    if (is_item(e, 4, "stages"))
        return close_stage(r, e, err);
    if (e->depth == 5 && r->stages.count > 0 && strcmp(e->name, "stage_threshold") == 0)
        return close_threshold(r, e, text, err);
    if (r->trees.count == 0 || r->features.count == 0)
        return GR_OK;
    if (is_item(e, 10, "rects"))
        return close_rect(r, e, text, 5, err);
    if (e->depth == 9 && strcmp(e->name, "tilted") == 0)
        return close_tilted(r, e, text, err);
    if (e->depth == 8)
        return close_branch(r, e, text, err);
    if (!is_item(e, 7, "_"))
        return GR_OK;
    gr_status status = r->node_parts == 11 ? GR_OK : refuse(r, e, "a node has no threshold, or not both its sides", err);
    for (int i = 0; status == GR_OK && i < 4; i++)
        status = push(&r->nodes, &r->node[i], sizeof r->node[i], err);
    return status;
}

static gr_status on_close(void *ctx, const gr_xml_element *e, const char *text, gr_error *err)
{
    reader *r = ctx;
    gr_status status = r->ended || !r->begun ? GR_OK : r->old ? close_old(r, e, text, err) : close_new(r, e, text, err);
    if (r->trees.count > 0 && e->depth == 7) { /* what came belongs to the tree under way */
        raw_tree *tree = last(&r->trees, sizeof *tree);
        tree->node_numbers = r->nodes.count - tree->nodes;
        tree->leaf_numbers = r->leaves.count - tree->leaves;
    }
    return status;
}

/* ---- the end: what the numbers mean ----------------------------------------------------------------------------------- */

static gr_status make_node(const reader *r, const raw_tree *tree, const double *n, gr_cascade_node *node, gr_error *err)
{
    for (int i = 0; i < 3; i++)
        if (!is_whole(n[i], -GR_CASCADE_ITEMS, GR_CASCADE_ITEMS))
            return gr_fail(err, GR_INVALID, "%s:%lld: a tree's node has %g where whole numbers would be right", r->path,
                           (long long)tree->line, n[i]);
    *node = (gr_cascade_node){.left = (int)n[0], .right = (int)n[1], .feature = (int)n[2]};
    if (r->haar)
        node->threshold = (float)n[3];
    for (int i = 0; r->lbp && i < GR_CASCADE_SUBSET; i++) {
        if (!is_whole(n[3 + i], INT32_MIN, UINT32_MAX))
            return gr_fail(err, GR_INVALID, "%s:%lld: a tree's subset has %g where words of 32 bits would be right", r->path,
                           (long long)tree->line, n[3 + i]);
        node->subset[i] = (uint32_t)(int64_t)n[3 + i];
    }
    return GR_OK;
}

static gr_status make_trees(reader *r, gr_error *err)
{
    gr_cascade *c = &r->cascade;
    int64_t step = r->lbp ? 3 + GR_CASCADE_SUBSET : 4, node = 0;
    for (int64_t t = 0; t < c->tree_count; t++) {
        const raw_tree *tree = (const raw_tree *)r->trees.data + t;
        int64_t nodes = tree->node_numbers / step;
        if (nodes < 1 || nodes > GR_CASCADE_NODES || tree->node_numbers % step != 0 || tree->leaf_numbers != nodes + 1)
            return gr_fail(
                err, GR_INVALID,
                "%s:%lld: a tree has %lld numbers for its nodes and %lld leaves; %lld a node and a leaf more than nodes "
                "would be right",
                r->path, (long long)tree->line, (long long)tree->node_numbers, (long long)tree->leaf_numbers,
                (long long)step);
        c->trees[t] = (gr_cascade_tree){node, (int)nodes};
        for (int64_t n = 0; n < nodes; n++) {
            gr_status status =
                make_node(r, tree, (const double *)r->nodes.data + tree->nodes + n * step, &c->nodes[node + n], err);
            if (status != GR_OK)
                return status;
        }
        for (int64_t l = 0; l <= nodes; l++)
            c->leaves[node + t + l] = (float)((const double *)r->leaves.data)[tree->leaves + l];
        node += nodes;
    }
    return GR_OK;
}

/* The third rectangle of a feature counts where its weight does (OpenCV drops it below a float's epsilon in the old format).
 */
static void drop_rects(reader *r)
{
    for (int64_t i = 0; r->old && i < r->features.count; i++) {
        gr_cascade_feature *f = (gr_cascade_feature *)r->features.data + i;
        if (f->count == 3 && fabsf(f->rects[2].weight) < 1.1920929e-07f)
            f->count = 2;
    }
}

static gr_status finish(reader *r, gr_error *err)
{
    gr_cascade *c = &r->cascade;
    const char *missing = !r->begun                         ? "nothing is in it"
                          : !r->haar && !r->lbp             ? "has no featureType, HAAR or LBP would be right"
                          : c->width == 0 || c->height == 0 ? "has no width and height of its window"
                          : !r->has_stages                  ? "has no stages"
                                                            : NULL;
    if (missing != NULL)
        return gr_fail(err, GR_INVALID, "%s: %s: not a cascade of OpenCV's", r->path, missing);
    if (r->lbp && r->categories != 32 * GR_CASCADE_SUBSET)
        return gr_fail(err, GR_INVALID, "%s: maxCatCount: is %lld, LBP's 256 would be right", r->path,
                       (long long)r->categories);
    if (r->haar && r->categories != 0)
        return gr_fail(err, GR_INVALID, "%s: maxCatCount: is %lld, Haar features' 0 would be right", r->path,
                       (long long)r->categories);
    if (r->stages_told >= 0 && r->stages_told != r->stages.count)
        return gr_fail(err, GR_INVALID, "%s: stageNum: says %lld stages, %lld are there", r->path, (long long)r->stages_told,
                       (long long)r->stages.count);
    drop_rects(r);
    c->kind = r->lbp ? GR_CASCADE_LBP : GR_CASCADE_HAAR;
    c->stages = r->stages.data;
    c->stage_count = r->stages.count;
    c->features = r->features.data;
    c->feature_count = r->features.count;
    c->tree_count = r->trees.count;
    c->node_count = r->nodes.count / (r->lbp ? 3 + GR_CASCADE_SUBSET : 4);
    r->stages.data = r->features.data = NULL;
    c->trees = gr_alloc((size_t)c->tree_count, sizeof *c->trees);
    c->nodes = gr_alloc((size_t)c->node_count, sizeof *c->nodes);
    c->leaves = gr_alloc((size_t)(c->node_count + c->tree_count), sizeof *c->leaves);
    if (c->trees == NULL || c->nodes == NULL || c->leaves == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory for the cascade", r->path);
    gr_status status = make_trees(r, err);
    if (status == GR_OK && (status = gr_cascade_check(c, err)) != GR_OK)
        gr_error_prefix(err, "%s", r->path);
    return status;
}

/* bytes NULL: those of the file. */
static gr_status read_all(const char *path, const char *bytes, size_t size, gr_cascade *out, gr_error *err)
{
    reader r = {.path = path, .stages_told = -1, .trees_told = -1};
    gr_xml_handler handler = {&r, on_open, on_close};
    memset(out, 0, sizeof *out);
    gr_status status =
        bytes != NULL ? gr_xml_parse(path, bytes, size, &handler, err) : gr_xml_read(path, &handler, err);
    if (status == GR_OK)
        status = finish(&r, err);
    if (status == GR_OK)
        *out = r.cascade;
    else
        gr_cascade_free(&r.cascade);
    gr_free(r.stages.data);
    gr_free(r.features.data);
    gr_free(r.trees.data);
    gr_free(r.nodes.data);
    gr_free(r.leaves.data);
    return status;
}

gr_status gr_cascade_read(const char *path, gr_cascade *out, gr_error *err)
{
    return read_all(path, NULL, 0, out, err);
}

gr_status gr_cascade_parse(const char *name, const char *bytes, size_t size, gr_cascade *out, gr_error *err)
{
    return read_all(name, bytes, size, out, err);
}
