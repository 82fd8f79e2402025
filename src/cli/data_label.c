/* grimace data label: from raters' scores, or points in time, to a manifest. */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/label.h"

const char gr_help_data_label[] =
    "usage: grimace data label TABLE.csv --scheme painseeker|felinegrimace|blackmice [--rule and|or|mean|max|min|mode|all]\n"
    "                          [--group COLUMN] [--join CSV] [--agreement FILE] --out manifest.csv [--force]\n"
    "       grimace data label TABLE.csv --scheme mean|median|majority [--cut-off X] [--score COLUMN] [--total sum|mean]\n"
    "                          [--group COLUMN] [--join CSV] [--agreement FILE] --out manifest.csv [--force]\n"
    "\n"
    "Makes one label for each image from several raters' scores of action units, or from the point in time after a\n"
    "procedure, and says how far the raters agree (docs/labels.md).\n"
    "\n"
    "  --scheme NAME      painseeker: two stages, eight raters; felinegrimace: a cut-off of 0.4 on the total score;\n"
    "                     blackmice: the points in time of its Table 1; mean, median, majority: of any raters' scores\n"
    "  --rule RULE        felinegrimace needs one; all: a column for each rule, for one config that compares them\n"
    "  --join CSV         add that table's other columns, such as landmarks, by image\n"
    "  --cut-off X        label 1 from this score on, else 0; without it the score itself is the label (task: scores)\n"
    "  --score COLUMN     the column of the scores; without it, what the columns of a rater sum up to\n"
    "  --total WHAT       how: sum (default), or mean of the units that he scored\n"
    "  --group COLUMN     a column of the ratings to keep, such as the animal\n"
    "  --agreement FILE   where kappas and intraclass correlations go as JSON (agreement.json beside the manifest)\n"
    "  --out FILE         the manifest to write\n"
    "  --force            overwrite these files when they are there already\n";

static void print_counts(const char *out, const gr_label_counts *c)
{
    gr_text text = {0};
    gr_text_printf(&text, "%s: %lld of %lld images have a label", out, (long long)c->labelled, (long long)c->images);
    for (int i = 0; i < GR_LABELS; i++)
        if (c->of_label[i] > 0)
            gr_text_printf(&text, ", %lld %s %d", (long long)c->of_label[i], c->of_label[i] == 1 ? "is" : "are", i);
    if (c->labelled > 0 && c->of_label[0] + c->of_label[1] + c->of_label[2] == 0)
        gr_text_printf(&text, ", from %g to %g", c->least, c->most);
    gr_text_printf(&text, "; %lld %s too few scores", (long long)c->left_out, c->left_out == 1 ? "has" : "have");
    if (c->tied > 0)
        gr_text_printf(&text, ", of %lld the raters are tied", (long long)c->tied);
    gr_text_printf(&text, "\n");
    gr_cli_print(&text, NULL);
    gr_text_free(&text);
}

/* agreement.json beside `out`. GIVES; NULL when memory is short. */
static char *beside(const char *out)
{
    const char *slash = strrchr(out, '/');
    gr_text path = {0};
    gr_text_printf(&path, "%.*sagreement.json", slash != NULL ? (int)(slash + 1 - out) : 0, out);
    if (path.failed)
        gr_text_free(&path);
    return path.data;
}

static gr_status tell_agreement(const gr_rating_agreement *agreement, const char *path, gr_error *err)
{
    gr_text text = {0};
    gr_text_printf(&text, "\n");
    gr_status status = gr_rating_agreement_write(agreement, path, err);
    if (status == GR_OK) {
        gr_rating_agreement_table(agreement, &text);
        gr_text_printf(&text, "\nWritten: %s\n", path);
        if (text.failed)
            status = gr_fail(err, GR_NOMEM, "no memory for the table");
        else
            gr_cli_print(&text, "a pipe or a file gets all of them");
    }
    gr_text_free(&text);
    return status;
}

/* How far the raters agree, to `path`. */
static gr_status agree(const char *table, const gr_label_options *options, const char *path, gr_error *err)
{
    gr_rating_agreement agreement = {0};
    gr_status status = gr_label_agreement(table, options, 0.95, &agreement, err);
    if (status == GR_OK)
        status = tell_agreement(&agreement, path, err);
    gr_rating_agreement_free(&agreement);
    return status;
}

gr_status gr_cmd_data_label(int argc, char **argv, gr_error *err)
{
    gr_text notices = {0};
    gr_label_options o = {.notices = &notices};
    const char *out = NULL, *where = NULL, *cut_off = NULL;
    bool force = false;
    char *path = NULL;
    const gr_cli_option options[] = {{"--scheme", &o.scheme, NULL}, {"--rule", &o.rule, NULL},       {"--group", &o.group, NULL},
                                     {"--join", &o.join, NULL},
                                     {"--score", &o.score, NULL},   {"--total", &o.total, NULL},     {"--cut-off", &cut_off, NULL},
                                     {"--out", &out, NULL},         {"--agreement", &where, NULL},
                                     {"--force", NULL, &force}};
    gr_label_counts counts;
    gr_status status = gr_cli_parse(&argc, argv, options, sizeof options / sizeof *options, err);
    o.has_cut_off = cut_off != NULL;
    if (status == GR_OK && argc > 2)
        status = gr_fail(err, GR_INVALID, "label: \"%.80s\" is one word too many; one table is right", argv[2]);
    if (status == GR_OK && (argc < 2 || o.scheme == NULL || out == NULL))
        status = gr_fail(err, GR_INVALID, "label: %s; usage: grimace data label TABLE.csv --scheme NAME --out manifest.csv",
                         argc < 2 ? "no table is named" : o.scheme == NULL ? "--scheme is not given" : "--out is not given");
    if (status == GR_OK && cut_off != NULL && !gr_parse_double(cut_off, &o.cut_off))
        status = gr_fail(err, GR_INVALID, "label: --cut-off: \"%.40s\" is no number; such as 0.4 would be right", cut_off);
    bool rated = status == GR_OK && strcmp(o.scheme, "blackmice") != 0;
    if (status == GR_OK && !rated && where != NULL)
        status = gr_fail(err, GR_INVALID, "label: --agreement is for schemes with raters, which blackmice has not");
    if (status == GR_OK && rated && (path = where != NULL ? gr_strdup(where) : beside(out)) == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK)
        status = gr_cli_may_write(out, force, err);
    if (status == GR_OK && rated)
        status = gr_cli_may_write(path, force, err);
    if (status == GR_OK)
        status = gr_label_images(argv[1], &o, out, &counts, err);
    if (status == GR_OK) {
        gr_cli_notices(notices.data);
        print_counts(out, &counts);
    }
    gr_text_free(&notices);
    if (status == GR_OK && rated)
        status = agree(argv[1], &o, path, err);
    gr_free(path);
    return status;
}
