#include "learners/watch.h"

#include <math.h>
#include <string.h>

#include "learners/target.h"

/* Does this number get better by falling? Losses do, and of the task's own numbers those that are errors. */
static bool falls(const gr_target *target, const char *metric, const char *mode)
{
    if (mode != NULL)
        return strcmp(mode, "min") == 0;
    if (gr_starts_with(metric, "val_"))
        for (int i = 0; i < target->numbers; i++)
            if (strcmp(target->number(i), metric + 4) == 0)
                return target->falls(i);
    return gr_ends_with(metric, "_loss") || gr_ends_with(metric, "_ce") || gr_ends_with(metric, "_prsc");
}

gr_watch gr_watch_stopping(const gr_cohort *cohort)
{
    const gr_recipe_train *train = &cohort->recipe.train;
    const char *metric = train->early_stopping.metric;
    return (gr_watch){.metric = metric,
                      .falls = metric != NULL && falls(cohort->target, metric, train->early_stopping.mode),
                      .min_delta = train->early_stopping.min_delta};
}

gr_watch gr_watch_keeping(const gr_cohort *cohort)
{
    const gr_recipe_train *train = &cohort->recipe.train;
    if (strcmp(train->keep, "last") == 0)
        return (gr_watch){0};
    if (strcmp(train->keep, "best_if_stopped") == 0)
        return gr_watch_stopping(cohort);
    return (gr_watch){.metric = train->keep_metric,
                      .falls = falls(cohort->target, train->keep_metric, train->keep_mode),
                      .min_delta = train->keep_min_delta};
}

bool gr_watch_see(gr_watch *w, const json_t *line)
{
    w->last_epoch++;
    if (w->metric == NULL)
        return false;
    const json_t *number = json_object_get(line, w->metric);
    double value = json_is_number(number) ? json_number_value(number) : NAN;
    double gain = w->falls ? w->best - value : value - w->best;
    if (isnan(value) || (w->best_epoch > 0 && !(gain > w->min_delta)))
        return false;
    w->best = value;
    w->best_epoch = w->last_epoch;
    return true;
}

bool gr_watch_takes(const gr_cohort *cohort, const gr_watch *stopping, const gr_watch *keeping)
{
    const gr_recipe_train *train = &cohort->recipe.train;
    bool stopped = stopping->metric != NULL && stopping->last_epoch - stopping->best_epoch >= train->early_stopping.patience;
    return keeping->best_epoch > 0 && (stopped || strcmp(train->keep, "best_if_stopped") != 0);
}

gr_status gr_watch_see_all(const char *path, const char *metrics, gr_watch *a, gr_watch *b, gr_error *err)
{
    for (const char *at = metrics; at != NULL && *at != '\0';) {
        size_t length = strcspn(at, "\n");
        json_t *line = json_loadb(at, length, 0, NULL);
        if (line == NULL)
            return gr_fail(err, GR_INVALID, "%s: holds a line of metrics that is no JSON", path);
        (void)gr_watch_see(a, line);
        (void)gr_watch_see(b, line);
        json_decref(line);
        at += length + (at[length] == '\n');
    }
    return GR_OK;
}

gr_status gr_watch_kept(const gr_cohort *cohort, const char *path, const char *metrics, gr_kept *out, gr_error *err)
{
    gr_watch stopping = gr_watch_stopping(cohort), keeping = gr_watch_keeping(cohort);
    gr_status status = gr_watch_see_all(path, metrics, &stopping, &keeping, err);
    *out = (gr_kept){.epoch = keeping.last_epoch, .epochs = keeping.last_epoch, .value = NAN};
    if (gr_watch_takes(cohort, &stopping, &keeping)) {
        out->epoch = keeping.best_epoch;
        out->value = keeping.best;
        snprintf(out->metric, sizeof out->metric, "%s", keeping.metric);
    }
    return status;
}

void gr_watch_sentence(const gr_watch *stopping, const gr_watch *keeping, bool early, char *text, size_t size)
{
    char *at = text;
    text[0] = '\0';
    if (early) {
        int64_t epochs = stopping->last_epoch - stopping->best_epoch;
        int written = snprintf(at, size, "stops behind epoch %lld, %lld epoch%s without a better %s; ",
                               (long long)stopping->last_epoch, (long long)epochs, epochs == 1 ? "" : "s", stopping->metric);
        at += written;
        size -= (size_t)written;
    }
    if (keeping->best_epoch > 0)
        snprintf(at, size, "keeps epoch %lld, %s %.6g", (long long)keeping->best_epoch, keeping->metric, keeping->best);
    else if (keeping->metric != NULL)
        snprintf(at, size, "keeps the last epoch, for %s was defined in none", keeping->metric);
    else if (at != text)
        snprintf(at, size, "keeps epoch %lld, the last", (long long)keeping->last_epoch);
}
