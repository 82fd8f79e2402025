/* How often do intervals hold the true value when images come from animals? Draws data sets of clustered labels and scores, and
 * counts for each kind of interval at 95 % and each number.
 *
 *   coverage [DATA SETS] [IMAGES AN ANIMAL] [SAMPLES]      (2000 20 500)
 *
 * An animal has a share of images in pain (probit, sd 0.5) and scores that are all too high or too low (sd 0.7), and is easier or
 * harder than others (sd 0.4); images add a deviation of their own (sd 1). The truth is that of 100,000 animals. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/distributions.h"
#include "grimace/clusters.h"
#include "grimace/curves.h"
#include "held.h"

enum { POPULATION = 100000 };

static const gr_metric metrics[] = {GR_METRIC_ACCURACY, GR_METRIC_BALANCED_ACCURACY, GR_METRIC_F1,
                                    GR_METRIC_MCC,      GR_METRIC_KAPPA,             GR_METRIC_AUROC};
enum { METRICS = sizeof metrics / sizeof metrics[0] };

typedef struct cohort {
    bench_animals of;
    int32_t *labels, *predicted;
    float *probabilities;
} cohort;

static void open_cohort(cohort *c, int64_t animals, int64_t each)
{
    bench_animals_open(&c->of, animals, each);
    c->labels = bench_room(c->of.rows, sizeof *c->labels);
    c->predicted = bench_room(c->of.rows, sizeof *c->predicted);
    c->probabilities = bench_room(c->of.rows, 2 * sizeof *c->probabilities);
}

static void close_cohort(cohort *c)
{
    bench_animals_close(&c->of);
    gr_free(c->labels);
    gr_free(c->predicted);
    gr_free(c->probabilities);
}

static gr_predictions draw(cohort *c, uint64_t number)
{
    static const char *const classes[] = {"calm", "pain"};
    gr_rng rng = gr_rng_make(1, GR_FOR_TEST, (uint32_t)c->of.animals, number);
    for (int64_t a = 0; a < c->of.animals; a++) {
        double share = gr_normal_tail(-0.5 * gr_rng_normal(&rng)), shift = 0.7 * gr_rng_normal(&rng);
        double apart = 1.0 + 0.4 * gr_rng_normal(&rng);
        for (int64_t i = a * c->of.each; i < (a + 1) * c->of.each; i++) {
            c->labels[i] = gr_rng_double(&rng) < share;
            double logit = apart * (c->labels[i] ? 1.0 : -1.0) + shift + gr_rng_normal(&rng);
            c->predicted[i] = logit > 0.0;
            c->probabilities[2 * i + 1] = (float)(1.0 / (1.0 + exp(-logit)));
            c->probabilities[2 * i] = 1.0f - c->probabilities[2 * i + 1];
        }
    }
    return (gr_predictions){.count = c->of.rows,
                            .class_count = 2,
                            .classes = classes,
                            .groups = c->of.groups,
                            .labels = c->labels,
                            .predicted = c->predicted,
                            .probabilities = c->probabilities};
}

static void find_truth(int64_t each, double *truth)
{
    cohort c;
    gr_metrics m;
    gr_error err = {0};
    open_cohort(&c, POPULATION, each);
    gr_predictions p = draw(&c, 0);
    if (gr_metrics_compute(p.labels, p.predicted, p.probabilities, p.count, 2, 1, &m, &err) != GR_OK)
        exit(1);
    for (int i = 0; i < METRICS; i++)
        truth[i] = m.value[metrics[i]];
    gr_metrics_free(&m);
    close_cohort(&c);
}

/* The number after the metrics: DeLong's for clusters. */
static void judge(const gr_predictions *p, const double *truth, int samples, uint64_t seed, bench_tally *t)
{
    const gr_bootstrap_options by_image = {samples, 0.95, false, seed}, by_animal = {samples, 0.95, true, seed};
    gr_bootstrap image, animal;
    gr_group_statistics g;
    gr_metrics m;
    gr_error err = {0};
    if (gr_metrics_compute(p->labels, p->predicted, p->probabilities, p->count, 2, 1, &m, &err) != GR_OK ||
        gr_bootstrap_metrics(p, 1, &by_image, &image, &err) != GR_OK ||
        gr_bootstrap_metrics(p, 1, &by_animal, &animal, &err) != GR_OK ||
        gr_group_statistics_make(p, 1, 0.95, samples, seed, &g, &err) != GR_OK) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    for (int i = 0; i < METRICS; i++) {
        gr_interval exact;
        (void)gr_metrics_interval(&m, 1, -1, metrics[i], 0.95, &exact);
        bench_count(t, 0, i, exact, truth[i]);
        bench_count(t, 1, i, image.metric[metrics[i]], truth[i]);
        bench_count(t, 2, i, animal.metric[metrics[i]], truth[i]);
        bench_count(t, 3, i, g.metric[metrics[i]].bca, truth[i]);
        bench_count(t, 4, i, g.metric[metrics[i]].jackknife, truth[i]);
    }
    bench_count(t, 0, METRICS, g.delong.interval[0], truth[METRICS - 1]);
    gr_metrics_free(&m);
    gr_bootstrap_free(&image);
    gr_bootstrap_free(&animal);
}

static void print(const bench_tally *t, const cohort *c)
{
    bench_print(t, &c->of, " accuracy balanced       F1      MCC    kappa    AUROC", METRICS);
    printf("%-22s %53.1f\n", "DeLong for clusters", 100.0 * (double)t->held[0][METRICS] / (double)t->drawn[0][METRICS]);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const int64_t sizes[] = {6, 10, 20, 40, 80};
    long sets = argc > 1 ? atol(argv[1]) : 2000, each = argc > 2 ? atol(argv[2]) : 20, samples = argc > 3 ? atol(argv[3]) : 500;
    double truth[METRICS];
    if (sets < 1 || each < 2 || samples < 1)
        return 2;
    find_truth(each, truth);
    printf("%ld data sets, %ld bootstrap samples; truth: accuracy %.4f, balanced %.4f, F1 %.4f, MCC %.4f, kappa %.4f, AUROC %.4f\n",
           sets, samples, truth[0], truth[1], truth[2], truth[3], truth[4], truth[5]);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        bench_tally t = {0};
        cohort c;
        open_cohort(&c, sizes[s], each);
        for (long d = 1; d <= sets; d++) {
            gr_predictions p = draw(&c, (uint64_t)d);
            judge(&p, truth, (int)samples, (uint64_t)d, &t);
        }
        print(&t, &c);
        close_cohort(&c);
    }
    return 0;
}
