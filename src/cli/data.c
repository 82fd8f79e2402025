/* grimace data: the commands about data sets. */
#include <stdio.h>

#include "cli/cli.h"

const char gr_help_data[] = "usage: grimace data COMMAND ...\n"
                            "\n"
                            "  check     what is wrong with a data set, before training\n"
                            "  split     the folds alone, as a table\n"
                            "  stats     images by class and group\n"
                            "  import    makes the manifest of a data set from its folders, or from other tools' annotations\n"
                            "  label     labels of images from several raters' scores\n"
                            "  synth     renders a synthetic data set of rodent faces\n"
                            "\n"
                            "grimace data COMMAND --help says more.\n";

static const gr_command commands[] = {
    {"check", "what is wrong with a data set, before training", gr_help_data_check, gr_cmd_data_check},
    {"split", "the folds alone, as a table", gr_help_data_split, gr_cmd_data_split},
    {"stats", "images by class and group", gr_help_data_stats, gr_cmd_data_stats},
    {"import", "makes the manifest of a data set from its folders, or from other tools' annotations", gr_help_data_import,
     gr_cmd_data_import},
    {"label", "labels of images from several raters' scores", gr_help_data_label, gr_cmd_data_label},
    {"synth", "renders a synthetic data set of rodent faces", gr_help_data_synth, gr_cmd_data_synth},
};

gr_status gr_cmd_data(int argc, char **argv, gr_error *err)
{
    return gr_cli_dispatch("grimace data", commands, sizeof commands / sizeof commands[0], argc, argv, err);
}
