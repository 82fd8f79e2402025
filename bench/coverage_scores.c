/* bench/coverage.c for scores: how often intervals of their numbers hold the true value when images come from animals.
 *
 *   coverage_scores [DATA SETS] [IMAGES AN ANIMAL] [SAMPLES]      (2000 20 200)
 *
 * An animal has a pain of its own (sd 1), and predictions that are all too high or too low (sd 0.5) and noisier or not than others'
 * (the noise's sd times e^(0.4 z)); images add pain (sd 1) and noise (sd 1) of their own, and 0.8 of the pain is predicted. The
 * truth is that of 20,000 animals. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "held.h"

enum { POPULATION = 20000 };

static const gr_score_metric metrics[] = {GR_SCORE_MAE,      GR_SCORE_RMSE, GR_SCORE_R2,           GR_SCORE_PEARSON,
                                          GR_SCORE_SPEARMAN, GR_SCORE_ICC,  GR_SCORE_BIAS,         GR_SCORE_LIMITS_UPPER};
enum { METRICS = sizeof metrics / sizeof metrics[0] };

typedef struct cohort {
    bench_animals of;
    double *truth, *predicted;
    int32_t *fold;
} cohort;

static void open_cohort(cohort *c, int64_t animals, int64_t each)
{
    bench_animals_open(&c->of, animals, each);
    c->truth = bench_room(c->of.rows, sizeof *c->truth);
    c->predicted = bench_room(c->of.rows, sizeof *c->predicted);
    c->fold = bench_room(c->of.rows, sizeof *c->fold);
}

static void close_cohort(cohort *c)
{
    bench_animals_close(&c->of);
    gr_free(c->truth);
    gr_free(c->predicted);
    gr_free(c->fold);
}

static void draw(cohort *c, uint64_t number)
{
    gr_rng rng = gr_rng_make(2, GR_FOR_TEST, (uint32_t)c->of.animals, number);
    for (int64_t a = 0; a < c->of.animals; a++) {
        double pain = gr_rng_normal(&rng), shift = 0.5 * gr_rng_normal(&rng), noise = exp(0.4 * gr_rng_normal(&rng));
        for (int64_t i = a * c->of.each; i < (a + 1) * c->of.each; i++) {
            c->truth[i] = pain + gr_rng_normal(&rng);
            c->predicted[i] = 0.8 * c->truth[i] + shift + noise * gr_rng_normal(&rng);
        }
    }
}

static void find_truth(int64_t each, double *truth)
{
    cohort c;
    gr_score_numbers n;
    gr_error err = {0};
    open_cohort(&c, POPULATION, each);
    draw(&c, 0);
    if (gr_score_compute(c.truth, c.predicted, c.of.rows, &n, &err) != GR_OK)
        exit(1);
    for (int i = 0; i < METRICS; i++)
        truth[i] = n.value[metrics[i]];
    close_cohort(&c);
}

static gr_statistics make(const cohort *c, int samples, bool by_group, uint64_t seed)
{
    static const char *const folds[] = {"0"}, *const names[] = {"score"};
    const gr_score_predictions p = {.count = c->of.rows, .outputs = 1, .names = names, .fold_count = 1, .folds = folds,
                                    .group_column = "animal", .groups = c->of.groups, .fold = c->fold, .truth = c->truth,
                                    .predicted = c->predicted};
    const gr_statistics_options options = {.confidence = 0.95, .bootstrap = {samples, 0.95, by_group, seed}};
    gr_statistics s;
    gr_error err = {0};
    if (gr_score_statistics_make("s", &p, &options, &s, &err) != GR_OK) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    return s;
}

static void judge(const cohort *c, const double *truth, int samples, uint64_t seed, bench_tally *t)
{
    gr_statistics by_image = make(c, samples, false, seed), by_animal = make(c, samples, true, seed);
    const gr_score_agreement *a = &by_image.agreement[0];
    const gr_interval nowhere = {NAN, NAN};
    const gr_interval plain[METRICS] = {nowhere,        nowhere,         nowhere, a->pearson.interval, a->spearman.interval,
                                        a->icc.interval, a->limits.bias_interval, a->limits.upper_interval};
    for (int i = 0; i < METRICS; i++) {
        const gr_by_cluster *m = &a->groups.metric[metrics[i]];
        bench_count(t, 0, i, plain[i], truth[i]);
        bench_count(t, 1, i, by_image.results.scores->each[0].bootstrap[metrics[i]], truth[i]);
        bench_count(t, 2, i, by_animal.results.scores->each[0].bootstrap[metrics[i]], truth[i]);
        bench_count(t, 3, i, m->bca, truth[i]);
        bench_count(t, 4, i, m->jackknife, truth[i]);
    }
    gr_statistics_free(&by_image);
    gr_statistics_free(&by_animal);
}

int main(int argc, char **argv)
{
    const int64_t sizes[] = {6, 10, 20, 40};
    long sets = argc > 1 ? atol(argv[1]) : 2000, each = argc > 2 ? atol(argv[2]) : 20, samples = argc > 3 ? atol(argv[3]) : 200;
    double truth[METRICS];
    if (sets < 1 || each < 2 || samples < 1)
        return 2;
    find_truth(each, truth);
    printf("%ld data sets, %ld bootstrap samples; truth:", sets, samples);
    for (int i = 0; i < METRICS; i++)
        printf(" %s %.4f", gr_score_metric_name(metrics[i]), truth[i]);
    printf("\n");
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        bench_tally t = {0};
        cohort c;
        open_cohort(&c, sizes[s], each);
        for (long d = 1; d <= sets; d++) {
            draw(&c, (uint64_t)d);
            judge(&c, truth, (int)samples, (uint64_t)d, &t);
        }
        bench_print(&t, &c.of, "      MAE     RMSE       r2  Pearson Spearman      ICC     bias    upper", METRICS);
        close_cohort(&c);
    }
    return 0;
}
