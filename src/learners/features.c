/* Which features a run may use, and how those that are missing come about. */
#include "learners/features.h"

#include <stdlib.h>
#include <string.h>

#include "learners/extractor.h"
#include "kernels/kernels.h"
#include "learners/network.h"
#include "learners/target.h"

#define IMAGE_BYTES ((size_t)1 << 30)
static const double table_gb = 2;      /* a larger table would fill the memory: the backbone runs anew instead */
static const double save_seconds = 60; /* of computing between two writings of the cache */

enum { TRAINING, EVALUATION };

const gr_feature_table *gr_features_table(const gr_features *f, bool training)
{
    const gr_feature_table *table = &f->tables[training && !f->same ? TRAINING : EVALUATION];
    return f->frozen && table->rows > 0 ? table : NULL;
}

void gr_features_free(gr_features *f)
{
    gr_feature_table_free(&f->tables[TRAINING]);
    gr_feature_table_free(&f->tables[EVALUATION]);
    *f = (gr_features){0};
}

/* ---- what may be used --------------------------------------------------------------------------------------------- */

static const gr_transforms *transforms_of(const gr_recipe *recipe, int which)
{
    return which == TRAINING ? &recipe->data.train_transforms : &recipe->data.eval_transforms;
}

static bool are_same(const gr_transforms *a, const gr_transforms *b)
{
    bool same = a->count == b->count;
    for (int i = 0; same && i < a->count; i++)
        same = gr_transforms_equal(&a->items[i], &b->items[i]);
    return same;
}

/* All that the features of an image follow from, but the image: the network and its numbers, the preparation, and what
 * rounds in its own way. */
static uint64_t hash_backbone(const gr_recipe *c, const gr_model *model, const gr_params *initial, const gr_transforms *list)
{
    gr_text text = {0};
    const char *variant = c->model.variant != NULL ? c->model.variant : "torchvision";
    gr_text_printf(&text, "%s %s %s %s %s %.17g %d %d", GRIMACE_VERSION, gr_kernels_get()->isa, c->model.backbone, variant,
                     gr_value_name(model->head_input), c->model.width, c->data.image.size, c->data.image.channels);
    if (c->model.layers != NULL)
        gr_text_printf(&text, " %s", c->model.layers);
    if (strcmp(c->data.jpeg_dct, "fast") == 0)
        gr_text_printf(&text, " fast_dct");
    for (int i = 0; i < 3; i++)
        gr_text_printf(&text, " %.17g %.17g", c->data.image.mean[i], c->data.image.std[i]);
    for (int i = 0; i < list->count; i++) {
        const gr_transform *t = &list->items[i];
        gr_text_printf(&text, " %s %.17g %.17g", gr_transform_name(t->kind), t->a, t->b);
        if (t->c != 0 || t->d != 0)
            gr_text_printf(&text, " %.17g %.17g", t->c, t->d);
    }
    uint64_t hash = text.failed ? 0 : gr_hash(0, text.data, text.size);
    gr_text_free(&text);
    for (int i = 0; i < gr_graph_parameter_count(model->graph); i++) {
        const gr_parameter *p = gr_graph_parameter(model->graph, i);
        if (!gr_model_before_head(p->name))
            continue;
        hash = gr_hash(hash, p->name, strlen(p->name) + 1);
        hash = gr_hash(hash, initial->values + p->offset, p->count * sizeof(float));
    }
    return hash;
}

static uint64_t hash_list(const gr_cohort *e)
{
    uint64_t hash = 0;
    for (int64_t r = 0; r < e->manifest.rows; r++) {
        const gr_sample *s = &e->samples[r];
        hash = gr_hash(hash, s->path, strlen(s->path) + 1);
        if (s->has_box)
            hash = gr_hash(hash, s->box, sizeof s->box);
    }
    return hash;
}

/* The folder of the cache: the config's, or the user's own for such things; NULL: features are not kept, or no memory. */
static char *cache_folder(const gr_recipe *recipe)
{
    const char *where = recipe->train.feature_cache, *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (strcmp(where, "off") == 0)
        return NULL;
    if (strcmp(where, "auto") != 0)
        return gr_strdup(where);
    if (cache != NULL && cache[0] == '/')
        return gr_path_join(cache, "grimace/features");
    return home != NULL && home[0] == '/' ? gr_path_join(home, ".cache/grimace/features") : NULL;
}

static char *cache_path(const gr_recipe *recipe, uint64_t key)
{
    char name[40], *folder = cache_folder(recipe);
    snprintf(name, sizeof name, "%016llx.features", (unsigned long long)key);
    char *path = folder != NULL ? gr_path_join(folder, name) : NULL;
    gr_free(folder);
    return path;
}

/* Does the run read the features of this row from this table? */
static bool is_used(const gr_features *f, const gr_cohort *e, int which, int64_t row)
{
    for (int fold = 0; fold < e->split.fold_count; fold++) {
        gr_part part = gr_fold_part(&e->split.folds[fold], row);
        if (part != GR_PART_NONE && (f->same || (part == GR_PART_TRAIN) == (which == TRAINING)))
            return true;
    }
    return false;
}

/* 0 when the file cannot be read: whoever loads the image says so. */
static uint64_t hash_image(const gr_sample *sample)
{
    gr_error unused = {0};
    char *data = NULL;
    size_t size = 0;
    if (gr_file_read(sample->path, IMAGE_BYTES, &data, &size, &unused) != GR_OK)
        return 0;
    uint64_t hash = gr_hash(0, data, size);
    hash = gr_hash(hash, &size, sizeof size);
    if (sample->has_box)
        hash = gr_hash(hash, sample->box, sizeof sample->box);
    gr_free(data);
    return hash;
}

/* Fills the table as far as the cache goes. */
static gr_status look_up(gr_features *f, const gr_cohort *e, int which, int64_t *damaged, gr_error *err)
{
    gr_feature_table *t = &f->tables[which];
    *damaged = 0;
    for (int64_t r = 0; r < t->rows; r++)
        if (!t->have[r] && is_used(f, e, which, r))
            t->images[r] = hash_image(&e->samples[r]);
    return t->path != NULL ? gr_feature_file_read(t, damaged, err) : GR_OK;
}

/* Why a table of these images cannot be; NULL: it can. */
static const char *reason_against(const gr_features *f, const gr_cohort *e, int which)
{
    const gr_transforms *list = transforms_of(&e->recipe, which);
    if (strcmp(e->recipe.train.feature_cache, "off") == 0 && !f->needed)
        return "train.feature_cache is off";
    if (e->target->placed)
        return "landmarks move with the images that are cut";
    if (gr_transforms_fixed(list->items, list->count) < list->count)
        return which == TRAINING ? "data.train_transforms draws at random" : "data.eval_transforms draws at random";
    if ((double)f->width * (double)e->manifest.rows * sizeof(float) > table_gb * 1e9)
        return "they would take more than 2 GB of memory";
    return NULL;
}

static gr_status open_table(gr_features *f, const gr_cohort *e, const gr_model *model, const gr_params *initial,
                            int which, gr_error *err)
{
    gr_feature_table *t = &f->tables[which];
    const char *why = reason_against(f, e, which);
    bool wanted = why == NULL && (which == EVALUATION || !f->same);
    if (why != NULL && (which == TRAINING || f->same))
        f->why = why;
    uint64_t key = wanted ? hash_backbone(&e->recipe, model, initial, transforms_of(&e->recipe, which)) : 0;
    key ^= wanted && e->cutter != NULL ? e->cutter->key : 0;
    for (int64_t r = 0; wanted && e->upright != NULL && r < e->manifest.rows; r++)
        key = gr_hash(key, &e->samples[r].map, sizeof e->samples[r].map);
    uint64_t list = wanted ? hash_list(e) : 0;
    char *path = wanted ? cache_path(&e->recipe, key) : NULL;
    if (!wanted || t->rows != e->manifest.rows || t->key != key || t->list != list)
        gr_feature_table_free(t);
    gr_status status = wanted && t->rows == 0 ? gr_feature_table_create(e->manifest.rows, f->width, t, err) : GR_OK;
    if (!wanted || status != GR_OK) {
        gr_free(path);
        return status;
    }
    int64_t damaged;
    gr_free(t->path);
    t->path = path;
    t->key = key;
    t->list = list;
    return look_up(f, e, which, &damaged, err);
}

gr_status gr_features_find(gr_features *f, const gr_cohort *e, const gr_params *initial, gr_error *err)
{
    const gr_recipe *recipe = &e->recipe;
    const char *where = recipe->train.feature_cache;
    if (strcmp(where, "off") != 0 && strcmp(where, "auto") != 0 && gr_path_exists(where) && !gr_is_folder(where))
        return gr_recipe_fail(recipe, "train.feature_cache", err, "%s is no folder; a folder, auto or off would be right",
                              where);
    gr_network network;
    gr_status status = gr_network_build(recipe, e->target->outputs(&e->manifest), NULL, &network, err);
    if (status != GR_OK)
        return status;
    const gr_value *input = network.model->head_input;
    gr_shape shape = input != NULL ? gr_value_shape(input) : (gr_shape){0};
    f->frozen = input != NULL && recipe->model.freeze.count > 0 && network.model->aux == NULL &&
                gr_network_backbone_frozen(&network);
    f->same = are_same(transforms_of(recipe, TRAINING), transforms_of(recipe, EVALUATION));
    f->width = (size_t)gr_shape_elements(&shape);
    f->why = NULL;
    for (int which = TRAINING; status == GR_OK && which <= EVALUATION; which++) {
        if (f->frozen)
            status = open_table(f, e, network.model, initial, which, err);
        else
            gr_feature_table_free(&f->tables[which]);
    }
    gr_network_destroy(&network);
    return status;
}

bool gr_features_missing(const gr_features *f, const gr_cohort *e)
{
    for (int which = TRAINING; which <= EVALUATION; which++)
        for (int64_t r = 0; f->frozen && f->tables[which].path != NULL && r < f->tables[which].rows; r++)
            if (!f->tables[which].have[r] && is_used(f, e, which, r))
                return true;
    return false;
}

/* ---- what is missing ---------------------------------------------------------------------------------------------- */

typedef struct work {
    gr_features *features;
    const gr_cohort *cohort;
    gr_params *initial;
    const gr_hooks *hooks;
    int which;
    int64_t *missing; /* rows */
    int64_t count;
} work;

static void tell(const work *w, gr_event_kind kind, const char *text, int64_t step)
{
    gr_hooks_tell(w->hooks, &(gr_event){.kind = kind, .text = text, .step = step, .steps = w->count, .seconds_left = -1});
}

static int64_t count_used(const work *w)
{
    int64_t used = 0;
    for (int64_t r = 0; r < w->features->tables[w->which].rows; r++)
        used += is_used(w->features, w->cohort, w->which, r);
    return used;
}

static void list_missing(work *w)
{
    const gr_feature_table *t = &w->features->tables[w->which];
    w->count = 0;
    for (int64_t r = 0; r < t->rows; r++)
        if (!t->have[r] && is_used(w->features, w->cohort, w->which, r))
            w->missing[w->count++] = r;
}

/* Writes the table; where that fails says so, once, and does without. */
static void save(work *w)
{
    gr_feature_table *t = &w->features->tables[w->which];
    gr_error why = {0};
    if (t->path == NULL || gr_feature_file_write(t, &why) == GR_OK)
        return;
    char text[600];
    snprintf(text, sizeof text, "features of the frozen backbone are not kept for other runs: %.500s", why.text);
    tell(w, GR_EVENT_NOTICE, text, 0);
    gr_free(t->path);
    t->path = NULL;
}

static gr_status next_rows(work *w, gr_loader *loader, gr_extractor *extractor, float *out, int64_t *done, gr_error *err)
{
    gr_feature_table *t = &w->features->tables[w->which];
    const float *pixels;
    const int64_t *rows;
    int64_t n;
    if (gr_hooks_stopped(w->hooks))
        return gr_fail(err, GR_INTERRUPTED, "stopped before training began");
    gr_status status = gr_loader_next(loader, &pixels, &rows, &n, err);
    if (status != GR_OK)
        return status;
    gr_extractor_run(extractor, pixels, n, out);
    for (int64_t i = 0; i < n; i++) {
        memcpy(t->values + (size_t)rows[i] * t->width, out + (size_t)i * t->width, t->width * sizeof *out);
        t->have[rows[i]] = true;
    }
    *done += n;
    tell(w, GR_EVENT_FEATURES, NULL, *done);
    return GR_OK;
}

static gr_status run_rows(work *w, gr_loader *loader, gr_extractor *extractor, gr_error *err)
{
    int64_t done = 0;
    double saved = gr_seconds();
    float *out = gr_alloc(GR_EXTRACTOR_BATCH * w->features->width, sizeof *out);
    gr_status status = out != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for features");
    if (status == GR_OK)
        status = gr_loader_start(loader, 0, w->missing, w->count, GR_EXTRACTOR_BATCH, false, err);
    while (status == GR_OK && done < w->count) {
        status = next_rows(w, loader, extractor, out, &done, err);
        if (gr_seconds() - saved < save_seconds && done < w->count && status == GR_OK)
            continue;
        save(w);
        saved = gr_seconds();
    }
    gr_free(out);
    return status;
}

static gr_status compute(work *w, gr_error *err)
{
    gr_network network;
    gr_loader *loader = NULL;
    gr_extractor *extractor = NULL;
    gr_status status = gr_network_build(&w->cohort->recipe, w->cohort->target->outputs(&w->cohort->manifest), NULL, &network, err);
    if (status != GR_OK)
        return status;
    status = gr_extractor_create(network.model, w->initial, &extractor, err);
    if (status == GR_OK)
        status = gr_cohort_loader(w->cohort, w->which == TRAINING, &loader, err);
    if (status == GR_OK)
        status = run_rows(w, loader, extractor, err);
    gr_loader_destroy(loader);
    gr_extractor_destroy(extractor);
    gr_network_destroy(&network);
    return status;
}

/* One line on what this table gives, unless it was the last one. */
static void say(const work *w, int64_t damaged)
{
    gr_features *f = w->features;
    const gr_feature_table *t = &f->tables[w->which];
    int64_t used = count_used(w);
    gr_text text = {0};
    gr_text_printf(&text, "frozen backbone: %s the features of %lld%s images",
                     f->needed ? "the trees read" : "the head reads", (long long)used,
                     f->same                ? ""
                     : w->which == TRAINING ? " training"
                                            : " validation and test");
    if (w->count > 0)
        gr_text_printf(&text, ", %lld of them to be computed", (long long)w->count);
    gr_text_printf(&text, "; they are kept in %s", t->path != NULL ? t->path : "memory for this run alone");
    if (damaged > 0)
        gr_text_printf(&text, ", where %lld entries were damaged", (long long)damaged);
    if (!text.failed && strcmp(f->said, text.data) != 0) {
        tell(w, GR_EVENT_NOTICE, text.data, 0);
        snprintf(f->said, sizeof f->said, "%s", text.data);
    }
    gr_text_free(&text);
}

static void say_why_not(const work *w)
{
    gr_features *f = w->features;
    char text[256];
    snprintf(text, sizeof text, "frozen backbone: runs anew for every%s image of every epoch, for %s",
             f->same || w->features->tables[EVALUATION].rows == 0 ? "" : " training", f->why);
    if (strcmp(f->said, text) == 0)
        return;
    tell(w, GR_EVENT_NOTICE, text, 0);
    snprintf(f->said, sizeof f->said, "%s", text);
}

/* Whoever comes second waits and finds what the first one computed. */
static gr_status fill_table(work *w, gr_error *err)
{
    gr_feature_table *t = &w->features->tables[w->which];
    int lock = -1;
    bool waited = false;
    int64_t damaged = 0;
    gr_status status = GR_OK;
    list_missing(w);
    if (w->count > 0 && t->path != NULL)
        status = gr_feature_file_lock(t->path, w->hooks->stop, &lock, &waited, err);
    if (status == GR_OK && w->count > 0)
        status = look_up(w->features, w->cohort, w->which, &damaged, err);
    list_missing(w);
    if (status == GR_OK)
        say(w, damaged);
    if (status == GR_OK && w->count > 0)
        status = compute(w, err);
    gr_feature_file_unlock(lock);
    return status;
}

gr_status gr_features_complete(gr_features *f, const gr_cohort *e, gr_params *initial, const gr_hooks *hooks,
                               gr_error *err)
{
    if (!f->frozen)
        return GR_OK;
    work w = {.features = f, .cohort = e, .initial = initial, .hooks = hooks};
    w.missing = gr_alloc((size_t)e->manifest.rows, sizeof *w.missing);
    gr_status status = w.missing != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a list of images");
    if (status == GR_OK && f->why != NULL)
        say_why_not(&w);
    for (w.which = TRAINING; status == GR_OK && w.which <= EVALUATION; w.which++)
        if (f->tables[w.which].rows > 0)
            status = fill_table(&w, err);
    gr_free(w.missing);
    return status;
}
