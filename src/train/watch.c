/* Early stopping and the best epoch: two numbers of the epochs that are watched. */
#include <math.h>
#include <string.h>

#include "trainer_private.h"

gr_status gr_trainer_watch(gr_trainer *t, gr_error *err)
{
    const gr_config *c = t->config;
    t->stopping = (gr_watch){.metric = c->train.early_stopping.metric, .min_delta = c->train.early_stopping.min_delta};
    if (strcmp(c->train.keep, "best") != 0)
        return GR_OK;
    t->keeping = (gr_watch){.metric = c->train.keep_metric};
    t->kept = gr_alloc(t->network.params->count, sizeof *t->kept);
    return t->kept != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the parameters of the best epoch");
}

/* true: better than all epochs before. What is no number (a loss beyond all bounds) is no better. */
static bool see(gr_watch *w, const json_t *line)
{
    if (w->metric == NULL)
        return false;
    const json_t *number = json_object_get(line, w->metric);
    double value = json_is_number(number) ? json_number_value(number) : NAN;
    double gain = strstr(w->metric, "loss") != NULL ? w->best - value : value - w->best;
    w->last_epoch++;
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

gr_status gr_trainer_see_all(gr_trainer *t, gr_error *err)
{
    for (const char *at = t->metrics.data; at != NULL && *at != '\0';) {
        size_t length = strcspn(at, "\n");
        json_t *line = json_loadb(at, length, 0, NULL);
        if (line == NULL)
            return gr_fail(err, GR_INVALID, "%s: holds a line of metrics that is no JSON", t->checkpoint_path);
        (void)gr_trainer_see(t, line);
        json_decref(line);
        at += length + (at[length] == '\n');
    }
    return GR_OK;
}

bool gr_trainer_trained(const gr_trainer *t)
{
    const gr_watch *w = &t->stopping;
    bool enough = w->metric != NULL && w->last_epoch - w->best_epoch >= t->config->train.early_stopping.patience;
    return t->at.epoch >= t->config->train.epochs || (enough && t->at.step == 0);
}
