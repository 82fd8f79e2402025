/* Early stopping and the best epoch: two numbers of the epochs that are watched. */
#include <math.h>
#include <string.h>

#include "learners/trainer_private.h"

/* Does this number get better by falling? */
static bool falls(const char *metric, const char *mode)
{
    if (mode != NULL)
        return strcmp(mode, "min") == 0;
    return gr_ends_with(metric, "_loss") || gr_ends_with(metric, "_ce") || gr_ends_with(metric, "_prsc") ||
           gr_ends_with(metric, "_nrmse");
}

static gr_watch stopping_of(const gr_config *c)
{
    const char *metric = c->train.early_stopping.metric;
    return (gr_watch){.metric = metric,
                      .falls = metric != NULL && falls(metric, c->train.early_stopping.mode),
                      .min_delta = c->train.early_stopping.min_delta};
}

static gr_watch keeping_of(const gr_config *c)
{
    if (strcmp(c->train.keep, "best") != 0)
        return (gr_watch){0};
    return (gr_watch){.metric = c->train.keep_metric, .falls = falls(c->train.keep_metric, c->train.keep_mode)};
}

gr_status gr_trainer_watch(gr_trainer *t, gr_error *err)
{
    t->stopping = stopping_of(t->config);
    t->keeping = keeping_of(t->config);
    if (t->keeping.metric == NULL)
        return GR_OK;
    t->kept = gr_alloc(t->network.params->count, sizeof *t->kept);
    return t->kept != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the parameters of the best epoch");
}

/* true: better than all epochs before. What is no number (a loss beyond all bounds, an undefined metric) is no better. */
static bool see(gr_watch *w, const json_t *line)
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

bool gr_trainer_see(gr_trainer *t, const json_t *line)
{
    (void)see(&t->stopping, line);
    return see(&t->keeping, line);
}

/* Takes note of all lines of a metrics.jsonl; false: one is no JSON. */
static bool see_all(const char *metrics, gr_watch *a, gr_watch *b)
{
    for (const char *at = metrics; at != NULL && *at != '\0';) {
        size_t length = strcspn(at, "\n");
        json_t *line = json_loadb(at, length, 0, NULL);
        if (line == NULL)
            return false;
        (void)see(a, line);
        (void)see(b, line);
        json_decref(line);
        at += length + (at[length] == '\n');
    }
    return true;
}

static gr_status no_lines(const char *path, gr_error *err)
{
    return gr_fail(err, GR_INVALID, "%s: holds a line of metrics that is no JSON", path);
}

gr_status gr_trainer_see_all(gr_trainer *t, gr_error *err)
{
    return see_all(t->metrics.data, &t->stopping, &t->keeping) ? GR_OK : no_lines(t->checkpoint_path, err);
}

static gr_kept kept_by(const gr_watch *keeping)
{
    gr_kept kept = {.epoch = keeping->last_epoch, .epochs = keeping->last_epoch, .value = NAN};
    if (keeping->best_epoch > 0) {
        kept.epoch = keeping->best_epoch;
        kept.value = keeping->best;
        snprintf(kept.metric, sizeof kept.metric, "%s", keeping->metric);
    }
    return kept;
}

gr_status gr_kept_of(const gr_config *config, const char *path, const char *metrics, gr_kept *out, gr_error *err)
{
    gr_watch stopping = stopping_of(config), keeping = keeping_of(config);
    bool good = see_all(metrics, &stopping, &keeping);
    *out = kept_by(&keeping);
    return good ? GR_OK : no_lines(path, err);
}

/* Stopped by its metric? */
static bool stopped_early(const gr_trainer *t)
{
    const gr_watch *w = &t->stopping;
    return w->metric != NULL && w->last_epoch - w->best_epoch >= t->config->train.early_stopping.patience;
}

bool gr_trainer_trained(const gr_trainer *t)
{
    return t->at.epoch >= t->config->train.epochs || (stopped_early(t) && t->at.step == 0);
}

void gr_trainer_tell_kept(gr_trainer *t)
{
    const gr_watch *stopping = &t->stopping, *keeping = &t->keeping;
    char text[250] = "", *at = text;
    size_t room = sizeof text;
    if (stopped_early(t) && t->at.epoch < t->config->train.epochs) {
        int64_t epochs = stopping->last_epoch - stopping->best_epoch;
        int written = snprintf(at, room, "stops behind epoch %lld, %lld epoch%s without a better %s; ",
                               (long long)stopping->last_epoch, (long long)epochs, epochs == 1 ? "" : "s", stopping->metric);
        at += written;
        room -= (size_t)written;
    }
    if (keeping->best_epoch > 0)
        snprintf(at, room, "keeps epoch %lld, %s %.6g", (long long)keeping->best_epoch, keeping->metric, keeping->best);
    else if (keeping->metric != NULL)
        snprintf(at, room, "keeps the last epoch, for %s was defined in none", keeping->metric);
    else if (at != text)
        snprintf(at, room, "keeps epoch %lld, the last", (long long)keeping->last_epoch);
    if (text[0] != '\0')
        gr_trainer_tell(t, (gr_event){.kind = GR_EVENT_TRAINED, .text = text, .epoch = (int)t->at.epoch});
}
