#include "learners/frozen.h"

#include <math.h>
#include <string.h>

#include "learners/extractor.h"
#include "learners/features.h"
#include "learners/target.h"

#define BACKBONE_BYTES ((size_t)1 << 32)
static const char file_name[] = "backbone.safetensors";

struct gr_frozen {
    const gr_cohort *cohort;
    gr_cohort seen; /* the cohort as the backbone's network sees it; borrows from `cohort` */
    const char *freeze[1];
    gr_params *initial;
    gr_features features;
    uint64_t key; /* of the backbone's file */
};

/* ---- the network -------------------------------------------------------------------------------------------------- */

/* A head that nothing reads: as narrow as one may be. */
static const char *const classes[] = {"0", "1"};
static gr_outputs two_classes(const gr_manifest *manifest)
{
    (void)manifest;
    return (gr_outputs){.classes = 2, .labels = 1};
}
static const gr_target unread = {.task = "classes", .outputs = two_classes};

/* A network that trains nothing but its head, on images that come without chance. */
static void look_through(gr_frozen *f)
{
    gr_recipe *r = &f->seen.recipe;
    f->freeze[0] = "backbone";
    f->seen.target = &unread;
    r->task = unread.task;
    r->data.train_transforms = r->data.eval_transforms;
    r->model.classic = "none";
    r->model.backbone = r->data.features.backbone;
    r->model.layers = NULL;
    r->model.head = "linear";
    r->model.freeze = (gr_strings){f->freeze, 1};
    r->model.penalty = (gr_penalties){0};
    r->model.aux = false;
    r->loss.name = "cross_entropy";
    r->loss.prsc.lambda = 0;
}

/* Sentences name the key that was written, and not model.backbone. */
static gr_status check_backbone(const gr_recipe *r, gr_error *err)
{
    const gr_model_options options = gr_network_options(r, unread.outputs(NULL));
    gr_model *model = NULL;
    gr_status status = gr_backbone_check_width(r->model.backbone, r->model.width, err);
    if (status == GR_OK)
        status = gr_model_create(&options, &model, err);
    gr_model_destroy(model);
    return gr_recipe_blame(r, "data.features.backbone", status, err);
}

static gr_status make_network(gr_frozen *f, const gr_hooks *hooks, gr_error *err)
{
    const gr_recipe *r = &f->seen.recipe;
    gr_network network;
    void *ctx = (void *)(uintptr_t)hooks; /* which the notices only read */
    gr_status status = check_backbone(r, err);
    if (status == GR_OK)
        status = gr_network_create(r, unread.outputs(NULL), NULL, false, &network, err);
    if (status != GR_OK)
        return status;
    if (r->model.pretrained == NULL)
        gr_hooks_notice(ctx, "data.features.backbone: its weights are random, for model.pretrained names none");
    status = gr_network_pretrain(r, &network, gr_hooks_notice, ctx, err);
    if (status == GR_OK) {
        f->initial = network.params;
        network.params = NULL;
    }
    gr_network_destroy(&network);
    return status;
}

static gr_status check_images(const gr_recipe *r, gr_error *err)
{
    const gr_transforms *list = &r->data.eval_transforms;
    int at = gr_transforms_fixed(list->items, list->count);
    return at == list->count ? GR_OK
                             : gr_recipe_fail(r, "data.eval_transforms", err,
                                              "draws at random (%s), and a frozen backbone's features are computed once; "
                                              "transforms without chance would be right",
                                              gr_transform_name(list->items[at].kind));
}

static gr_status name_features(const gr_frozen *f, gr_row_numbers *out, gr_error *err)
{
    int width = (int)f->features.width;
    *out = (gr_row_numbers){.raw = width, .width = width, .arena = gr_arena_create()};
    const char **names = out->arena != NULL ? gr_arena_alloc(out->arena, (size_t)width, sizeof *names) : NULL;
    bool good = names != NULL;
    for (int i = 0; good && i < width; i++)
        good = (names[i] = gr_arena_printf(out->arena, "feature_%d", i)) != NULL;
    out->raw_names = out->names = names;
    return good ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the names of features");
}

gr_status gr_frozen_open(const gr_cohort *cohort, const gr_hooks *hooks, gr_frozen **out, gr_row_numbers *numbers,
                         gr_error *err)
{
    gr_frozen *f = gr_alloc(1, sizeof *f);
    *out = f;
    *numbers = (gr_row_numbers){0};
    if (f == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a backbone");
    f->cohort = cohort;
    f->seen = *cohort;
    f->features.needed = true;
    look_through(f);
    gr_status status = check_images(&cohort->recipe, err);
    if (status == GR_OK)
        status = make_network(f, hooks, err);
    if (status == GR_OK)
        status = gr_features_find(&f->features, &f->seen, f->initial, err);
    if (status == GR_OK && gr_features_table(&f->features, false) == NULL)
        status = gr_recipe_fail(&cohort->recipe, "data.features.backbone", err, "has features that trees cannot be given: %s",
                                f->features.why != NULL ? f->features.why : "they are not known");
    return status == GR_OK ? name_features(f, numbers, err) : status;
}

void gr_frozen_close(gr_frozen *f)
{
    if (f == NULL)
        return;
    gr_features_free(&f->features);
    gr_params_destroy(f->initial);
    gr_free(f);
}

uint64_t gr_frozen_stamp(const gr_frozen *f)
{
    return gr_features_table(&f->features, false)->key;
}

const bool *gr_frozen_known(const gr_frozen *f)
{
    return gr_features_table(&f->features, false)->have;
}

bool gr_frozen_missing(const gr_frozen *f)
{
    return gr_features_missing(&f->features, &f->seen);
}

/* ---- a run -------------------------------------------------------------------------------------------------------- */

/* Of the file's content, so that no model is asked with another backbone. */
static gr_status hash_file(const char *path, uint64_t *key, gr_error *err)
{
    char *data = NULL;
    size_t size = 0;
    gr_status status = gr_file_read(path, BACKBONE_BYTES, &data, &size, err);
    *key = status == GR_OK ? gr_hash(0, data, size) : 0;
    gr_free(data);
    return status;
}

static gr_status write_backbone(gr_frozen *f, const char *folder, gr_error *err)
{
    gr_network network;
    gr_weights *weights = NULL;
    char *path = gr_path_join(folder, file_name);
    gr_status status = path != NULL ? gr_network_build(&f->seen.recipe, unread.outputs(NULL), NULL, &network, err)
                                    : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK) {
        const gr_card card = gr_network_card(&f->seen.recipe, unread.outputs(NULL), classes);
        network.params = f->initial;
        status = gr_network_export(&network, &card, &weights, err);
        network.params = NULL;
        gr_network_destroy(&network);
    }
    if (status == GR_OK)
        status = gr_weights_write(path, weights, err);
    if (status == GR_OK)
        status = hash_file(path, &f->key, err);
    gr_weights_destroy(weights);
    gr_free(path);
    return status;
}

gr_status gr_frozen_complete(gr_frozen *f, const gr_hooks *hooks, const char *folder, gr_row_numbers *numbers, gr_error *err)
{
    size_t width = (size_t)numbers->width, cells;
    gr_status status = gr_features_complete(&f->features, &f->seen, f->initial, hooks, err);
    if (status == GR_OK)
        status = write_backbone(f, folder, err);
    if (status != GR_OK)
        return status;
    const gr_feature_table *table = gr_features_table(&f->features, false);
    gr_free(numbers->values);
    numbers->values = gr_mul_size((size_t)table->rows, width, &cells) ? gr_alloc(cells, sizeof(float)) : NULL;
    if (numbers->values == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the features of images");
    for (size_t r = 0; r < (size_t)table->rows; r++)
        for (size_t c = 0; c < width; c++)
            numbers->values[r * width + c] = table->have[r] ? table->values[r * width + c] : NAN;
    return GR_OK;
}

void gr_frozen_describe(const gr_frozen *f, gr_card *card)
{
    const gr_card seen = gr_network_card(&f->seen.recipe, unread.outputs(NULL), classes);
    card->model.size = seen.model.size;
    card->model.channels = seen.model.channels;
    memcpy(card->mean, seen.mean, sizeof card->mean);
    memcpy(card->std, seen.std, sizeof card->std);
    card->transforms = seen.transforms;
    card->transform_count = seen.transform_count;
    card->fast_dct = seen.fast_dct;
    card->crop = gr_cohort_crop(f->cohort);
    card->frozen = (gr_card_frozen){file_name, f->key};
}

/* ---- images of a model -------------------------------------------------------------------------------------------- */

/* The backbone that the card names, if it is that one. */
static gr_status load(const gr_card *card, gr_network *out, gr_error *err)
{
    gr_model_files files = {0};
    uint64_t key = 0;
    *out = (gr_network){0};
    gr_status status = hash_file(card->frozen.file, &key, err);
    if (status == GR_OK && key != card->frozen.key)
        return gr_fail(err, GR_INVALID, "%s: is not the backbone that the trees were grown on; that of their own run would "
                       "be right", card->frozen.file);
    if (status == GR_OK)
        status = gr_model_files_open(card->frozen.file, &files, err);
    if (status != GR_OK)
        return status;
    status = gr_model_files_load(&files, 0, out, NULL, err);
    gr_model_files_close(&files);
    return status;
}

gr_status gr_frozen_see(const gr_card *card, gr_loader *loader, const int64_t *order, int64_t count, float *features,
                        const volatile sig_atomic_t *stop, gr_error *err)
{
    gr_network network;
    gr_extractor *extractor = NULL;
    gr_status status = load(card, &network, err);
    if (status == GR_OK)
        status = gr_extractor_create(network.model, network.params, &extractor, err);
    gr_shape shape = status == GR_OK ? gr_value_shape(network.model->head_input) : (gr_shape){0};
    if (status == GR_OK && gr_shape_elements(&shape) != card->number_count)
        status = gr_fail(err, GR_INVALID, "%s: has %lld features, and the trees read %d", card->frozen.file,
                         (long long)gr_shape_elements(&shape), card->number_count);
    if (status == GR_OK)
        status = gr_loader_start(loader, 0, order, count, GR_EXTRACTOR_BATCH, false, err);
    for (int64_t done = 0; status == GR_OK && done < count;) {
        const float *pixels;
        int64_t n = 0;
        if (stop != NULL && *stop)
            status = gr_fail(err, GR_INTERRUPTED, "stopped before the images were seen");
        if (status == GR_OK)
            status = gr_loader_next(loader, &pixels, NULL, &n, err);
        if (status == GR_OK)
            gr_extractor_run(extractor, pixels, n, features + (size_t)done * (size_t)card->number_count);
        done += n;
    }
    gr_extractor_destroy(extractor);
    gr_network_destroy(&network);
    return status;
}
