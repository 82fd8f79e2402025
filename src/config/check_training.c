/* Rules across the keys of the optimiser, the schedule and what is kept: what a value means nothing beside. */
#include "config/check_training.h"

#include <math.h>
#include <string.h>

#include "config/owned.h"
#include "config/source.h"

static bool is(const char *name, const char *a, const char *b)
{
    return strcmp(name, a) == 0 || (b != NULL && strcmp(name, b) == 0);
}

static gr_status check_dampening(const gr_config *config, gr_error *err)
{
    return config->optimizer.dampening == 0 || is(config->optimizer.form, "torch", NULL)
               ? GR_OK
               : gr_config_fail(config, "optimizer.dampening", err,
                                "means nothing in Keras's form; 0, or optimizer.form torch, would be right");
}

static gr_status check_clip(const gr_config *config, gr_error *err)
{
    int set = (config->optimizer.clip.value > 0) + (config->optimizer.clip.norm > 0) + (config->optimizer.clip.global_norm > 0);
    bool keras = is(config->optimizer.form, "keras", NULL);
    if (config->optimizer.clip.norm > 0 && !keras)
        return gr_config_fail(config, "optimizer.clip.norm", err,
                              "is Keras's, each tensor by itself; optimizer.clip.global_norm, or optimizer.form keras, would be "
                              "right");
    if (set > 1 && keras)
        return gr_config_fail(config, config->optimizer.clip.value > 0 ? "optimizer.clip.value" : "optimizer.clip.norm", err,
                              "value, norm and global_norm exclude one another in Keras; one of them would be right");
    return GR_OK;
}

static gr_status check_optimizer_keys(const gr_config *config, gr_error *err)
{
    return gr_owned_check(config, "optimizer.name", err);
}

static gr_status check_schedule_keys(const gr_config *config, gr_error *err)
{
    return gr_owned_check(config, "schedule.name", err);
}

static gr_status check_piecewise(const gr_config *config, gr_error *err)
{
    const gr_ints *at = &config->schedule.boundaries;
    bool piecewise = is(config->schedule.name, "piecewise", NULL);
    int values = 0;
    while (values < 16 && !isnan(config->schedule.values[values]))
        values++;
    if (!piecewise && (at->count > 0 || values > 0))
        return gr_config_fail(config, at->count > 0 ? "schedule.boundaries" : "schedule.values", err,
                              "means nothing for %s; schedule.name piecewise has it", config->schedule.name);
    for (int i = 1; i < at->count; i++)
        if (at->items[i] <= at->items[i - 1])
            return gr_config_fail(config, "schedule.boundaries", err, "do not rise: %d stands behind %d", at->items[i],
                                  at->items[i - 1]);
    if (piecewise && values != at->count + 1)
        return gr_config_fail(config, "schedule.values", err, "are %d, expected one more than the %d boundaries", values,
                              at->count);
    return GR_OK;
}

static gr_status check_schedule(const gr_config *config, gr_error *err)
{
    bool plateau = is(config->schedule.name, "plateau", NULL);
    if (plateau && is(config->schedule.rule, "torch", NULL) && fabs(config->schedule.min_delta - 1e-4) > 0)
        return gr_config_fail(config, "schedule.min_delta", err,
                              "means nothing by PyTorch's rule, which asks for 1e-4 of the best; schedule.rule keras has it");
    if (config->schedule.warmup > 0 && plateau)
        return gr_config_fail(config, "schedule.warmup", err,
                              "is there beside plateau, which does not go by time; 0 would be right");
    return GR_OK;
}

static gr_status check_restore(const gr_config *config, gr_error *err)
{
    return !is(config->train.keep, "best_if_stopped", NULL) || config->train.early_stopping.metric
               ? GR_OK
               : gr_config_fail(config, "train.keep", err, "is best_if_stopped, but train.early_stopping.metric names no number");
}

static gr_status check_both_weights(const gr_config *config, gr_error *err)
{
    bool named = config->loss.class_weight.count > 0, balanced = is(config->data.balance, "class_weight", NULL);
    if (named && balanced)
        return gr_config_fail(config, "loss.class_weight", err,
                              "is there beside data.balance class_weight, which says the same; one of them would be right");
    return config->data.weight == NULL || !(named || balanced) || !is(config->semantics, "keras3", NULL)
               ? GR_OK
               : gr_config_fail(config, "data.weight", err,
                                "is there beside %s, which Keras 3 refuses; one of them, or semantics keras2, which multiplies "
                                "them, would be right",
                                named ? "loss.class_weight" : "data.balance class_weight");
}

static gr_status check_class_weight(const gr_config *config, gr_error *err)
{
    if (config->loss.class_weight.count == 0)
        return GR_OK;
    if (!is(config->task, "classes", NULL))
        return gr_config_fail(config, "loss.class_weight", err, "means nothing for the task %s; classes has it", config->task);
    return is(config->model.classic, "none", NULL)
               ? GR_OK
               : gr_config_fail(config, "loss.class_weight", err, "means nothing for %s; networks have it", config->model.classic);
}

static gr_status check_dct(const gr_config *config, gr_error *err)
{
    return is(config->data.jpeg_dct, "exact", NULL) || is(config->model.classic, "none", "lbp_svm")
               ? GR_OK
               : gr_config_fail(config, "data.jpeg_dct", err, "means nothing for %s; networks and lbp_svm have it",
                                config->model.classic);
}

const gr_config_rule gr_training_rules[] = {
    {check_dct, "data.jpeg_dct model.classic"},
    {check_both_weights, "data.weight data.balance loss.class_weight semantics"},
    {check_class_weight, "loss.class_weight task model.classic model.head"},
    {check_dampening, "optimizer.dampening optimizer.form"},
    {check_clip, "optimizer.clip.value optimizer.clip.norm optimizer.clip.global_norm optimizer.form"},
    {check_optimizer_keys, "optimizer.name"},
    {check_schedule_keys, "schedule.name"},
    {check_piecewise, "schedule.boundaries schedule.values schedule.name"},
    {check_schedule, "schedule.warmup schedule.name schedule.rule schedule.min_delta"},
    {check_restore, "train.keep train.early_stopping.metric"},
};
const int gr_training_rule_count = sizeof gr_training_rules / sizeof gr_training_rules[0];
