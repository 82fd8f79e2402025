/* What a config leaves out: the rules that fill it in. */
#include <math.h>
#include <string.h>

#include "config/source.h"
#include "formats/hdf5.h"
#include "grimace/models.h"
#include "learners/learner.h"

static gr_status fill_transforms(gr_config *config, gr_transforms *list)
{
    if (list->count >= 0)
        return GR_OK;
    *list = (gr_transforms){gr_arena_alloc(config->source->arena, 1, sizeof(gr_transform)), 1};
    if (!list->items)
        return GR_NOMEM;
    list->items[0] = (gr_transform){.kind = GR_TRANSFORM_RESIZE, .a = config->data.image.size};
    return GR_OK;
}

/* ImageNet's numbers of the channels; for grey images their average. */
static void fill_numbers(double values[3], double red, double green, double blue, double grey, int channels)
{
    if (!isnan(values[0]))
        return;
    values[0] = channels == 1 ? grey : red;
    values[1] = channels == 1 ? NAN : green;
    values[2] = channels == 1 ? NAN : blue;
}

/* Is the backbone Keras's where no word says whose it is? By the file of its weights, or by the semantics where the two differ. */
static bool is_from_keras(const gr_config *config)
{
    if (config->model.pretrained)
        return gr_keras_is_file(config->model.pretrained);
    return strcmp(config->semantics, "torch") != 0 && gr_backbone_keras_difference(config->model.backbone) != NULL;
}

gr_status gr_config_fill(gr_config *config, gr_error *err)
{
    struct gr_config_source *source = config->source;
    if (!config->name) {
        const char *slash = strrchr(source->file, '/'), *base = slash ? slash + 1 : source->file, *dot = strrchr(base, '.');
        size_t length = dot && dot > base ? (size_t)(dot - base) : strlen(base);
        bool good = length && gr_utf8_valid(base, length);
        config->name = good ? gr_arena_strndup(source->arena, base, length) : "experiment";
    }
    if (!config->split.scheme)
        config->split.scheme = config->data.group ? "leave_one_group_out" : "stratified_kfold";
    if (config->model.layers && !source->origins[gr_key_find("model.backbone")].place)
        config->model.backbone = "layers";
    if (!config->model.variant && is_from_keras(config))
        config->model.variant = "keras";
    if (!config->task)
        config->task = gr_learner_task(gr_learner_find(config->model.classic), gr_head_task(config->model.head));
    if (!config->loss.name)
        config->loss.name = gr_task_losses(config->task)[0];
    fill_numbers(config->data.image.mean, 0.485, 0.456, 0.406, 0.449, config->data.image.channels);
    fill_numbers(config->data.image.std, 0.229, 0.224, 0.225, 0.226, config->data.image.channels);
    if (!config->name || fill_transforms(config, &config->data.train_transforms) != GR_OK ||
        fill_transforms(config, &config->data.eval_transforms) != GR_OK)
        return gr_config_no_memory(config, err);
    return GR_OK;
}
