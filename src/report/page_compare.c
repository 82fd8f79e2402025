/* Runs side by side: their numbers in one table, and for each pair the tests of `grimace compare`. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "grimace/run_comparison.h"
#include "report/page_metrics.h"
#include "report/page_parts.h"

static const unsigned all_numbers = ~1u;
static const double level = 0.95;

/* With more runs each is compared with the first one alone. */
enum { ALL_PAIRS = 5, DRAWS = 5000 /* as grimace compare */ };

static const char *path_of(const gr_page_run *run)
{
    return run->files.path != NULL ? run->files.path : run->name;
}

static void put_numbers(gr_html *html, const gr_page_run *runs, int count)
{
    const char *keys[GR_MOST_METRICS];
    gr_metrics_shown(gr_page_at(runs[0].numbers, "pooled"), false, keys);
    gr_html_table t =
        gr_html_table_begin(html, 2 + gr_metrics_count(keys), all_numbers, true, "All predictions of each run together");
    gr_html_head(&t, "run");
    gr_html_head(&t, "images");
    gr_metrics_heads(&t, keys);
    for (int i = 0; i < count; i++) {
        const json_t *pooled = gr_page_at(runs[i].numbers, "pooled");
        gr_html_cell(&t, path_of(&runs[i]));
        gr_html_cell_real(&t, gr_page_number(pooled, "n"), 0);
        gr_metrics_cells(&t, pooled, keys);
    }
    gr_html_table_end(&t);
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

static void put_p(gr_html_table *t, const char *name, double first, double second, double low, double high, const char *test,
                  double p)
{
    gr_html_cell(t, name);
    gr_html_cell_real(t, first, 3);
    gr_html_cell_real(t, second, 3);
    gr_html_cell_interval(t, low, high);
    gr_html_cell(t, test);
    gr_html_cell_real(t, p, 4);
}

static void put_classes(gr_html_table *t, const gr_run_comparison *c)
{
    put_p(t, "accuracy", c->accuracy[0], c->accuracy[1], NAN, NAN, "McNemar, exact", c->mcnemar.exact_p);
    put_p(t, "F1", c->f1[0], c->f1[1], NAN, NAN, "", NAN);
    put_p(t, "AUROC", c->delong.auroc[0], c->delong.auroc[1], c->delong.difference_interval.low,
          c->delong.difference_interval.high, "DeLong", c->delong.p);
    if (c->ordered) {
        put_p(t, "MAE in classes", c->mae[0], c->mae[1], NAN, NAN, "", NAN);
        put_p(t, "kappa, quadratic", c->kappa_quadratic[0], c->kappa_quadratic[1], NAN, NAN, "", NAN);
    }
}

static void put_scores(gr_html_table *t, const gr_run_comparison *c)
{
    put_p(t, "MAE", c->mae[0], c->mae[1], c->absolute.interval.low, c->absolute.interval.high, "paired t", c->absolute.p);
    put_p(t, "MAE", c->mae[0], c->mae[1], NAN, NAN, "Wilcoxon, signed ranks", c->ranks.p);
    put_p(t, "RMSE", c->rmse[0], c->rmse[1], NAN, NAN, "", NAN);
    put_p(t, "bias", c->bias[0], c->bias[1], c->difference.interval.low, c->difference.interval.high, "paired t",
          c->difference.p);
}

/* The same by whole groups, whose images are not independent. */
static void put_groups(gr_html_table *t, const gr_run_comparison *c)
{
    const gr_group_comparison *g = &c->groups;
    bool classes = c->class_count > 0;
    char test[120];
    if (g->groups == 0)
        return;
    snprintf(test, sizeof test, "swaps of whole values of %s", g->column);
    put_p(t, classes ? "accuracy" : "MAE", classes ? c->accuracy[0] : c->mae[0], classes ? c->accuracy[1] : c->mae[1],
          g->mean.bca.low, g->mean.bca.high, test, g->mean_p);
    if (classes)
        put_p(t, "AUROC", c->delong.auroc[0], c->delong.auroc[1], g->delong.difference_interval.low,
              g->delong.difference_interval.high, "Obuchowski, clustered", g->delong.p);
}

/* The one test that answers: of right answers, or of absolute errors; by groups where there are some. */
static double first_p(const gr_run_comparison *c)
{
    if (c->groups.groups > 0 && isfinite(c->groups.mean_p))
        return c->groups.mean_p;
    return c->class_count > 0 ? c->mcnemar.exact_p : c->absolute.p;
}

static void say_verdict(gr_html *html, const gr_run_comparison *c, int tests)
{
    double p = first_p(c), limit = (1.0 - level) / (double)tests;
    bool first = c->class_count > 0 ? c->accuracy[0] > c->accuracy[1] : c->mae[0] < c->mae[1];
    if (!isfinite(p))
        gr_html_put(html, "<p>Their errors are the same: there is no test.</p>\n");
    else if (p < limit)
        gr_html_put(html, "<p>The %m is better on these %d images, and chance hardly explains it (%q).</p>\n",
                    first ? "first" : "second", (long long)c->n, p);
    else
        gr_html_put(html, "<p>Chance can explain what they differ by on these %d images (%q).</p>\n", (long long)c->n, p);
    if (c->class_count > 0)
        gr_html_put(html, "<p>Only the first is right %d times, only the second %d times.</p>\n",
                    (long long)c->mcnemar.only_first, (long long)c->mcnemar.only_second);
}

static void put_tests(gr_html *html, const gr_run_comparison *c, int tests)
{
    say_verdict(html, c, tests);
    gr_html_table t = gr_html_table_begin(html, 6, 1u << 1 | 1u << 2 | 1u << 3 | 1u << 5, false,
                                          "Paired tests, image by image and by whole groups");
    gr_html_head(&t, "number");
    gr_html_head(&t, "first");
    gr_html_head(&t, "second");
    gr_html_head(&t, "difference, 95 % interval");
    gr_html_head(&t, "test");
    gr_html_head(&t, "p");
    if (c->class_count > 0)
        put_classes(&t, c);
    else
        put_scores(&t, c);
    put_groups(&t, c);
    if (c->scored)
        put_p(&t, "correlation with the truth", c->truth[0].r, c->truth[1].r, NAN, NAN, "Williams", c->williams.p);
    gr_html_table_end(&t);
    if (!c->by_image)
        gr_html_put(html,
                    "<p class=\"soft\">Images have several predictions, which the tests take as independent: they are too "
                    "sure.</p>\n");
}

/* Runs that cannot be compared are no failure of the page: it says why. */
static gr_status put_pair(gr_html *html, const gr_page_run *a, const gr_page_run *b, int tests, gr_error *err)
{
    gr_run_comparison comparison;
    gr_error why = {0};
    const gr_group_comparison_options how = {.level = level, .count = DRAWS};
    gr_html_put(html, "<h3>%s and %s</h3>\n", path_of(a), path_of(b));
    gr_status status = gr_run_comparison_make(path_of(a), path_of(b), NULL, &how, &comparison, &why);
    if (status == GR_OK)
        put_tests(html, &comparison, tests);
    else if (status == GR_INVALID)
        gr_html_put(html, "<p>They cannot be compared: %s.</p>\n", why.text);
    else
        return gr_fail(err, status, "%s", why.text);
    return GR_OK;
}

gr_status gr_put_comparison(gr_html *html, const gr_page_run *runs, int count, gr_error *err)
{
    int tests = count <= ALL_PAIRS ? count * (count - 1) / 2 : count - 1;
    gr_status status = GR_OK;
    gr_html_put(html, "<section id=\"comparison\">\n<h2>Side by side</h2>\n");
    put_numbers(html, runs, count);
    if (tests > 1)
        gr_html_put(
            html,
            "<p>%d pairs are tested: a p below %g (0.05 divided by their number, Bonferroni) is taken as a difference that "
            "chance hardly explains.</p>\n",
            (long long)tests, 0.05 / (double)tests);
    for (int i = 0; status == GR_OK && i < count; i++)
        for (int k = i + 1; status == GR_OK && k < count; k++)
            if (i == 0 || count <= ALL_PAIRS)
                status = put_pair(html, &runs[i], &runs[k], tests, err);
    gr_html_put(
        html,
        "<p class=\"soft\">Tests take images as independent, which those of one animal are not: where few animals gave many "
        "images they are too sure.</p>\n</section>\n");
    return status;
}
