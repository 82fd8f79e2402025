/* grimace data label: from raters' scores to a manifest. */
#include <stdio.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/label.h"

const char gr_help_data_label[] =
    "usage: grimace data label RATINGS.csv --scheme painseeker|felinegrimace [--rule RULE] [--group COLUMN] --out manifest.csv\n"
    "\n"
    "Makes one label for each image from several raters' scores of action units (docs/labels.md).\n"
    "\n"
    "  --scheme NAME    painseeker: two stages, eight raters; felinegrimace: a cut-off of 0.4 on the total score\n"
    "  --rule RULE      felinegrimace: and, or, mean, max, min or mode\n"
    "  --group COLUMN   a column to keep, such as the animal\n"
    "  --out FILE       the manifest to write: image,COLUMN,label,score\n";

gr_status gr_cmd_data_label(int argc, char **argv, gr_error *err)
{
    const char *scheme = NULL, *rule = NULL, *group = NULL, *out = NULL;
    const gr_cli_option options[] = {
        {"--scheme", &scheme, NULL}, {"--rule", &rule, NULL}, {"--group", &group, NULL}, {"--out", &out, NULL}};
    gr_label_counts counts;
    gr_status status = gr_cli_parse(&argc, argv, options, 4, err);
    if (status == GR_OK && (argc != 2 || scheme == NULL || out == NULL))
        status = gr_fail(err, GR_INVALID, "label: usage: grimace data label RATINGS.csv --scheme NAME --out manifest.csv");
    if (status == GR_OK)
        status = gr_label_images(argv[1], scheme, rule, group, out, &counts, err);
    if (status == GR_OK)
        printf("%s: %lld of %lld images have a label, %lld have too few scores\n", out, (long long)counts.labelled,
               (long long)counts.images, (long long)counts.left_out);
    return status;
}
