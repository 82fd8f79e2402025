/* The table of a sweep's settings of which a paper reports something: its numbers beside the run's, in the order of the
 * paper (the settings' own), a column for each number that any of them has. */
#include "run/several/sweep_reported.h"

#include <math.h>
#include <string.h>

#include "run/write/reported.h"

enum { GAP = 2 };

/* What the paper says of the setting's pooled number or mean over folds; NULL: nothing. */
static const gr_reported_number *paper_of(const gr_setting *setting, const gr_sweep_results *r, int metric)
{
    const gr_reported *reported = setting->config->reported;
    for (int i = 0; reported != NULL && i < reported->whole.count; i++)
        if (strcmp(reported->whole.numbers[i].metric, gr_sweep_number(r, metric)) == 0)
            return &reported->whole.numbers[i];
    return NULL;
}

/* The run's number of the same kind. */
static gr_reported_number run_of(const gr_sweep_results *r, int setting, int metric, bool mean)
{
    return (gr_reported_number){.mean = mean,
                                .value = mean ? r->mean[setting][metric] : r->pooled[setting][metric],
                                .sd = mean ? r->std[setting][metric] : NAN,
                                .low = NAN,
                                .high = NAN};
}

static int width_of(int width, const char *text)
{
    return (int)strlen(text) > width ? (int)strlen(text) : width;
}

/* The widths of the columns: the setting's name, the paper's and the run's numbers. */
typedef struct widths {
    int name, paper[GR_MOST_NUMBERS], run[GR_MOST_NUMBERS];
    bool any;
} widths;

static widths measure(const gr_settings *s, const gr_sweep_results *r)
{
    widths w = {.name = 4};
    char cell[GR_REPORTED_CELL];
    for (int i = 0; i < s->count; i++)
        for (int m = 0; gr_sweep_number(r, m) != NULL; m++) {
            const gr_reported_number *paper = paper_of(&s->items[i], r, m);
            if (paper == NULL)
                continue;
            gr_reported_number run = run_of(r, i, m, paper->mean);
            w.any = true;
            w.name = width_of(w.name, s->items[i].name);
            w.paper[m] = width_of(width_of(w.paper[m], gr_reported_cell(paper, cell)), "paper");
            w.run[m] = width_of(width_of(w.run[m], gr_reported_cell(&run, cell)), "run");
        }
    return w;
}

/* Ends a line without the blanks of its last column. */
static void end_line(gr_text *out)
{
    while (!out->failed && out->size > 0 && out->data[out->size - 1] == ' ')
        out->data[--out->size] = '\0';
    gr_text_printf(out, "\n");
}

static void put_setting(gr_text *out, const gr_setting *setting, int i, const gr_sweep_results *r, const widths *w)
{
    gr_text_printf(out, "%-*s", w->name, setting->name);
    for (int m = 0; gr_sweep_number(r, m) != NULL; m++) {
        char a[GR_REPORTED_CELL] = "", b[GR_REPORTED_CELL] = "";
        const gr_reported_number *paper = paper_of(setting, r, m);
        if (w->paper[m] == 0)
            continue;
        if (paper != NULL) {
            gr_reported_number run = run_of(r, i, m, paper->mean);
            gr_reported_cell(paper, a);
            gr_reported_cell(&run, b);
        }
        gr_text_printf(out, "%*s%-*s%*s%-*s", GAP, "", w->paper[m], a, GAP, "", w->run[m], b);
    }
    end_line(out);
}

void gr_sweep_reported(const gr_settings *s, const gr_sweep_results *r, gr_text *out)
{
    widths w = measure(s, r);
    if (!w.any)
        return;
    gr_text_printf(out,
                     "\nwhat the paper reports, and this run; pooled, or +- over folds where the paper gives a mean:\n");
    gr_text_printf(out, "%-*s", w.name, "");
    for (int m = 0; gr_sweep_number(r, m) != NULL; m++)
        if (w.paper[m] > 0)
            gr_text_printf(out, "%*s%-*s", GAP, "", w.paper[m] + GAP + w.run[m], gr_sweep_number(r, m));
    end_line(out);
    gr_text_printf(out, "%-*s", w.name, "name");
    for (int m = 0; gr_sweep_number(r, m) != NULL; m++)
        if (w.paper[m] > 0)
            gr_text_printf(out, "%*s%-*s%*s%-*s", GAP, "", w.paper[m], "paper", GAP, "", w.run[m], "run");
    end_line(out);
    for (int i = 0; i < s->count; i++)
        if (s->items[i].config->reported != NULL && s->items[i].config->reported->whole.count > 0)
            put_setting(out, &s->items[i], i, r, &w);
}
