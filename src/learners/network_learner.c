/* The learner that is a network: every fold starts with the same parameters, and where the backbone is frozen reads features
 * that are computed once. */
#include <string.h>

#include "graph/blocks.h"
#include "learners/features.h"
#include "learners/learner.h"
#include "learners/network.h"
#include "learners/network_cost.h"
#include "learners/network_predict.h"
#include "learners/trainer.h"
#include "ops/batch_norm.h"

enum { MOST_INITIALS = 4 };

/* What the next run of this process need not make again: the initial parameters of the first few models (each is as large as
 * the model) and the last run's features. And memory in which folds are trained, one behind the other: pages that are new to the
 * process are slow. */
typedef struct memory {
    struct {
        uint64_t hash;
        gr_params *params;
    } initials[MOST_INITIALS];
    int count;
    gr_features features;
    gr_workspace *workspace; /* NULL: no fold was trained yet */
} memory;

typedef struct state {
    gr_params *initial;
    bool own; /* `initial` is not in the memory */
} state;

/* Keras's shifts are not what their names say. */
static void tell_shifts(const gr_transforms *list, void *hooks)
{
    for (int i = 0; i < list->count; i++) {
        const gr_transform *t = &list->items[i];
        if (t->kind == GR_TRANSFORM_KERAS_GENERATOR &&
            (t->more[GR_GENERATOR_WIDTH_SHIFT] != 0 || t->more[GR_GENERATOR_HEIGHT_SHIFT] != 0)) {
            gr_hooks_notice(
                hooks,
                "keras_generator: as in Keras, width_shift moves rows (up and down) by a share of the width, height_shift "
                "columns (to the sides) by a share of the height");
            return;
        }
    }
}

/* The initial parameters of every fold, and that the model is one that can be trained. */
static gr_status make_initial(const gr_learning *learning, gr_params **out, gr_error *err)
{
    gr_network network;
    const gr_recipe *recipe = &learning->cohort->recipe;
    void *hooks = (void *)(uintptr_t)learning->hooks; /* which the notices only read */
    *out = NULL;
    gr_status status = gr_network_create(recipe, learning->cohort->target->outputs(&learning->cohort->manifest), NULL, false,
                                         &network, err);
    if (status != GR_OK)
        return status;
    status = gr_network_pretrain(recipe, &network, gr_hooks_notice, hooks, err);
    if (status == GR_OK) {
        gr_network_tell_frozen(&network, gr_hooks_notice, hooks);
        tell_shifts(&recipe->data.train_transforms, hooks);
        *out = network.params;
        network.params = NULL;
    }
    gr_network_destroy(&network);
    return status;
}

/* Those of an earlier run with the same model, or new ones. */
static gr_status find_initial(const gr_learning *learning, memory *m, state *s, gr_error *err)
{
    gr_outputs outputs = learning->cohort->target->outputs(&learning->cohort->manifest);
    uint64_t hash = gr_hash(learning->cohort->recipe.model_stamp, &outputs, sizeof outputs);
    for (int i = 0; i < m->count; i++)
        if (m->initials[i].hash == hash) {
            s->initial = m->initials[i].params;
            return GR_OK;
        }
    gr_status status = make_initial(learning, &s->initial, err);
    s->own = status == GR_OK && m->count == MOST_INITIALS;
    if (status == GR_OK && !s->own) {
        m->initials[m->count].hash = hash;
        m->initials[m->count++].params = s->initial;
    }
    return status;
}

/* Of a single image a batch norm over a map of 1 x 1 makes 0 whatever the image: such a batch teaches nothing. */
static gr_status check_lonely(const gr_cohort *e, const char *norm, gr_error *err)
{
    int64_t batch = e->recipe.train.batch_size, *rows = gr_alloc((size_t)e->manifest.rows, sizeof *rows);
    if (rows == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a list of %lld images", (long long)e->manifest.rows);
    gr_status status = GR_OK;
    for (int f = 0; status == GR_OK && f < e->split.fold_count; f++) {
        int64_t count = gr_split_rows(&e->split, f, GR_PART_TRAIN, rows);
        int64_t length = gr_epoch_length(rows, count, e->manifest.labels, e->manifest.class_count, e->balance);
        if (batch == 1 && length > 0)
            status =
                gr_fail(err, GR_INVALID,
                        "is 1, but batch norm %s sees one number of each channel of an image and makes 0 of it whatever it "
                        "is; 2 or more, a larger data.image.size, or model.freeze would be right",
                        norm);
        else if (length % batch == 1 && !e->recipe.train.drop_last)
            status =
                gr_fail(err, GR_INVALID,
                        "is %lld, which leaves one image of the %lld of fold %s for the last batch: batch norm %s sees one "
                        "number of each channel of it and makes 0 of it whatever it is; another batch_size, "
                        "train.drop_last: true, or a larger data.image.size would be right",
                        (long long)batch, (long long)length, e->split.folds[f].name, norm);
    }
    gr_free(rows);
    return gr_recipe_blame(&e->recipe, "train.batch_size", status, err);
}

static gr_status check_batches(const gr_cohort *e, gr_error *err)
{
    gr_network network;
    gr_status status = gr_network_build(&e->recipe, e->target->outputs(&e->manifest), NULL, &network, err);
    const char *norm = status == GR_OK ? gr_batch_norm_of_one(network.model->graph) : NULL;
    if (norm != NULL)
        status = check_lonely(e, norm, err);
    gr_network_destroy(&network);
    return status;
}

/* Blocks of a batch, and whether the ranks can share them. */
static gr_status check_blocks(const gr_learning *learning, gr_error *err)
{
    const gr_recipe *recipe = &learning->cohort->recipe;
    int blocks = recipe->train.blocks, ranks = learning->peers != NULL ? learning->peers->count : 1;
    gr_status status = GR_OK;
    char may_share[64] = "1", up_to[16] = "";
    for (int n = 2; n < blocks; n *= 2)
        snprintf(may_share + strlen(may_share), sizeof may_share - strlen(may_share), ", %d", n);
    if (blocks > 1)
        snprintf(up_to, sizeof up_to, " or %d", blocks);
    if ((blocks & (blocks - 1)) != 0)
        status = gr_fail(err, GR_INVALID, "is %d; 1, 2, 4, 8, 16, 32 or 64 would be right", blocks);
    else if (blocks > recipe->train.batch_size)
        status = gr_fail(err, GR_INVALID,
                         "is %d, more than the %d images of a batch; a larger train.batch_size, or fewer blocks, would be right",
                         blocks, recipe->train.batch_size);
    else if (!gr_blocks_shared(blocks, ranks))
        status = gr_fail(err, GR_INVALID,
                         "is %d, and %d ranks cannot share so many blocks evenly; %s%s ranks would be right, or more blocks",
                         blocks, ranks, may_share, up_to);
    return gr_recipe_blame(recipe, "train.blocks", status, err);
}

static gr_status open_network(gr_learning *learning, gr_error *err)
{
    state *s = gr_alloc(1, sizeof *s);
    memory *m = *learning->memory != NULL ? *learning->memory : gr_alloc(1, sizeof *m);
    learning->state = s;
    *learning->memory = m;
    if (s == NULL || m == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a network");
    gr_status status = check_blocks(learning, err);
    if (status == GR_OK)
        status = find_initial(learning, m, s, err);
    if (status == GR_OK)
        status = check_batches(learning->cohort, err);
    if (status == GR_OK) {
        learning->parameters = s->initial->count;
        status = gr_features_find(&m->features, learning->cohort, s->initial, err);
    }
    return status;
}

static void close_network(gr_learning *learning)
{
    state *s = learning->state;
    if (s != NULL && s->own)
        gr_params_destroy(s->initial);
    gr_free(s);
    learning->state = NULL;
}

static void forget(void *kept)
{
    memory *m = kept;
    if (m == NULL)
        return;
    for (int i = 0; i < m->count; i++)
        gr_params_destroy(m->initials[i].params);
    gr_features_free(&m->features);
    gr_workspace_destroy(m->workspace);
    gr_free(m);
}

static gr_features *features_of(const gr_learning *learning)
{
    return &((memory *)*learning->memory)->features;
}

/* Whoever computed an image's features has read it. */
static const bool *known(const gr_learning *learning, bool training)
{
    const gr_feature_table *table = gr_features_table(features_of(learning), training);
    return table != NULL ? table->have : NULL;
}

static bool heavy(const gr_learning *learning)
{
    return gr_features_missing(features_of(learning), learning->cohort);
}

static gr_status prepare(gr_learning *learning, gr_error *err)
{
    const state *s = learning->state;
    return gr_features_complete(features_of(learning), learning->cohort, s->initial, learning->hooks, err);
}

static gr_status fit(const gr_learning *learning, int fold, gr_error *err)
{
    const state *s = learning->state;
    const gr_features *features = features_of(learning);
    memory *m = *learning->memory;
    if (m->workspace == NULL && (m->workspace = gr_workspace_create()) == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a fold");
    return gr_trainer_run(learning, fold, s->initial, features->frozen ? features : NULL, m->workspace, err);
}

const gr_learner gr_network_learner = {
    .name = "none",
    .network = true,
    .exports = (const char *const[]){"onnx", "safetensors", "keras", NULL},
    .not_exported = "a network, and LIBSVM's format holds none",
    .open = open_network,
    .close = close_network,
    .forget = forget,
    .known = known,
    .heavy = heavy,
    .prepare = prepare,
    .fit = fit,
    .predict = gr_network_predict,
    .cost = gr_network_cost,
};
