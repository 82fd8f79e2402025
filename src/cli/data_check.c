/* grimace data check: what is wrong with a data set, before hours of training find out. */
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "data/tables.h"
#include "grimace/check.h"
#include "grimace/config.h"
#include "grimace/open.h"

const char gr_help_data_check[] =
    "usage: grimace data check MANIFEST [--label COLUMN] [--group COLUMN] [--near [--features MODEL]]\n"
    "       grimace data check CONFIG [key=value ...] [--near [--features MODEL]]\n"
    "\n"
    "Reads every row and every image, whole, of a manifest (a .csv file, or the one that a config names) and lists what\n"
    "is wrong: missing, unreadable or damaged images, images that have two rows, the same picture under two names, labels\n"
    "and groups that are empty or unknown, classes with few images, groups with one class only, landmarks (lm1_x, lm1_y,\n"
    "...) that are half there or beyond their image. Warnings are about what training would accept without a word: names\n"
    "that differ in blanks, case or leading zeros, columns that look like groups, boxes of one pixel or in percent, rows\n"
    "without a label, classes in one group only; with a config also folds without a class, a column split that is not\n"
    "used, a positive class that is guessed.\n"
    "\n"
    "  --label COLUMN   the column of the classes (without it, classes are not looked at)\n"
    "  --group COLUMN   the column that must never be split, such as the animal\n"
    "  --near           look for leaks, too: nearly equal pictures (resized, stored anew, brighter, seen in a mirror) with\n"
    "                   different groups or labels or divided between training and test part, consecutive frames of a\n"
    "                   video that are divided; parts are those of the config's folds, or of the column split\n"
    "  --features MODEL also pictures that are cut out of others, down to 0.63 of a side: each is compared with the twenty\n"
    "                   whose features lie nearest. MODEL is a network that was trained on such pictures, a model.safetensors\n"
    "                   or a run; it looks at every picture, which takes as long as predicting\n"
    "\n"
    "Exit status: 0 when there are no errors (warnings may be meant), 2 when there are.\n";

enum { LISTED = 200 };

/* Checks what argv names. */
static gr_status check(int argc, char **argv, const gr_manifest_options *options, const char *model, gr_check *out,
                       gr_error *err)
{
    if (argc < 2)
        return gr_fail(err, GR_INVALID, "check: no manifest is named; usage: grimace data check MANIFEST|CONFIG");
    if (!gr_ends_with(argv[1], ".yaml") && !gr_ends_with(argv[1], ".yml")) {
        if (argc > 2)
            return gr_fail(err, GR_INVALID, "check: \"%s\" is one word too many, one manifest is right", argv[2]);
        gr_status status = gr_check_manifest(argv[1], options, out, err);
        if (status == GR_OK && options->prints && (status = gr_check_near_by(out, NULL, model, err)) != GR_OK)
            gr_check_free(out);
        return status;
    }
    if (options->label != NULL || options->group != NULL)
        return gr_fail(err, GR_INVALID,
                       "check: --label and --group go with a manifest; with a config, data.label=COLUMN and "
                       "data.group=COLUMN are right");
    gr_config *config;
    gr_status status = gr_cli_config(argc, argv, &config, err);
    if (status == GR_OK) {
        status = gr_check_config(config, options->prints, model, out, err);
        gr_config_destroy(config);
    }
    return status;
}

/* The sizes and the amount of what could be decoded. */
static void put_sizes(gr_text *out, const gr_check *ck)
{
    const gr_image_facts *least = NULL, *most = NULL;
    double bytes = 0.0;
    for (int64_t r = 0; r < ck->manifest.rows; r++) {
        const gr_image_facts *f = &ck->facts[r];
        if (f->problem != NULL)
            continue;
        int64_t area = (int64_t)f->width * f->height;
        least = least == NULL || area < (int64_t)least->width * least->height ? f : least;
        most = most == NULL || area > (int64_t)most->width * most->height ? f : most;
        bytes += (double)f->size;
    }
    if (least == NULL)
        return;
    gr_text_printf(out, "images of %d x %d", least->width, least->height);
    if (least->width != most->width || least->height != most->height)
        gr_text_printf(out, " to %d x %d", most->width, most->height);
    gr_text_printf(out, " pixels, %.1f MB\n", bytes / 1e6);
}

static void put_report(gr_text *out, const gr_check *ck)
{
    const gr_manifest *m = &ck->manifest;
    gr_kinds labels = gr_kinds_labels(m), groups = gr_kinds_groups(m);
    if (m->rows > 0) {
        gr_text_printf(out, "%s: ", m->path);
        gr_table_title(out, m);
        put_sizes(out, ck);
        if (groups.count > 0)
            gr_table_counts(out, m->rows, &groups, labels.count > 0 ? &labels : NULL);
        else if (labels.count > 0)
            gr_table_counts(out, m->rows, &labels, NULL);
        gr_table_values(out, m);
    }
    for (int errors = 1; errors >= 0; errors--) {
        int64_t listed = 0, all = errors ? ck->errors : ck->warnings;
        for (int64_t i = 0; i < ck->count && listed < LISTED; i++)
            if (ck->findings[i].error == (errors == 1)) {
                gr_text_printf(out, "%s: %s\n", errors ? "error" : "warning", ck->findings[i].text);
                listed++;
            }
        if (listed < all)
            gr_text_printf(out, "... and %lld more %s\n", (long long)(all - listed), errors ? "errors" : "warnings");
    }
    gr_text_printf(out, "%lld error%s, %lld warning%s\n", (long long)ck->errors, ck->errors == 1 ? "" : "s",
                     (long long)ck->warnings, ck->warnings == 1 ? "" : "s");
}

/* The one sentence of a data set with errors: the first of them, and how many there are. */
static gr_status refuse(const gr_check *ck, gr_error *err)
{
    for (int64_t i = 0; i < ck->count; i++)
        if (ck->findings[i].error && ck->errors == 1)
            return gr_fail(err, GR_INVALID, "%s", ck->findings[i].text);
        else if (ck->findings[i].error)
            return gr_fail(err, GR_INVALID, "%s (the first of %lld errors, all listed above)", ck->findings[i].text,
                           (long long)ck->errors);
    return GR_OK;
}

gr_status gr_cmd_data_check(int argc, char **argv, gr_error *err)
{
    gr_manifest_options options = {.landmarks = GR_LANDMARKS_IF_THERE, .skip_unlabelled = true};
    const char *model = NULL;
    const gr_cli_option known[] = {
        {"--label", &options.label, NULL},
        {"--group", &options.group, NULL},
        {"--near", NULL, &options.prints},
        {"--features", &model, NULL}};
    gr_check ck = {0};
    gr_status status = gr_cli_parse(&argc, argv, known, sizeof known / sizeof known[0], err);
    if (status == GR_OK && model != NULL && !options.prints)
        status = gr_fail(err, GR_INVALID, "check: --features goes with --near");
    if (status == GR_OK)
        status = check(argc, argv, &options, model, &ck, err);
    if (status != GR_OK)
        return status;
    gr_text out = {0};
    gr_cli_notices(ck.manifest.notices);
    put_report(&out, &ck);
    if (out.failed)
        status = gr_fail(err, GR_NOMEM, "check: no memory for the report");
    else
        gr_cli_print(&out, "a pipe or a file gets all of them");
    gr_text_free(&out);
    if (status == GR_OK && ck.errors > 0)
        status = refuse(&ck, err);
    gr_check_free(&ck);
    return status;
}
