/* Costs of settings: costs.csv, and the table on the terminal. Times differ from run to run, so nothing of them is in any other
 * file of a sweep. */
#include "run/several/sweep_costs.h"

#include <math.h>
#include <string.h>

#include "config/config.h"
#include "formats/csv.h"
#include "learners/hooks.h"
#include "run/apply/cost.h"
#include "run/several/study.h"

enum { PASSES = 5, COLUMNS = 4, CELL = 40 };

gr_status gr_sweep_costs_check(const gr_config *config, const gr_settings *settings, gr_error *err)
{
    for (int i = 0; config->sweep.cost > 0 && i < settings->count; i++)
        if (gr_study_wanted(settings->items[i].config))
            return gr_config_fail(config, "sweep", err, "cost times one model of a setting, and \"%s\" is a study of several",
                                  settings->items[i].name);
    return GR_OK;
}

/* ---- the numbers ------------------------------------------------------------------------------------------------------ */

/* Column `c`: the number that ranks, then those of the cost. */
static const char *name_of(const gr_sweep_results *r, int c)
{
    return c == 0 ? gr_sweep_number(r, r->rank_by) : gr_cost_name(c - 1);
}

static double run_of(const gr_sweep_results *r, int setting, int c)
{
    return c == 0 ? r->pooled[setting][r->rank_by] : gr_cost_number(&r->costs[setting], c - 1);
}

/* NaN: the paper does not say it. */
static double paper_of(const gr_setting *setting, const gr_sweep_results *r, int c)
{
    const gr_reported *reported = setting->config->reported;
    for (int i = 0; reported != NULL && i < reported->whole.count; i++)
        if (strcmp(reported->whole.numbers[i].metric, name_of(r, c)) == 0)
            return reported->whole.numbers[i].value;
    return NAN;
}

static bool any_paper(const gr_settings *s, const gr_sweep_results *r, int c)
{
    for (int i = 0; i < s->count; i++)
        if (isfinite(paper_of(&s->items[i], r, c)))
            return true;
    return false;
}

/* ---- measuring -------------------------------------------------------------------------------------------------------- */

static gr_status measure(const gr_setting *setting, const gr_run_options *options, int images, gr_cost *out, gr_error *err)
{
    gr_text folder = {0};
    gr_text_printf(&folder, "%s/setting-%s", options->folder, setting->number);
    gr_status status = folder.failed ? gr_fail(err, GR_NOMEM, "no memory for a path")
                                     : gr_cost_measure(folder.data, setting->config->data.manifest, images, PASSES,
                                                       options->hooks.stop, out, err);
    if (status != GR_OK)
        gr_error_prefix(err, "setting %s", setting->number);
    gr_text_free(&folder);
    return status;
}

static gr_status write_csv(const gr_settings *s, const gr_sweep_results *r, const char *folder, gr_error *err)
{
    gr_text out = {0};
    gr_text_printf(&out, "setting,name");
    for (int c = 0; c < COLUMNS; c++)
        gr_text_printf(&out, ",%s", name_of(r, c));
    gr_text_printf(&out, ",images");
    for (int c = 0; c < COLUMNS; c++)
        if (any_paper(s, r, c))
            gr_text_printf(&out, ",paper_%s", name_of(r, c));
    gr_text_printf(&out, "\n");
    for (int i = 0; i < s->count; i++) {
        gr_text_printf(&out, "%s,", s->items[i].number);
        gr_csv_put_joined(&out, "", s->items[i].name);
        gr_csv_put_rounded(&out, run_of(r, i, 0));
        if (isfinite(r->costs[i].parameters)) /* a count, whole */
            gr_text_printf(&out, ",%.0f", r->costs[i].parameters);
        else
            gr_text_printf(&out, ",");
        gr_csv_put_rounded(&out, r->costs[i].megabytes);
        gr_csv_put_rounded(&out, r->costs[i].ms_per_image);
        gr_text_printf(&out, ",%lld", (long long)r->costs[i].images);
        for (int c = 0; c < COLUMNS; c++)
            if (any_paper(s, r, c))
                gr_csv_put_rounded(&out, paper_of(&s->items[i], r, c));
        gr_text_printf(&out, "\n");
    }
    char *path = gr_path_join(folder, "costs.csv");
    gr_status status = out.failed || path == NULL ? gr_fail(err, GR_NOMEM, "no memory for costs.csv")
                                                  : gr_file_write(path, out.data, out.size, err);
    gr_free(path);
    gr_text_free(&out);
    return status;
}

gr_status gr_sweep_costs_make(const gr_config *config, const gr_settings *settings, const gr_run_options *options,
                              gr_sweep_results *results, gr_error *err)
{
    char text[120];
    if (config->sweep.cost == 0)
        return GR_OK;
    results->costs = gr_alloc((size_t)settings->count, sizeof *results->costs);
    if (results->costs == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the costs of the settings");
    snprintf(text, sizeof text, "timing %d images of each setting, one at a time, %d times over", config->sweep.cost, PASSES);
    gr_hooks_notice((void *)(uintptr_t)&options->hooks, text);
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < settings->count; i++)
        status = measure(&settings->items[i], options, config->sweep.cost, &results->costs[i], err);
    return status == GR_OK ? write_csv(settings, results, options->folder, err) : status;
}

/* ---- the table -------------------------------------------------------------------------------------------------------- */

static const char *cell_of(double value, int c, char cell[CELL])
{
    static const int digits[COLUMNS] = {4, 0, 2, 2};
    if (isfinite(value))
        snprintf(cell, CELL, "%.*f", digits[c], value);
    else
        snprintf(cell, CELL, "-");
    return cell;
}

static int wider(int width, const char *text)
{
    return (int)strlen(text) > width ? (int)strlen(text) : width;
}

void gr_sweep_costs_table(const gr_settings *s, const gr_sweep_results *r, gr_text *out)
{
    int name = 4, width[COLUMNS] = {0};
    bool paper[COLUMNS];
    char cell[CELL];
    if (r->costs == NULL)
        return;
    for (int i = 0; i < s->count; i++)
        name = wider(name, s->items[i].name);
    for (int c = 0; c < COLUMNS; c++) {
        paper[c] = any_paper(s, r, c);
        width[c] = wider(paper[c] ? 5 : 0, name_of(r, c));
        for (int i = 0; i < s->count; i++) {
            width[c] = wider(width[c], cell_of(run_of(r, i, c), c, cell));
            width[c] = wider(width[c], cell_of(paper_of(&s->items[i], r, c), c, cell));
        }
    }
    gr_text_printf(out,
                   "\nwhat each costs: the model of its first fold, and milliseconds of an image that comes alone, from its "
                   "file on\nand with the networks that are asked before it; median of %d passes over %lld images:\n%-*s",
                   PASSES, (long long)r->costs[0].images, name, "name");
    for (int c = 0; c < COLUMNS; c++) {
        if (paper[c])
            gr_text_printf(out, "  %*s", width[c], "paper");
        gr_text_printf(out, "  %*s", width[c], name_of(r, c));
    }
    gr_text_printf(out, "\n");
    for (int i = 0; i < s->count; i++) {
        gr_text_printf(out, "%-*s", name, s->items[i].name);
        for (int c = 0; c < COLUMNS; c++) {
            if (paper[c])
                gr_text_printf(out, "  %*s", width[c], cell_of(paper_of(&s->items[i], r, c), c, cell));
            gr_text_printf(out, "  %*s", width[c], cell_of(run_of(r, i, c), c, cell));
        }
        gr_text_printf(out, "\n");
    }
}
