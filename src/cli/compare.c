/* grimace compare: two runs on the same images. */
#include <math.h>
#include <stdio.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/run_comparison.h"

const char gr_help_compare[] =
    "usage: grimace compare RUN1 RUN2 [--label COLUMN] [--level L] [--count N] [--out FILE [--force]]\n"
    "\n"
    "Pairs the predictions of two runs (or of two tables like predictions.csv) and tells whether they differ: accuracy and\n"
    "F1; McNemar's test of the images of which only one run is right, exact and by chi square; DeLong's test of the areas\n"
    "under the ROC curves of the positive class; and where the classes are numbers, Williams's test (Steiger 1980) of how\n"
    "closely the scores go with the labels. Both runs must hold the same images with the same labels; images are paired\n"
    "by name, or by name and fold where they occur in several folds. These tests take images as independent. Where the\n"
    "predictions have groups, such as animals, the same is asked of whole groups: intervals of the differences by the\n"
    "jackknife and the bootstrap, a permutation test, DeLong's test for clusters, a mixed model; and over folds the\n"
    "corrected t test, if both runs have the same folds.\n"
    "Of classes in order also MAE and the quadratic kappa. Of scores: MAE, RMSE and bias; the mean difference of the\n"
    "absolute errors with the paired t test and Wilcoxon's signed ranks; Williams's test; the difference of the biases.\n"
    "\n"
    "  --label COLUMN   which of several columns of labels (their total)\n"
    "  --level L        of the intervals (0.95)\n"
    "  --count N        how often groups are drawn and swapped (5000)\n"
    "  --out FILE       write all numbers as JSON too\n"
    "  --force          overwrite FILE when it is there already\n";

enum { MOST_REPEATS = 1000000 };

static void put_pair(const char *name, double first, double second, gr_text *out)
{
    if (!isnan(first) && !isnan(second))
        gr_text_printf(out, "%-10s %9.4f %9.4f %+11.4f\n", name, first, second, first - second);
}

static void put_williams(const gr_run_comparison *c, gr_text *out)
{
    put_pair("r to truth", c->truth[0].r, c->truth[1].r, out);
    if (isnan(c->williams.t))
        gr_text_printf(out, "Williams: undefined, a score or the truth is constant, or there are too few images\n");
    else
        gr_text_printf(out, "Williams: scores correlate with each other by %.4f, t(%.0f) %.4f, p %.4g\n", c->scores.r,
                       c->williams.df, c->williams.t, c->williams.p);
}

/* What was paired, and what is compared. */
static void put_head(const gr_run_comparison *c, const char *what, const char *name, gr_text *out)
{
    gr_text_printf(out, "%lld predictions, paired by image%s; ", (long long)c->n, c->by_image ? "" : " and fold");
    if (c->label[0] != '\0')
        gr_text_printf(out, what[0] != '\0' ? "label %s, " : "label %s", c->label);
    gr_text_printf(out, "%s%s\n", what, name);
    gr_text_printf(out, "%-10s %9s %9s %11s\n", "", "first", "second", "difference");
}

static void put_t(const gr_paired_t *t, double level, gr_text *out)
{
    gr_text_printf(out, "%+.4f on average", t->mean);
    if (!isnan(t->interval.low))
        gr_text_printf(out, " (from %+.4f to %+.4f at %g %%)", t->interval.low, t->interval.high, 100.0 * level);
    if (!isnan(t->p))
        gr_text_printf(out, ", t(%.0f) %.4f, p %.4g", t->df, t->t, t->p);
}

/* In a sentence, what the paired tests mean. */
static void put_verdict(const gr_run_comparison *c, gr_text *out)
{
    const gr_paired_t *t = &c->absolute;
    if (t->mean == 0.0)
        gr_text_printf(out, "Both predict equally closely.\n");
    else if (isnan(t->p))
        gr_text_printf(out, "The %s predicts more closely, by %.4f on average.\n", t->mean < 0.0 ? "first" : "second",
                       fabs(t->mean));
    else
        gr_text_printf(out, "The %s predicts more closely, by %.4f on average, which %s (p %.4g).\n",
                       t->mean < 0.0 ? "first" : "second", fabs(t->mean),
                       t->p < 1.0 - c->level ? "chance hardly explains" : "chance can explain", t->p);
}

static void put_scores(const gr_run_comparison *c, gr_text *out)
{
    put_head(c, c->label[0] != '\0' ? "" : "scores", "", out);
    put_pair("MAE", c->mae[0], c->mae[1], out);
    put_pair("RMSE", c->rmse[0], c->rmse[1], out);
    put_pair("bias", c->bias[0], c->bias[1], out);
    gr_text_printf(out, "Absolute errors differ by ");
    put_t(&c->absolute, c->level, out);
    gr_text_printf(out, "\nWilcoxon: %lld differ, signed ranks sum to +%.15g and -%.15g, ", (long long)c->ranks.n,
                   c->ranks.plus, c->ranks.minus);
    if (isnan(c->ranks.p))
        gr_text_printf(out, "p undefined\n");
    else if (c->ranks.exact)
        gr_text_printf(out, "exact p %.4g\n", c->ranks.p);
    else
        gr_text_printf(out, "z %.4f, p %.4g\n", c->ranks.z, c->ranks.p);
    put_williams(c, out);
    gr_text_printf(out, "Biases differ by ");
    put_t(&c->difference, c->level, out);
    gr_text_printf(out, "\n");
    put_verdict(c, out);
}

static void put_classes(const gr_run_comparison *c, gr_text *out)
{
    const gr_mcnemar *m = &c->mcnemar;
    const gr_delong *d = &c->delong;
    put_head(c, "positive class ", c->positive, out);
    put_pair("accuracy", c->accuracy[0], c->accuracy[1], out);
    put_pair("F1", c->f1[0], c->f1[1], out);
    gr_text_printf(out, "McNemar: only the first is right %lld times, only the second %lld times, exact p %.4g",
                   (long long)m->only_first, (long long)m->only_second, m->exact_p);
    if (isnan(m->chi_square))
        gr_text_printf(out, "\n");
    else
        gr_text_printf(out, ", chi square %.4f, p %.4g\n", m->chi_square, m->chi_square_p);
    put_pair("AUROC", d->auroc[0], d->auroc[1], out);
    if (isnan(d->p))
        gr_text_printf(out, "DeLong: undefined, there are fewer than two images of the positive class or of the others\n");
    else
        gr_text_printf(out, "DeLong: difference from %+.4f to %+.4f (%g %%), z %.4f, p %.4g\n", d->difference_interval.low,
                       d->difference_interval.high, 100.0 * c->level, d->z, d->p);
    if (c->scored)
        put_williams(c, out);
    if (c->ordered) {
        put_pair("MAE", c->mae[0], c->mae[1], out);
        put_pair("kappa, qu.", c->kappa_quadratic[0], c->kappa_quadratic[1], out);
    }
}

/* ---- by groups and folds ------------------------------------------------------------------------------------------------ */

static void put_cluster(const char *name, const gr_by_cluster *b, double p, gr_text *out)
{
    gr_text_printf(out, "%-18s %+8.4f", name, b->value);
    for (int i = 0; i < 2; i++) {
        const gr_interval *at = i == 0 ? &b->jackknife : &b->bca;
        if (isnan(at->low))
            gr_text_printf(out, "  %18s", "-");
        else
            gr_text_printf(out, "  %+7.4f .. %+7.4f", at->low, at->high);
    }
    if (isnan(p))
        gr_text_printf(out, "  %8s\n", "-");
    else
        gr_text_printf(out, "  %8.4g\n", p);
}

static void put_folds(const gr_run_comparison *c, gr_text *out)
{
    const gr_group_comparison *g = &c->groups;
    const gr_paired_t *of[2] = {&g->by_fold, &g->auroc_by_fold};
    static const char *const names[2] = {"accuracy", "AUROC"};
    if (g->moved > 0)
        gr_text_printf(out,
                       "Warning: the folds differ, %lld predictions were tested together with others: what differs may be the "
                       "split. Two runs of the same split would be right; there are no tests over folds.\n",
                       (long long)g->moved);
    for (int i = 0; g->moved == 0 && i < (c->class_count > 0 ? 2 : 1); i++)
        if (!isnan(of[i]->p))
            gr_text_printf(out, "Corrected t test over %lld folds: %s differs by %+.4f, t(%.0f) %.4f, p %.4g\n",
                           (long long)of[i]->n, c->class_count > 0 ? names[i] : "MAE", of[i]->mean, of[i]->df, of[i]->t,
                           of[i]->p);
}

/* In a sentence, what to read. */
static void put_advice(const gr_run_comparison *c, gr_text *out)
{
    const gr_group_comparison *g = &c->groups;
    double mean = g->mean.value;
    bool first = c->class_count > 0 ? mean > 0.0 : mean < 0.0;
    gr_text_printf(out, "Read these, by %s: images of one are not independent, which the tests above take them to be. ",
                   g->column);
    if (mean == 0.0)
        gr_text_printf(out, "Both are right equally often.\n");
    else
        gr_text_printf(out, "The %s %s by %.4f, which %s (p %.4g).\n", first ? "first" : "second",
                       c->class_count > 0 ? "is right more often" : "predicts more closely", fabs(mean),
                       g->mean_p < 1.0 - c->level ? "chance hardly explains" : "chance can explain", g->mean_p);
    if (g->groups < 10)
        gr_text_printf(out, "Fewer than 10 groups say little about the next one, whichever test is read.\n");
}

static void put_groups(const gr_run_comparison *c, gr_text *out)
{
    static const struct {
        gr_metric metric;
        const char *name;
    } rows[] = {{GR_METRIC_ACCURACY, "accuracy"},
                {GR_METRIC_BALANCED_ACCURACY, "balanced accuracy"},
                {GR_METRIC_F1, "F1"},
                {GR_METRIC_MCC, "MCC"},
                {GR_METRIC_KAPPA, "kappa"},
                {GR_METRIC_AUROC, "AUROC"}};
    const gr_group_comparison *g = &c->groups;
    const gr_mixed *m = &g->mixed;
    gr_text_printf(out, "\n%-18.18s %8s  %13s %2g %%  %13s %2g %%  %8s\n", g->column, "differs", "jackknife", 100.0 * c->level,
                   "BCa", 100.0 * c->level, "p");
    for (size_t i = 0; c->class_count > 0 && i < sizeof rows / sizeof rows[0]; i++)
        put_cluster(rows[i].name, &g->metric[rows[i].metric], g->p[rows[i].metric], out);
    if (c->class_count == 0)
        put_cluster("MAE", &g->mean, g->mean_p, out);
    gr_text_printf(out, "p: %s of the runs in whole groups (%lld groups)\n", g->exact ? "all swaps" : "swaps",
                   (long long)g->groups);
    if (c->class_count > 0 && !isnan(g->delong.p))
        gr_text_printf(out, "DeLong, for clusters: AUROC differs from %+.4f to %+.4f (%g %%), z %.4f, p %.4g\n",
                       g->delong.difference_interval.low, g->delong.difference_interval.high, 100.0 * c->level, g->delong.z,
                       g->delong.p);
    if (!isnan(m->p))
        gr_text_printf(out, "Mixed model: %s differs by %+.4f (from %+.4f to %+.4f at %g %%), t(%.0f) %.4f, p %.4g\n",
                       c->class_count > 0 ? "accuracy" : "MAE", m->mean, m->interval.low, m->interval.high, 100.0 * c->level,
                       m->df, m->t, m->p);
    if (!isnan(g->apart.icc))
        gr_text_printf(out, "Differences within a group: ICC %.3f, worth %.0f independent predictions\n", g->apart.icc,
                       g->apart.effective);
}

static void put_comparison(const gr_run_comparison *c, gr_text *out)
{
    (c->class_count > 0 ? put_classes : put_scores)(c, out);
    if (!c->by_image)
        gr_text_printf(out, "Images have several predictions, which the tests take as independent: they are too sure.\n");
    if (c->groups.groups > 0)
        put_groups(c, out);
    put_folds(c, out);
    if (c->groups.groups > 0)
        put_advice(c, out);
    else
        gr_text_printf(out, "There are no groups: images are taken as independent, which those of one animal are not.\n");
}

static gr_status print(const gr_run_comparison *c, gr_error *err)
{
    gr_text text = {0};
    put_comparison(c, &text);
    gr_status status = text.failed ? gr_fail(err, GR_NOMEM, "compare: no memory for the table") : GR_OK;
    if (status == GR_OK)
        gr_cli_print(&text, "--out FILE writes all of them");
    gr_text_free(&text);
    return status;
}

gr_status gr_cmd_compare(int argc, char **argv, gr_error *err)
{
    const char *level_text = "0.95", *count_text = "5000", *out = NULL, *label = NULL;
    bool force = false;
    const gr_cli_option options[] = {{"--label", &label, NULL},
                                     {"--level", &level_text, NULL},
                                     {"--count", &count_text, NULL},
                                     {"--out", &out, NULL},
                                     {"--force", NULL, &force}};
    gr_run_comparison comparison;
    gr_group_comparison_options how = {.seed = 0};
    int64_t count = 0;
    gr_status status = gr_cli_parse(&argc, argv, options, sizeof options / sizeof *options, err);
    if (status != GR_OK)
        return status;
    if (argc < 3)
        return gr_fail(err, GR_INVALID, "compare: two runs are needed; usage: grimace compare RUN1 RUN2");
    if (argc > 3)
        return gr_fail(err, GR_INVALID, "compare: \"%s\" is one word too many; two runs are right", argv[3]);
    if (!gr_parse_double(level_text, &how.level) || !(how.level > 0.0) || !(how.level < 1.0))
        return gr_fail(err, GR_INVALID, "compare: --level: \"%s\" is not a number between 0 and 1, such as 0.95",
                       level_text);
    if (!gr_parse_int64(count_text, &count) || count < 1 || count > MOST_REPEATS)
        return gr_fail(err, GR_INVALID, "compare: --count: \"%s\" is not a whole number from 1 to %d, such as 5000", count_text,
                       MOST_REPEATS);
    how.count = (int)count;
    status = out != NULL ? gr_cli_may_write(out, force, err) : GR_OK;
    if (status == GR_OK)
        status = gr_run_comparison_make(argv[1], argv[2], label, &how, &comparison, err);
    if (status == GR_OK && out != NULL)
        status = gr_run_comparison_write(&comparison, out, err);
    if (status == GR_OK)
        status = print(&comparison, err);
    return status;
}
