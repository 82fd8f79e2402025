/* Real training, stopped after some steps: so that decoding, augmentation and everything else that a step waits for is in it. */
#include "run/several/sweep_plan.h"

#include <errno.h>
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "config/config.h"
#include "grimace/sweep.h"

enum { LEAST_STEPS = 10, MOST_MEASURED = 8 };
static const double least_seconds = 2.0, most_seconds = 20.0;

/* What is seen of a training. */
typedef struct watch {
    const volatile sig_atomic_t *wish;
    sig_atomic_t stop;
    double first; /* when the first step was done, which is slower */
    int64_t steps, in_epoch;
    double seconds; /* of the steps behind the first */
    int whole;             /* epochs */
    double whole_seconds;  /* of the epochs behind the first, or of that */
    int folds, epochs, runs;
    bool enough;
} watch;

static void look(void *ctx, const gr_event *e)
{
    watch *w = ctx;
    w->stop = w->wish != NULL && *w->wish;
    if (e->folds > 0) {
        w->folds = e->folds;
        w->epochs = e->epochs;
        w->runs = e->settings > 1 ? e->settings : 1;
    }
    if (e->kind == GR_EVENT_EPOCH && !w->enough) {
        w->whole_seconds = w->whole == 1 ? e->numbers.seconds : w->whole_seconds + e->numbers.seconds;
        w->whole++;
        w->enough = w->whole > 2 && w->whole_seconds > least_seconds;
    }
    w->enough = w->enough || e->kind == GR_EVENT_TESTING || e->kind == GR_EVENT_TRAINED || e->kind == GR_EVENT_FOLD;
    if (e->kind == GR_EVENT_STEP && !w->enough && w->whole == 0) {
        double now = gr_seconds();
        w->first = w->steps == 0 ? now : w->first;
        w->in_epoch = e->steps;
        w->steps++;
        w->seconds = now - w->first;
        w->enough = (w->steps > LEAST_STEPS && w->seconds > least_seconds) || (w->steps > 1 && w->seconds > most_seconds);
    }
    w->stop = w->stop || w->enough;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

/* How many steps were timed, in how many seconds. */
static int64_t timed(const watch *w, double *seconds)
{
    *seconds = w->whole > 0 ? w->whole_seconds : w->seconds;
    return w->whole > 1 ? w->in_epoch * (w->whole - 1) : w->whole > 0 ? w->in_epoch : w->steps - 1;
}

static double seconds_of_step(const watch *w)
{
    double seconds;
    int64_t steps = timed(w, &seconds);
    return seconds / (double)steps;
}

/* Trains the setting until enough is seen. */
static gr_status measure(const gr_setting *setting, const volatile sig_atomic_t *stop, watch *w, gr_error *err)
{
    const char *parent = getenv("TMPDIR");
    char folder[4096];
    gr_error why = {0};
    gr_results results = {0};
    snprintf(folder, sizeof folder, "%s/grimace-plan-XXXXXX", parent != NULL && parent[0] != '\0' ? parent : "/tmp");
    if (mkdtemp(folder) == NULL)
        return gr_fail(err, GR_IO, "%s: no folder can be made: %s", folder, strerror(errno));
    *w = (watch){.wish = stop};
    gr_run_options options = {.folder = folder, .hooks = {.stop = &w->stop, .event = look, .ctx = w}};
    gr_status status = gr_run(setting->config, &options, &results, &why);
    if (status == GR_OK)
        gr_results_free(&results);
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    if (stop != NULL && *stop)
        return gr_fail(err, GR_INTERRUPTED, "stopped while steps were measured");
    if (status != GR_OK && status != GR_INTERRUPTED)
        return gr_fail(err, status, "%s", why.text);
    double seconds;
    if (timed(w, &seconds) < 1 || !(seconds > 0))
        return gr_fail(err, GR_INVALID, "sweep: setting %s has no steps of training that could be measured", setting->number);
    return GR_OK;
}

/* Settings that differ in nothing of this take the same time a step. */
static uint64_t kind_of(const gr_config *config)
{
    static const char *const keys[] = {"data.",          "split.",           "model.",          "loss.",
                                       "optimizer.name", "train.batch_size", "train.precision", NULL};
    return gr_config_hash(config, keys);
}

typedef struct plan {
    int64_t trainings;
    double seconds, longest; /* of all; of one training */
    int measured, guessed;
} plan;

static gr_status add_up(const gr_settings *s, const volatile sig_atomic_t *stop, plan *p, gr_text *out, gr_error *err)
{
    uint64_t kinds[MOST_MEASURED];
    watch seen[MOST_MEASURED];
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < s->count; i++) {
        const gr_config *config = s->items[i].config;
        uint64_t kind = kind_of(config);
        int k = 0;
        while (k < p->measured && kinds[k] != kind)
            k++;
        if (k == p->measured && k < MOST_MEASURED) {
            status = measure(&s->items[i], stop, &seen[k], err);
            if (status != GR_OK)
                return status;
            kinds[k] = kind;
            p->measured++;
            double seconds;
            gr_text_printf(out, "setting %s: %d folds, %lld steps an epoch, %.4g s a step (%lld measured)\n", s->items[i].number,
                           seen[k].folds, (long long)seen[k].in_epoch, seconds_of_step(&seen[k]),
                           (long long)timed(&seen[k], &seconds));
        } else if (k == p->measured) {
            k = i % MOST_MEASURED;
            p->guessed++;
        }
        const watch *w = &seen[k];
        int64_t trainings = (int64_t)w->folds * w->runs * (config->train.repeats > 1 ? config->train.repeats : 1);
        double one = seconds_of_step(w) * (double)w->in_epoch * config->train.epochs;
        p->trainings += trainings;
        p->seconds += (double)trainings * one;
        p->longest = fmax(p->longest, one);
    }
    return status;
}

/* With that many workers, when they have all been given as many trainings as possible alike. */
static double hours_of(const plan *p, int64_t workers)
{
    double mean = p->seconds / (double)p->trainings, rounds = ceil((double)p->trainings / (double)workers);
    return fmax(rounds * mean, p->longest) / 3600.0;
}

/* Hours as who reads them would say them; long ones need no other words. */
static void put_plainly(gr_text *out, const char *before, double hours, const char *after)
{
    if (hours < 1.0 / 30.0)
        gr_text_printf(out, "%s%.3g seconds%s", before, hours * 3600.0, after);
    else if (hours < 2.0)
        gr_text_printf(out, "%s%.3g minutes%s", before, hours * 60.0, after);
}

static void put_workers(const plan *p, double hours, gr_text *out)
{
    static const int counts[] = {1, 2, 4, 8, 16, 32, 64, 128};
    gr_text_printf(out, "workers like this machine, one fold at a time:\n");
    for (size_t i = 0; i < sizeof counts / sizeof counts[0] && (i == 0 || counts[i] < 2 * p->trainings); i++) {
        gr_text_printf(out, "%8d  %10.4g hours", counts[i], hours_of(p, counts[i]));
        put_plainly(out, ", ", hours_of(p, counts[i]), "");
        gr_text_printf(out, "\n");
    }
    if (hours <= 0)
        return;
    int64_t low = 1, high = p->trainings;
    if (hours_of(p, high) > hours) {
        gr_text_printf(out, "within %g hours: no number of workers, since one fold takes %.4g\n", hours, p->longest / 3600.0);
        return;
    }
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (hours_of(p, middle) <= hours)
            high = middle;
        else
            low = middle + 1;
    }
    gr_text_printf(out, "within %g hours: %lld worker%s\n", hours, (long long)low, low == 1 ? "" : "s");
}

gr_status gr_plan_sweep(const gr_config *config, double hours, const volatile sig_atomic_t *stop, gr_text *out, gr_error *err)
{
    gr_settings settings;
    plan p = {0};
    gr_status status = gr_settings_make(config, &settings, err);
    if (status != GR_OK)
        return status;
    status = add_up(&settings, stop, &p, out, err);
    if (status == GR_OK) {
        gr_text_printf(out, "%d settings, %lld trainings, %.4g hours with %d thread%s (", settings.count,
                       (long long)p.trainings, p.seconds / 3600.0, gr_threads_get(), gr_threads_get() == 1 ? "" : "s");
        put_plainly(out, "", p.seconds / 3600.0, "; ");
        gr_text_printf(out, "training alone: validation and tests come on top)\n");
        if (p.guessed > 0)
            gr_text_printf(out, "%d settings were not measured, but taken to be like others\n", p.guessed);
        put_workers(&p, hours, out);
    }
    gr_settings_free(&settings);
    return status;
}
