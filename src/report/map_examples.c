/* Examples of a run, found again in its manifest and explained by its models. */
#include "report/map_examples.h"

#include <math.h>
#include <string.h>

#include "data/manifest_points.h"
#include "explain/overlay.h"
#include "grimace/explain.h"
#include "grimace/manifest.h"

/* ---- where the pictures are ------------------------------------------------------------------------------------------- */

void gr_map_examples_add(gr_map_examples *e, int64_t row)
{
    if (e->count < GR_MAP_EXAMPLES)
        e->each[e->count++] = (gr_map_example){.row = row, .peak = {NAN, NAN}};
}

/* The landmarks of row `row`, for models that turn faces upright by them. */
static bool keep_points(gr_arena *arena, const float *points, int landmarks, int64_t row, gr_sample *s)
{
    float *own = landmarks > 0 ? gr_arena_alloc(arena, 2 * (size_t)landmarks, sizeof *own) : NULL;
    if (own != NULL)
        memcpy(own, points + row * 2 * landmarks, 2 * (size_t)landmarks * sizeof *own);
    s->points = own;
    s->point_count = landmarks;
    return landmarks == 0 || own != NULL;
}

gr_status gr_map_examples_find(const gr_run_files *run, gr_map_examples *e, gr_error *err)
{
    gr_manifest_options options = {.skip_files = true, .absent_files = true};
    if (run->config->data.manifest == NULL)
        return gr_fail(err, GR_INVALID, "no manifest is known");
    gr_manifest manifest = {0};
    gr_status status = gr_manifest_load(run->config->data.manifest, &options, &manifest, err);
    if (status != GR_OK)
        return status;
    int64_t *order = gr_names_sort(manifest.images, manifest.rows);
    int landmarks;
    float *points = gr_manifest_points(&manifest, &landmarks);
    e->arena = gr_arena_create();
    bool whole = order != NULL && e->arena != NULL && (landmarks == 0 || points != NULL);
    for (int i = 0; whole && i < e->count; i++) {
        int64_t at = gr_names_find(manifest.images, order, manifest.rows, run->table.images[e->each[i].row]);
        if (at < 0 || !gr_path_exists(manifest.paths[at]))
            continue;
        gr_sample *s = &e->each[i].sample;
        const gr_box *box = manifest.boxes != NULL ? &manifest.boxes[at] : NULL;
        s->path = gr_arena_strdup(e->arena, manifest.paths[at]);
        whole = s->path != NULL && keep_points(e->arena, points, landmarks, at, s);
        s->has_box = box != NULL && box->width > 0;
        if (s->has_box)
            memcpy(s->box, (double[4]){box->x, box->y, box->width, box->height}, sizeof s->box);
    }
    gr_free(order);
    gr_free(points);
    gr_manifest_free(&manifest);
    return whole ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the examples");
}

void gr_map_examples_free(gr_map_examples *e)
{
    for (int i = 0; e != NULL && i < e->count; i++) {
        gr_image_free(&e->each[i].picture);
        gr_free(e->each[i].map);
    }
    if (e != NULL)
        gr_arena_destroy(e->arena);
    gr_free(e);
}

/* ---- explaining ------------------------------------------------------------------------------------------------------- */

static gr_status hear(void *ctx, const gr_explanation *x, gr_error *err)
{
    gr_map_examples *e = ctx;
    if (x->problem != NULL || strcmp(x->fold, "all") == 0) /* models that trained on it would explain it, too */
        return GR_OK;
    gr_map_example *to = &e->each[e->told[x->sample]];
    size_t pixels = (size_t)x->size * (size_t)x->size;
    int64_t best = 0;
    gr_status status = gr_image_make(x->size, x->size, &to->picture, err);
    if (status != GR_OK || (to->map = gr_alloc(pixels, sizeof *to->map)) == NULL)
        return status != GR_OK ? status : gr_fail(err, GR_NOMEM, "no memory for a map");
    memcpy(to->picture.pixels, x->picture->pixels, 3 * pixels);
    memcpy(to->map, x->map, pixels * sizeof *to->map);
    for (size_t i = 1; i < pixels; i++)
        best = x->map[i] > x->map[best] ? (int64_t)i : best;
    to->size = x->size;
    to->sum = x->sum;
    to->peak[0] = ((double)(best % x->size) + 0.5) / x->size;
    to->peak[1] = ((double)(best / x->size) + 0.5) / x->size;
    e->largest = fmax(e->largest, gr_overlay_largest(x->map, (int64_t)pixels));
    e->is_signed = x->is_signed;
    return GR_OK;
}

gr_status gr_map_examples_explain(const gr_run_files *run, const char *method, gr_map_examples *e, gr_error *err)
{
    const gr_explain_options options = {.methods = &method, .method_count = 1};
    gr_explainer *explainer = NULL;
    gr_sample known[GR_MAP_EXAMPLES];
    int count = 0;
    for (int i = 0; i < e->count; i++)
        if (e->each[i].sample.path != NULL) {
            e->told[count] = i;
            known[count++] = e->each[i].sample;
        }
    gr_status status = gr_explainer_open(run->path, &options, &explainer, err);
    if (status == GR_OK)
        status = gr_explainer_run(explainer, known, count, hear, e, NULL, err);
    gr_explainer_close(explainer);
    return status;
}
