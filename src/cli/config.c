/* grimace config: the resolved config with every default, or the reference page of all keys. */
#include <stdio.h>

#include "cli/cli.h"
#include "config/config.h"

const char gr_help_config[] = "usage: grimace config CONFIG [key=value ...]\n"
                              "       grimace config --reference\n"
                              "\n"
                              "Prints the resolved config: every key with its value, as YAML that runs as it is.\n"
                              "key=value overrides a key by its dotted path, such as optimizer.lr=3e-4.\n"
                              "\n"
                              "  --reference   print all keys with default, range and meaning, as Markdown\n";

static gr_status print(gr_text *text, gr_error *err)
{
    gr_status status = GR_OK;
    if (text->failed)
        status = gr_fail(err, GR_NOMEM, "no memory for the text of the config");
    else if (fwrite(text->data, 1, text->size, stdout) != text->size || fflush(stdout) != 0)
        status = gr_fail(err, GR_IO, "the config cannot be written to the standard output");
    gr_text_free(text);
    return status;
}

static gr_status print_config(int argc, char **argv, gr_error *err)
{
    gr_config *config;
    gr_text text = {0};
    gr_status status = gr_cli_config(argc, argv, &config, err);
    if (status != GR_OK)
        return status;
    gr_config_yaml(config, &text);
    status = print(&text, err);
    gr_config_destroy(config);
    return status;
}

gr_status gr_cmd_config(int argc, char **argv, gr_error *err)
{
    bool reference = false;
    const gr_cli_option options[] = {{"--reference", NULL, &reference}};
    gr_text text = {0};
    gr_status status = gr_cli_parse(&argc, argv, options, 1, err);
    if (status != GR_OK)
        return status;
    if (!reference)
        return print_config(argc, argv, err);
    if (argc > 1)
        return gr_fail(err, GR_INVALID, "config: --reference stands alone, without %s", argv[1]);
    gr_config_reference(&text);
    return print(&text, err);
}
