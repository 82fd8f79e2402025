/* grimace compare: two runs on the same images. */
#include <math.h>
#include <stdio.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/run_comparison.h"

const char gr_help_compare[] =
    "usage: grimace compare RUN1 RUN2 [--label COLUMN] [--level L] [--out FILE [--force]]\n"
    "\n"
    "Pairs the predictions of two runs (or of two tables like predictions.csv) and tells whether they differ: accuracy and\n"
    "F1; McNemar's test of the images of which only one run is right, exact and by chi square; DeLong's test of the areas\n"
    "under the ROC curves of the positive class; and where the classes are numbers, Williams's test (Steiger 1980) of how\n"
    "closely the scores go with the labels. Both runs must hold the same images with the same labels; images are paired\n"
    "by name, or by name and fold where they occur in several folds. Images are taken as independent.\n"
    "Of classes in order also MAE and the quadratic kappa. Of scores: MAE, RMSE and bias; the mean difference of the\n"
    "absolute errors with the paired t test and Wilcoxon's signed ranks; Williams's test; the difference of the biases.\n"
    "\n"
    "  --label COLUMN   which of several columns of labels (their total)\n"
    "  --level L        of the intervals (0.95)\n"
    "  --out FILE       write all numbers as JSON too\n"
    "  --force          overwrite FILE when it is there already\n";

static void print_pair(const char *name, double first, double second)
{
    if (!isnan(first) && !isnan(second))
        printf("%-10s %9.4f %9.4f %+11.4f\n", name, first, second, first - second);
}

static void print_williams(const gr_run_comparison *c)
{
    print_pair("r to truth", c->truth[0].r, c->truth[1].r);
    if (isnan(c->williams.t))
        printf("Williams: undefined, a score or the truth is constant, or there are too few images\n");
    else
        printf("Williams: scores correlate with each other by %.4f, t(%.0f) %.4f, p %.4g\n", c->scores.r, c->williams.df,
               c->williams.t, c->williams.p);
}

/* What was paired, and what is compared. */
static void print_head(const gr_run_comparison *c, const char *what, const char *name)
{
    printf("%lld predictions, paired by image%s; ", (long long)c->n, c->by_image ? "" : " and fold");
    if (c->label[0] != '\0')
        printf(what[0] != '\0' ? "label %s, " : "label %s", c->label);
    printf("%s%s\n", what, name);
    printf("%-10s %9s %9s %11s\n", "", "first", "second", "difference");
}

static void print_t(const gr_paired_t *t, double level)
{
    printf("%+.4f on average", t->mean);
    if (!isnan(t->interval.low))
        printf(" (from %+.4f to %+.4f at %g %%)", t->interval.low, t->interval.high, 100.0 * level);
    if (!isnan(t->p))
        printf(", t(%.0f) %.4f, p %.4g", t->df, t->t, t->p);
}

/* In a sentence, what the paired tests mean. */
static void print_verdict(const gr_run_comparison *c)
{
    const gr_paired_t *t = &c->absolute;
    if (t->mean == 0.0)
        printf("Both predict equally closely.\n");
    else if (isnan(t->p))
        printf("The %s predicts more closely, by %.4f on average.\n", t->mean < 0.0 ? "first" : "second", fabs(t->mean));
    else
        printf("The %s predicts more closely, by %.4f on average, which %s (p %.4g).\n", t->mean < 0.0 ? "first" : "second",
               fabs(t->mean), t->p < 1.0 - c->level ? "chance hardly explains" : "chance can explain", t->p);
}

static void print_scores(const gr_run_comparison *c)
{
    print_head(c, c->label[0] != '\0' ? "" : "scores", "");
    print_pair("MAE", c->mae[0], c->mae[1]);
    print_pair("RMSE", c->rmse[0], c->rmse[1]);
    print_pair("bias", c->bias[0], c->bias[1]);
    printf("Absolute errors differ by ");
    print_t(&c->absolute, c->level);
    printf("\nWilcoxon: %lld differ, signed ranks sum to +%.15g and -%.15g, ", (long long)c->ranks.n, c->ranks.plus,
           c->ranks.minus);
    if (isnan(c->ranks.p))
        printf("p undefined\n");
    else if (c->ranks.exact)
        printf("exact p %.4g\n", c->ranks.p);
    else
        printf("z %.4f, p %.4g\n", c->ranks.z, c->ranks.p);
    print_williams(c);
    printf("Biases differ by ");
    print_t(&c->difference, c->level);
    printf("\n");
    print_verdict(c);
}

static void print_classes(const gr_run_comparison *c)
{
    const gr_mcnemar *m = &c->mcnemar;
    const gr_delong *d = &c->delong;
    print_head(c, "positive class ", c->positive);
    print_pair("accuracy", c->accuracy[0], c->accuracy[1]);
    print_pair("F1", c->f1[0], c->f1[1]);
    printf("McNemar: only the first is right %lld times, only the second %lld times, exact p %.4g", (long long)m->only_first,
           (long long)m->only_second, m->exact_p);
    if (isnan(m->chi_square))
        printf("\n");
    else
        printf(", chi square %.4f, p %.4g\n", m->chi_square, m->chi_square_p);
    print_pair("AUROC", d->auroc[0], d->auroc[1]);
    if (isnan(d->p))
        printf("DeLong: undefined, there are fewer than two images of the positive class or of the others\n");
    else
        printf("DeLong: difference from %+.4f to %+.4f (%g %%), z %.4f, p %.4g\n", d->difference_interval.low,
               d->difference_interval.high, 100.0 * c->level, d->z, d->p);
    if (c->scored)
        print_williams(c);
    if (c->ordered) {
        print_pair("MAE", c->mae[0], c->mae[1]);
        print_pair("kappa, qu.", c->kappa_quadratic[0], c->kappa_quadratic[1]);
    }
}

static void print(const gr_run_comparison *c)
{
    (c->class_count > 0 ? print_classes : print_scores)(c);
    if (!c->by_image)
        printf("Images have several predictions, which the tests take as independent: they are too sure.\n");
}

gr_status gr_cmd_compare(int argc, char **argv, gr_error *err)
{
    const char *level_text = "0.95", *out = NULL, *label = NULL;
    bool force = false;
    const gr_cli_option options[] = {
        {"--label", &label, NULL}, {"--level", &level_text, NULL}, {"--out", &out, NULL}, {"--force", NULL, &force}};
    gr_run_comparison comparison;
    double level = 0.0;
    gr_status status = gr_cli_parse(&argc, argv, options, sizeof options / sizeof *options, err);
    if (status != GR_OK)
        return status;
    if (argc < 3)
        return gr_fail(err, GR_INVALID, "compare: two runs are needed; usage: grimace compare RUN1 RUN2");
    if (argc > 3)
        return gr_fail(err, GR_INVALID, "compare: \"%s\" is one word too many; two runs are right", argv[3]);
    if (!gr_parse_double(level_text, &level) || !(level > 0.0) || !(level < 1.0))
        return gr_fail(err, GR_INVALID, "compare: --level: \"%s\" is not a number between 0 and 1, such as 0.95",
                       level_text);
    status = out != NULL ? gr_cli_may_write(out, force, err) : GR_OK;
    if (status == GR_OK)
        status = gr_run_comparison_make(argv[1], argv[2], label, level, &comparison, err);
    if (status == GR_OK && out != NULL)
        status = gr_run_comparison_write(&comparison, out, err);
    if (status == GR_OK)
        print(&comparison);
    return status;
}
