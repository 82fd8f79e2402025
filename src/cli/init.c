/* grimace init: the weights with which training starts. */
#include <stdio.h>

#include "cli/cli.h"
#include "grimace/train.h"

const char gr_help_init[] = "usage: grimace init CONFIG [key=value ...] --out weights.safetensors [--force]\n"
                            "\n"
                            "Writes the initial weights of the config's model, before any step: those of the seed, and of\n"
                            "model.pretrained where it names a file. Names and layouts are PyTorch's.\n"
                            "\n"
                            "  --out FILE   the safetensors file to write\n"
                            "  --force      overwrite it when it is there already\n";

static void print_notice(void *ctx, const char *sentence)
{
    (void)ctx;
    printf("pretrained weights: %s\n", sentence);
}

gr_status gr_cmd_init(int argc, char **argv, gr_error *err)
{
    const char *out = NULL;
    bool force = false;
    const gr_cli_option options[] = {{"--out", &out, NULL}, {"--force", NULL, &force}};
    gr_config *config = NULL;
    gr_weights *weights = NULL;
    gr_status status = gr_cli_parse(&argc, argv, options, 2, err);
    if (status == GR_OK && out == NULL)
        status = gr_fail(err, GR_INVALID, "init: --out is missing, the safetensors file to write");
    if (status == GR_OK)
        status = gr_cli_may_write(out, force, err);
    if (status == GR_OK)
        status = gr_cli_config(argc, argv, &config, err);
    if (status == GR_OK)
        status = gr_initial_weights(config, print_notice, NULL, &weights, err);
    if (status == GR_OK)
        status = gr_weights_write(out, weights, err);
    if (status == GR_OK)
        printf("%d tensors in %s\n", gr_weights_count(weights), out);
    gr_weights_destroy(weights);
    gr_config_destroy(config);
    return status;
}
