/* The weights with which every fold starts, as `grimace init` writes them. */
#include <math.h>

#include "base/base.h"
#include "config/config.h"
#include "grimace/train.h"
#include "learners/learner.h"
#include "learners/network.h"
#include "run/cohort/outputs.h"
#include "run/tasks/task.h"

enum { MOST_LABELS = 64 };

/* The columns that are learnt at once, and the ends of their scale where the config says them. */
static void name_labels(const gr_config *config, gr_card *card, double ranges[2 * MOST_LABELS])
{
    const gr_strings *labels = &config->data.labels;
    const gr_task *task = gr_task_of(config);
    if (!task->several)
        return;
    card->labels = labels->count > 0 ? labels->items : &config->data.label;
    card->label_count = labels->count > 0 ? labels->count : 1;
    for (int64_t i = 0; i < 2 * card->label_count && i < 2 * MOST_LABELS; i++)
        ranges[i] = config->data.range[i % 2];
    card->ranges = task->ranged && !isnan(config->data.range[0]) ? ranges : NULL;
}

gr_status gr_initial_weights(const gr_config *config, void (*notice)(void *ctx, const char *sentence), void *ctx,
                             gr_weights **out, gr_error *err)
{
    *out = NULL;
    gr_manifest manifest = {0};
    if (config->experiment.labels.count > 0)
        return gr_config_fail(config, "experiment.labels", err,
                              "makes %d networks; experiment.labels=[] with data.label=%.80s would name one of them",
                              config->experiment.labels.count, config->experiment.labels.items[0]);
    const gr_recipe recipe = gr_config_recipe(config);
    gr_outputs outputs;
    const char *const *classes;
    gr_network network = {0};
    gr_status status = gr_outputs_of(config, &manifest, &outputs, &classes, err);
    if (status == GR_OK)
        status = gr_learner_check_network(&recipe, err);
    if (status == GR_OK)
        status = gr_network_create(&recipe, outputs, NULL, false, &network, err);
    if (status == GR_OK)
        status = gr_network_pretrain(&recipe, &network, notice, ctx, err);
    if (status == GR_OK) {
        double ranges[2 * MOST_LABELS];
        gr_card card = gr_network_card(&recipe, outputs, classes);
        name_labels(config, &card, ranges);
        status = gr_network_export(&network, &card, out, err);
    }
    gr_network_destroy(&network);
    gr_manifest_free(&manifest);
    return status;
}
