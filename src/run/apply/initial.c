/* The weights with which every fold starts, as `grimace init` writes them. */
#include "base/base.h"
#include "config/config.h"
#include "grimace/train.h"
#include "learners/network.h"
#include "run/cohort/outputs.h"

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
        status = gr_network_create(&recipe, outputs, NULL, false, &network, err);
    if (status == GR_OK)
        status = gr_network_pretrain(&recipe, &network, notice, ctx, err);
    if (status == GR_OK) {
        gr_card card = gr_network_card(&recipe, outputs, classes);
        status = gr_network_export(&network, &card, out, err);
    }
    gr_network_destroy(&network);
    gr_manifest_free(&manifest);
    return status;
}
