/* grimace data label: from raters' scores, or points in time, to a manifest. */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/label.h"

const char gr_help_data_label[] =
    "usage: grimace data label TABLE.csv --scheme painseeker|felinegrimace|blackmice [--rule RULE] [--group COLUMN]\n"
    "                          [--agreement FILE] --out manifest.csv\n"
    "\n"
    "Makes one label for each image from several raters' scores of action units, or from the point in time after a\n"
    "procedure, and says how far the raters agree (docs/labels.md).\n"
    "\n"
    "  --scheme NAME      painseeker: two stages, eight raters; felinegrimace: a cut-off of 0.4 on the total score;\n"
    "                     blackmice: the points in time of its Table 1\n"
    "  --rule RULE        felinegrimace: and, or, mean, max, min or mode\n"
    "  --group COLUMN     a column of the ratings to keep, such as the animal\n"
    "  --agreement FILE   where kappas and intraclass correlations go as JSON (agreement.json beside the manifest)\n"
    "  --out FILE         the manifest to write\n";

static void print_counts(const char *out, const gr_label_counts *c)
{
    printf("%s: %lld of %lld images have a label", out, (long long)c->labelled, (long long)c->images);
    for (int i = 0; i < GR_LABELS; i++)
        if (c->of_label[i] > 0)
            printf(", %lld are %d", (long long)c->of_label[i], i);
    printf("; %lld have too few scores\n", (long long)c->left_out);
}

/* agreement.json beside `out`. GIVES; NULL when memory is short. */
static char *beside(const char *out)
{
    char *folder = gr_path_folder(out), *path = folder != NULL ? gr_path_join(folder, "agreement.json") : NULL;
    gr_free(folder);
    return path;
}

static gr_status tell_agreement(const gr_rating_agreement *agreement, const char *path, gr_error *err)
{
    gr_text text = {0};
    gr_status status = gr_rating_agreement_write(agreement, path, err);
    if (status == GR_OK) {
        gr_rating_agreement_table(agreement, &text);
        if (text.failed)
            status = gr_fail(err, GR_NOMEM, "no memory for the table");
        else
            printf("\n%s\nWritten: %s\n", text.data, path);
    }
    gr_text_free(&text);
    return status;
}

gr_status gr_cmd_data_label(int argc, char **argv, gr_error *err)
{
    const char *scheme = NULL, *rule = NULL, *group = NULL, *out = NULL, *where = NULL;
    const gr_cli_option options[] = {{"--scheme", &scheme, NULL},
                                     {"--rule", &rule, NULL},
                                     {"--group", &group, NULL},
                                     {"--agreement", &where, NULL},
                                     {"--out", &out, NULL}};
    gr_label_counts counts;
    gr_rating_agreement agreement = {0};
    gr_status status = gr_cli_parse(&argc, argv, options, 5, err);
    if (status == GR_OK && (argc != 2 || scheme == NULL || out == NULL))
        status = gr_fail(err, GR_INVALID, "label: usage: grimace data label TABLE.csv --scheme NAME --out manifest.csv");
    bool rated = status == GR_OK && strcmp(scheme, "blackmice") != 0;
    if (status == GR_OK && !rated && where != NULL)
        status = gr_fail(err, GR_INVALID, "label: --agreement is for schemes with raters, which blackmice has not");
    if (status == GR_OK)
        status = gr_label_images(argv[1], scheme, rule, group, out, &counts, err);
    if (status != GR_OK)
        return status;
    print_counts(out, &counts);
    if (!rated)
        return GR_OK;
    char *path = where != NULL ? gr_strdup(where) : beside(out);
    status = path != NULL ? gr_label_agreement(argv[1], scheme, group, 0.95, &agreement, err)
                          : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK)
        status = tell_agreement(&agreement, path, err);
    gr_rating_agreement_free(&agreement);
    gr_free(path);
    return status;
}
