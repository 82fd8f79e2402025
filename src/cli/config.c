/* grimace config: the resolved config with every default, or the reference page of all keys. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "formats/config.h"
#include "grimace/models.h"

const char gr_help_config[] = "usage: grimace config CONFIG [key=value ...]\n"
                              "       grimace config --reference\n"
                              "\n"
                              "Prints the resolved config: every key with its value, as YAML that runs as it is.\n"
                              "key=value overrides a key by its dotted path, such as optimizer.lr=3e-4.\n"
                              "\n"
                              "  --reference   print all keys with default, range and meaning, as Markdown\n";

static gr_status print(gr_buffer *text, gr_error *err)
{
    gr_status status = GR_OK;
    if (text->failed)
        status = gr_fail(err, GR_NOMEM, "no memory for the text of the config");
    else if (fwrite(text->data, 1, text->size, stdout) != text->size || fflush(stdout) != 0)
        status = gr_fail(err, GR_IO, "the config cannot be written to the standard output");
    gr_buffer_free(text);
    return status;
}

static gr_status print_config(const char *path, const char *const *overrides, int count, gr_error *err)
{
    gr_config *config;
    gr_buffer text = {0};
    gr_status status = gr_config_load(path, overrides, count, &config, err);
    if (status == GR_OK)
        status = gr_config_check_name(config, "model.backbone", gr_backbone_names(), err);
    if (status == GR_OK)
        status = gr_config_check_name(config, "model.head", gr_head_names(), err);
    if (status == GR_OK) {
        gr_config_yaml(config, &text);
        status = print(&text, err);
    }
    gr_config_destroy(config);
    return status;
}

gr_status gr_cmd_config(int argc, char **argv, gr_error *err)
{
    static const char *const options[] = {"--reference", "--help"};
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-' || strcmp(argv[i], "--reference") == 0)
            continue;
        const char *nearest = gr_nearest(argv[i], options, 2);
        return gr_fail(err, GR_INVALID, "%s: there is no such option of config, %s%s", argv[i],
                       nearest ? "did you mean " : "see grimace config --help", nearest ? nearest : "");
    }
    if (argc == 2 && argv[1][0] == '-') {
        gr_buffer text = {0};
        gr_config_reference(&text);
        return print(&text, err);
    }
    if (argc < 2 || argv[1][0] == '-')
        return gr_fail(err, GR_INVALID, "config: the config file is missing, write grimace config CONFIG [key=value ...]");
    for (int i = 2; i < argc; i++)
        if (argv[i][0] == '-')
            return gr_fail(err, GR_INVALID, "--reference: stands alone, without a config file");
    return print_config(argv[1], (const char *const *)argv + 2, argc - 2, err);
}
