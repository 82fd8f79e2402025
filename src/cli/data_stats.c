/* grimace data stats: how many images of what, how large, and the mean and deviation of their pixels. */
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "data/tables.h"
#include "grimace/config.h"
#include "grimace/open.h"
#include "grimace/data_statistics.h"

const char gr_help_data_stats[] =
    "usage: grimace data stats MANIFEST [--label COLUMN] [--group COLUMN]\n"
    "       grimace data stats CONFIG [key=value ...]\n"
    "\n"
    "Prints how many images each class, group, session and treatment has, the range of image sizes, and the mean and the\n"
    "standard deviation of the pixels in each channel, in the form that data.image takes.\n"
    "\n"
    "  --label COLUMN   the column of the classes\n"
    "  --group COLUMN   the column of the groups, such as the animal\n";

/* Numbers the values of a column of texts; both arrays go to the arena. */
static bool number(gr_arena *arena, const char *title, const char *const *texts, int64_t rows, gr_kinds *out)
{
    int64_t *order = gr_names_sort(texts, rows);
    const char **names = gr_arena_alloc(arena, (size_t)rows, sizeof *names);
    int32_t *index = gr_arena_alloc(arena, (size_t)rows, sizeof *index);
    *out = (gr_kinds){.title = title, .names = names, .index = index};
    for (int64_t i = 0; order != NULL && names != NULL && index != NULL && i < rows; i++) {
        if (i == 0 || strcmp(texts[order[i]], texts[order[i - 1]]) != 0)
            names[out->count++] = texts[order[i]];
        index[order[i]] = out->count - 1;
    }
    gr_free(order);
    return out->count > 0;
}

static void put_counts(gr_text *out, const gr_manifest *m)
{
    gr_kinds labels = gr_kinds_labels(m), groups = gr_kinds_groups(m), kinds;
    const gr_kinds *across = labels.count > 0 ? &labels : NULL;
    const struct {
        const char *title;
        const char *const *texts;
    } more[] = {{"session", m->session}, {"treatment", m->treatment}, {"split", m->split}};
    if (groups.count > 0)
        gr_table_counts(out, m->rows, &groups, across);
    else if (labels.count > 0)
        gr_table_counts(out, m->rows, &labels, NULL);
    if (m->value_count > 0 && groups.count > 0)
        gr_text_printf(out, "\n");
    gr_table_values(out, m);
    gr_arena *arena = gr_arena_create();
    out->failed = out->failed || arena == NULL;
    for (size_t i = 0; arena != NULL && i < sizeof more / sizeof *more; i++) {
        if (more[i].texts == NULL)
            continue;
        gr_text_printf(out, "\n");
        if (number(arena, more[i].title, more[i].texts, m->rows, &kinds))
            gr_table_counts(out, m->rows, &kinds, across);
        else
            out->failed = true;
    }
    gr_arena_destroy(arena);
}

static void put_stats(gr_text *out, const gr_manifest *m, const gr_data_statistics *s)
{
    gr_text_printf(out, "%s: ", m->path);
    gr_table_title(out, m);
    put_counts(out, m);
    gr_text_printf(out, "\nwidth %d to %d, median %d; height %d to %d, median %d pixels\n", s->width_least, s->width_most,
                     s->width_median, s->height_least, s->height_most, s->height_median);
    gr_text_printf(out, "mean: [%.4f, %.4f, %.4f]\nstd: [%.4f, %.4f, %.4f]\n", s->mean[0], s->mean[1], s->mean[2],
                     s->std[0], s->std[1], s->std[2]);
}

static gr_status open_manifest(int argc, char **argv, const gr_manifest_options *options, gr_manifest *m, gr_error *err)
{
    if (argc < 2)
        return gr_fail(err, GR_INVALID, "stats: no manifest is named; usage: grimace data stats MANIFEST|CONFIG");
    if (!gr_ends_with(argv[1], ".yaml") && !gr_ends_with(argv[1], ".yml")) {
        if (argc > 2)
            return gr_fail(err, GR_INVALID, "stats: \"%s\" is one word too many, one manifest is right", argv[2]);
        return gr_manifest_load(argv[1], options, m, err);
    }
    if (options->label != NULL || options->group != NULL)
        return gr_fail(err, GR_INVALID,
                       "stats: --label and --group go with a manifest; with a config, data.label=COLUMN and "
                       "data.group=COLUMN are right");
    gr_config *config;
    gr_status status = gr_cli_config(argc, argv, &config, err);
    if (status != GR_OK)
        return status;
    status = gr_manifest_open(config, m, err);
    gr_config_destroy(config);
    return status;
}

gr_status gr_cmd_data_stats(int argc, char **argv, gr_error *err)
{
    gr_manifest_options options = {.skip_unlabelled = true};
    const gr_cli_option known[] = {{"--label", &options.label, NULL}, {"--group", &options.group, NULL}};
    gr_manifest m = {0};
    gr_data_statistics stats;
    gr_text out = {0};
    gr_status status = gr_cli_parse(&argc, argv, known, 2, err);
    if (status == GR_OK)
        status = open_manifest(argc, argv, &options, &m, err);
    if (status == GR_OK)
        status = gr_data_statistics_compute(&m, &stats, err);
    if (status == GR_OK) {
        put_stats(&out, &m, &stats);
        if (out.failed)
            status = gr_fail(err, GR_NOMEM, "stats: no memory for the report");
        else {
            gr_cli_notices(m.notices);
            gr_cli_unlabelled(&m);
            status = gr_cli_names(&m, false, err);
            gr_cli_print(&out, "a pipe or a file gets all of them");
        }
    }
    gr_text_free(&out);
    gr_manifest_free(&m);
    return status;
}
