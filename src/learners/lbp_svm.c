/* The learner without a network: histograms of local binary patterns and a linear support vector machine. There are no epochs, so
 * a fold is trained whole or not at all. */

#include <string.h>

#include "grimace/lbp.h"
#include "learners/fold.h"
#include "learners/learner.h"
#include "learners/lbp_svm_models.h"
#include "learners/lbp_svm_vector.h"

/* Numbers of one image at most: a vector of 4 MiB. */
static const size_t most_features = 1 << 20;

/* The vectors of all images that a fold uses, made once and read by every fold. */
typedef struct lbp_vectors {
    size_t features;
    float *vectors; /* [manifest.rows, features] */
} lbp_vectors;

/* ---- vectors ---------------------------------------------------------------------------------------------------------- */

static gr_lbp lbp_of(const gr_recipe *recipe)
{
    gr_lbp lbp = {.radius = recipe->model.lbp.radius, .points = recipe->model.lbp.points, .grid = recipe->model.lbp.grid};
    (void)gr_lbp_method_of(recipe->model.lbp.method, &lbp.method); /* the config's names are these */
    return lbp;
}

static gr_status check(const gr_cohort *e, gr_error *err)
{
    const gr_recipe *recipe = &e->recipe;
    gr_lbp lbp = lbp_of(recipe);
    if (e->manifest.class_count != 2)
        return gr_recipe_fail(recipe, "model.classic", err, "lbp_svm tells two classes apart, the data have %d",
                              e->manifest.class_count);
    if (lbp.grid > recipe->data.image.size)
        return gr_recipe_fail(recipe, "model.lbp.grid", err, "is %d, more than the %d pixels of data.image.size", lbp.grid,
                              recipe->data.image.size);
    if (gr_lbp_features(&lbp) > most_features)
        return gr_recipe_fail(recipe, "model.lbp.points", err,
                              "makes %zu numbers of an image, at most %zu would be right: fewer points or cells, or method "
                              "uniform",
                              gr_lbp_features(&lbp), most_features);
    return GR_OK;
}

/* Pixels / 255 as one grey channel, which is exact: the bytes come back by rounding. */
static gr_status grey_loader(const gr_cohort *e, gr_loader **out, gr_error *err)
{
    const gr_recipe *recipe = &e->recipe;
    gr_loader_options options = {.samples = e->samples,
                                 .count = e->manifest.rows,
                                 .size = recipe->data.image.size,
                                 .channels = 1,
                                 .mean = {0, 0, 0},
                                 .std = {1, 1, 1},
                                 .transforms = recipe->data.eval_transforms.items,
                                 .transform_count = recipe->data.eval_transforms.count,
                                 .transforms_key = "data.eval_transforms",
                                 .cutter = e->cutter,
                                 .fast_dct = strcmp(recipe->data.jpeg_dct, "fast") == 0,
                                 .seed = recipe->seed,
                                 .cache = e->cache,
                                 .threads = recipe->data.workers};
    gr_status status = gr_loader_create(&options, out, err);
    if (status == GR_INVALID)
        gr_error_prefix(err, "%s", recipe->where(recipe->source, "data.eval_transforms"));
    return status;
}

static gr_status make_vectors(const gr_cohort *e, const gr_hooks *hooks, gr_loader *loader, const int64_t *rows,
                              int64_t count, uint8_t *grey, lbp_vectors *out, gr_error *err)
{
    gr_lbp lbp = lbp_of(&e->recipe);
    int side = e->recipe.data.image.size;
    gr_status status = gr_loader_start(loader, 0, rows, count, 16, false, err);
    for (int64_t done = 0; status == GR_OK && done < count;) {
        const float *pixels;
        const int64_t *indices;
        int64_t n = 0;
        if (gr_hooks_stopped(hooks))
            return gr_fail(err, GR_INTERRUPTED, "stopped before training began");
        status = gr_loader_next(loader, &pixels, &indices, &n, err);
        for (int64_t i = 0; status == GR_OK && i < n; i++)
            status = gr_lbp_svm_vector(pixels + i * side * side, side, &lbp, grey,
                                       out->vectors + (size_t)indices[i] * out->features, err);
        done += n;
        if (status == GR_OK)
            gr_hooks_tell(hooks, &(gr_event){.kind = GR_EVENT_CHECKING, .step = done, .steps = count});
    }
    return status;
}

/* The rows that some fold uses. */
static int64_t used_rows(const gr_cohort *e, int64_t *rows)
{
    int64_t count = 0;
    for (int64_t r = 0; r < e->manifest.rows; r++) {
        bool used = false;
        for (int f = 0; !used && f < e->split.fold_count; f++)
            used = gr_fold_part(&e->split.folds[f], r) != GR_PART_NONE;
        if (used)
            rows[count++] = r;
    }
    return count;
}

static gr_status prepare(gr_learning *learning, gr_error *err)
{
    const gr_cohort *e = learning->cohort;
    lbp_vectors *out = learning->state;
    gr_status status = GR_OK;
    gr_lbp lbp = lbp_of(&e->recipe);
    size_t side = (size_t)e->recipe.data.image.size, floats;
    out->features = gr_lbp_features(&lbp);
    bool fits = gr_mul_size((size_t)e->manifest.rows, out->features, &floats);
    out->vectors = fits ? gr_alloc(floats, sizeof *out->vectors) : NULL;
    int64_t *rows = gr_alloc((size_t)e->manifest.rows, sizeof *rows);
    uint8_t *grey = gr_alloc(side * side, 1);
    gr_loader *loader = NULL;
    if (out->vectors == NULL || rows == NULL || grey == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for %zu numbers of each of %lld images", out->features,
                         (long long)e->manifest.rows);
    if (status == GR_OK)
        status = grey_loader(e, &loader, err);
    if (status == GR_OK)
        status = make_vectors(e, learning->hooks, loader, rows, used_rows(e, rows), grey, out, err);
    gr_loader_destroy(loader);
    gr_free(rows);
    gr_free(grey);
    return status;
}

static gr_status open_vectors(gr_learning *learning, gr_error *err)
{
    gr_status status = check(learning->cohort, err);
    if (status == GR_OK && (learning->state = gr_alloc(1, sizeof(lbp_vectors))) == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for the vectors of images");
    return status;
}

static void close_vectors(gr_learning *learning)
{
    lbp_vectors *vectors = learning->state;
    if (vectors != NULL)
        gr_free(vectors->vectors);
    gr_free(vectors);
    learning->state = NULL;
}

static bool never_heavy(const gr_learning *learning)
{
    (void)learning;
    return false;
}

/* ---- a fold ----------------------------------------------------------------------------------------------------------- */

/* The training rows, balanced as the first epoch of a network would be. GIVES order and positive. */
static gr_status training_rows(const gr_learning *learning, int fold, int64_t **order, bool **positive, int64_t *count,
                               gr_svm_options *svm, gr_error *err)
{
    const gr_cohort *e = learning->cohort;
    const gr_manifest *m = &e->manifest;
    int64_t train = gr_split_rows(&e->split, fold, GR_PART_TRAIN, NULL);
    int64_t *rows = gr_alloc((size_t)train, sizeof *rows);
    if (rows == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the rows of fold %s", e->split.folds[fold].name);
    gr_split_rows(&e->split, fold, GR_PART_TRAIN, rows);
    *count = gr_epoch_length(rows, train, m->labels, m->class_count, e->balance);
    *order = gr_alloc((size_t)*count, sizeof **order);
    *positive = gr_alloc((size_t)*count, sizeof **positive);
    gr_status status = *order != NULL && *positive != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a fold");
    if (status == GR_OK)
        status = gr_epoch_order(rows, train, m->labels, m->class_count, e->balance, false, e->recipe.seed, 0, *order, err);
    for (int64_t i = 0; status == GR_OK && i < *count; i++)
        (*positive)[i] = m->labels[(*order)[i]] == 1;
    *svm = (gr_svm_options){.c = e->recipe.model.svm.c, .class_weights = {1, 1}};
    if (status == GR_OK && e->balance == GR_BALANCE_CLASS_WEIGHT) {
        float weights[2];
        gr_class_weights(rows, train, m->labels, 2, weights);
        svm->class_weights[0] = (double)weights[0];
        svm->class_weights[1] = (double)weights[1];
    }
    gr_free(rows);
    return status;
}

static gr_status train(const gr_learning *learning, int fold, gr_svm *svm, gr_error *err)
{
    int64_t *order = NULL, count = 0;
    bool *positive = NULL;
    gr_svm_options options;
    gr_status status = training_rows(learning, fold, &order, &positive, &count, &options, err);
    if (status == GR_OK) {
        const lbp_vectors *c = learning->state;
        status = gr_svm_train(c->vectors, c->features, order, positive, count, &options, svm, err);
        if (status == GR_INVALID)
            gr_error_prefix(err, "fold %s", learning->cohort->split.folds[fold].name);
    }
    gr_free(order);
    gr_free(positive);
    return status;
}

/* Those of the rows of a part. */
static void answer(const gr_learning *learning, int fold, gr_part part, const gr_svm *svm, float *probabilities)
{
    const gr_cohort *e = learning->cohort;
    const lbp_vectors *vectors = learning->state;
    float *p = probabilities;
    for (int64_t r = 0; r < e->manifest.rows; r++)
        if (gr_fold_part(&e->split.folds[fold], r) == part) {
            gr_lbp_svm_probabilities(svm, vectors->vectors + (size_t)r * svm->features, p);
            p += 2;
        }
}

/* What the model file says of itself. */
static gr_card card_of(const gr_cohort *e, const gr_lbp *lbp)
{
    const gr_recipe *recipe = &e->recipe;
    return (gr_card){.classic = recipe->model.classic,
                     .lbp = lbp,
                     .task = recipe->task,
                     .model = {.size = recipe->data.image.size, .channels = 1, .classes = e->manifest.class_count},
                     .classes = e->manifest.classes,
                     .mean = {0, 0, 0},
                     .std = {1, 1, 1},
                     .transforms = recipe->data.eval_transforms.items,
                     .transform_count = recipe->data.eval_transforms.count};
}

/* probabilities: of the test part, then of the validation part. */
static gr_status save(const gr_learning *learning, int fold, const gr_svm *svm, float *probabilities, gr_error *err)
{
    char *model = gr_fold_path(learning, fold, "model.safetensors"), *checkpoint = gr_fold_path(learning, fold, "checkpoint");
    gr_weights *weights = gr_weights_create();
    gr_status status = GR_OK;
    if (model == NULL || checkpoint == NULL || weights == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory to save a fold");
    if (status == GR_OK)
        status = gr_weights_add(weights, "svm.weight", GR_F32, &(gr_shape){.rank = 1, .dim = {(int64_t)svm->features}},
                                svm->weights, err);
    if (status == GR_OK)
        status = gr_weights_add(weights, "svm.bias", GR_F32, &(gr_shape){.rank = 1, .dim = {1}}, &svm->bias, err);
    gr_lbp lbp = lbp_of(&learning->cohort->recipe);
    gr_card card = card_of(learning->cohort, &lbp);
    card.crop = gr_cohort_crop(learning->cohort);
    card.guide = gr_cohort_guide(learning->cohort);
    card.fast_dct = strcmp(learning->cohort->recipe.data.jpeg_dct, "fast") == 0;
    card.file = model;
    if (status == GR_OK)
        status = gr_card_write(&card, weights, err);
    if (status == GR_OK)
        status = gr_weights_write(model, weights, err);
    int64_t rows = gr_split_rows(&learning->cohort->split, fold, GR_PART_TEST, NULL);
    int64_t held = gr_split_rows(&learning->cohort->split, fold, GR_PART_VAL, NULL);
    const gr_floats arrays[2] = {{.name = "test_probabilities", .data = probabilities, .count = (size_t)rows * 2},
                                 {.name = GR_FOLD_VALIDATION, .data = probabilities + 2 * rows, .count = (size_t)held * 2}};
    gr_progress progress = {.fingerprint = gr_fold_fingerprint(learning, fold), .finished = true, .metrics = ""};
    if (status == GR_OK)
        status = gr_checkpoint_write(checkpoint, &progress, arrays, held > 0 ? 2 : 1, err);
    gr_weights_destroy(weights);
    gr_free(model);
    gr_free(checkpoint);
    return status;
}

static gr_status fit(const gr_learning *learning, int fold, gr_error *err)
{
    const char *name = learning->cohort->split.folds[fold].name;
    if (gr_hooks_stopped(learning->hooks))
        return gr_fail(err, GR_INTERRUPTED, "stopped before fold %s", name);
    int64_t rows = gr_split_rows(&learning->cohort->split, fold, GR_PART_TEST, NULL);
    int64_t held = gr_split_rows(&learning->cohort->split, fold, GR_PART_VAL, NULL);
    float *probabilities = gr_alloc((size_t)(rows + held) * 2, sizeof *probabilities);
    if (probabilities == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the predictions of fold %s", name);
    gr_svm svm = {0};
    gr_status status = train(learning, fold, &svm, err);
    if (status == GR_OK) {
        answer(learning, fold, GR_PART_TEST, &svm, probabilities);
        answer(learning, fold, GR_PART_VAL, &svm, probabilities + 2 * rows);
        status = save(learning, fold, &svm, probabilities, err);
    }
    gr_svm_free(&svm);
    gr_free(probabilities);
    return status;
}

static const char *const tasks[] = {"classes", NULL};

const gr_learner gr_lbp_svm_learner = {
    .name = "lbp_svm",
    .tasks = tasks,
    .exports = (const char *const[]){"libsvm", NULL},
    .not_exported = "no network but local binary patterns and a support vector machine",
    .open = open_vectors,
    .close = close_vectors,
    .heavy = never_heavy,
    .prepare = prepare,
    .fit = fit,
    .predict = gr_lbp_svm_predict,
};
