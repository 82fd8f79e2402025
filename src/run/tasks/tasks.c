#include <math.h>
#include <string.h>

#include "learners/learner.h"
#include "run/tasks/task.h"

#define TASK(task) &task,
static const gr_task *const tasks[] = {GR_TASKS(TASK)};

const gr_task *gr_task_find(const char *name, bool several)
{
    const gr_task *found = NULL;
    for (size_t i = 0; found == NULL && i < sizeof tasks / sizeof tasks[0]; i++)
        if (strcmp(tasks[i]->target.task, name) == 0 && (several ? tasks[i]->several : tasks[i]->one))
            found = tasks[i];
    return found;
}

/* A task that does not learn several columns stands for itself: gr_task_check refuses it. */
const gr_task *gr_task_of(const gr_config *config)
{
    const gr_task *task = gr_task_find(config->task, config->data.labels.count > 0);
    return task != NULL ? task : gr_task_find(config->task, false);
}

static bool among(const char *word, const char *const *words)
{
    while (*words != NULL && strcmp(*words, word) != 0)
        words++;
    return *words != NULL;
}

/* "mse or wing" in list[size]. */
static const char *list_of(const char *const *words, char *list, size_t size)
{
    int written = 0;
    for (int i = 0; words[i] != NULL && (size_t)written < size; i++)
        written += snprintf(list + written, size - (size_t)written, "%s%s",
                            i == 0                 ? ""
                            : words[i + 1] != NULL ? ", "
                                                   : " or ",
                            words[i]);
    return list;
}

/* "the head is linear", or for tasks that the head does not tell "the task is scores". */
static const char *subject(const gr_config *config, const char *before, char *text, size_t size)
{
    bool head = gr_task_of(config)->by_head;
    snprintf(text, size, "the %s%s%.40s", head ? "head " : "task ", before, head ? config->model.head : config->task);
    return text;
}

/* A number that epochs are judged by must be one of the task's. */
static gr_status check_watched(const gr_config *config, const char *key, const char *metric, gr_error *err)
{
    const gr_target *target = &gr_task_of(config)->target;
    const char *name = strchr(metric, '_') + 1;
    char text[80];
    bool has = strcmp(name, "loss") == 0 || (strcmp(name, "prsc") == 0 && !target->placed);
    if (target->correct != NULL)
        has = has || strcmp(name, "ce") == 0 || strcmp(name, "accuracy") == 0;
    for (int i = 0; !has && gr_starts_with(metric, "val_") && i < target->numbers; i++)
        has = strcmp(target->number(i), name) == 0;
    if (has)
        return GR_OK;
    return gr_config_fail(config, key, err, "is %s, which %s does not have; val_%s would be right", metric,
                          subject(config, "", text, sizeof text), target->correct != NULL ? "accuracy" : target->number(0));
}

static gr_status check_fit(const gr_config *config, gr_error *err)
{
    const gr_task *task = gr_task_of(config);
    const gr_learner *learner = gr_learner_find(config->model.classic);
    const char *const *losses = gr_task_losses(config->task);
    bool placed = strcmp(config->model.head, "landmarks") == 0;
    char list[128], text[80];
    if (!gr_learner_takes(learner, config->task))
        return gr_config_fail(config, "task", err, "is %s, which model.classic %s cannot learn; %s would be right",
                              config->task, learner->name, list_of(learner->tasks, list, sizeof list));
    if (learner->tasks == NULL && placed != task->target.placed)
        return gr_config_fail(config, "model.head", err, "is %.40s, but the task is %s; %s would be right",
                              config->model.head, config->task, placed ? "linear, painseeker or mlp" : "landmarks");
    if (!among(config->loss.name, losses))
        return gr_config_fail(config, "loss.name", err, "is %s, but %s; %s would be right", config->loss.name,
                              subject(config, "is ", text, sizeof text), list_of(losses, list, sizeof list));
    return GR_OK;
}

static gr_status check_columns(const gr_config *config, gr_error *err)
{
    const gr_task *task = gr_task_of(config);
    const gr_strings *labels = &config->data.labels;
    if (labels->count > 0 && !task->several)
        return gr_config_fail(config, "data.labels", err,
                              "names columns to be learnt at once, and the task is %s; classes or scores "
                              "would be right, or [] with data.label",
                              config->task);
    for (int i = 0; i < labels->count; i++) {
        if (strcmp(labels->items[i], "total") == 0)
            return gr_config_fail(config, "data.labels", err,
                                  "names a column \"total\", which is what their sum is called; another "
                                  "name for the column would be right");
        for (int j = 0; j < i; j++)
            if (strcmp(labels->items[i], labels->items[j]) == 0)
                return gr_config_fail(config, "data.labels", err, "has \"%.80s\" twice", labels->items[i]);
    }
    if (labels->count > 0 && config->experiment.labels.count > 0)
        return gr_config_fail(config, "data.labels", err,
                              "is there beside experiment.labels, which trains a network for each column; "
                              "one of them would be right");
    if (!isnan(config->data.range[0]) && !task->ranged)
        return gr_config_fail(config, "data.range", err,
                              "is the scale of scores, and the task is %s; null would be right, or task "
                              "scores",
                              config->task);
    if (task->ranged && !isnan(config->data.range[0]) && !(config->data.range[0] < config->data.range[1]))
        return gr_config_fail(config, "data.range", err, "does not rise, [lo, hi] with lo below hi would be right");
    if (task->ranged && config->data.classes.count > 0 && config->experiment.labels.count == 0)
        return gr_config_fail(config, "data.classes", err,
                              "lists classes, and the task is scores; [] would be right, or task classes "
                              "or ordinal");
    return GR_OK;
}

static gr_status check_study(const gr_config *config, gr_error *err)
{
    const gr_task *task = gr_task_of(config);
    bool labels = config->experiment.labels.count > 0;
    char text[80];
    if ((labels && !task->labels) || (config->experiment.cross != NULL && !task->cross))
        return gr_config_fail(config, labels ? "experiment.labels" : "experiment.cross", err,
                              "needs a network of classes, %s", subject(config, "is ", text, sizeof text));
    if (labels && task->choose == NULL && config->experiment.classes.count > 0)
        return gr_config_fail(config, "experiment.classes", err, "lists classes, and the task is %s; [] would be right",
                              config->task);
    return GR_OK;
}

/* What not every task has. */
static gr_status check_extras(const gr_config *config, gr_error *err)
{
    const gr_task *task = gr_task_of(config);
    bool several = config->data.labels.count > 0 && task->choose == NULL && !task->ranged;
    char text[80] = "data.labels names several columns";
    const char *drawn = config->evaluate.bootstrap.count > 0     ? "evaluate.bootstrap.count"
                        : config->evaluate.permutation.count > 0 ? "evaluate.permutation.count"
                                                                 : NULL;
    if (!several)
        subject(config, "is ", text, sizeof text);
    if (task->choose == NULL && strcmp(config->data.balance, "none") != 0)
        return several ? gr_config_fail(config, "data.balance", err, "is %s, but %s of labels; none would be right",
                                        config->data.balance, text)
                       : gr_config_fail(config, "data.balance", err, "is %s, but %s have no classes; none would be right",
                                        config->data.balance, config->task);
    if (!task->drawn && drawn != NULL)
        return gr_config_fail(config, drawn, err, "is of classes, and %s; 0 would be right", text);
    if (!task->averaged && config->evaluate.average_over != NULL)
        return gr_config_fail(config, "evaluate.average_over", err, "averages probabilities, and %s; null would be right",
                              text);
    if (task->choose == NULL && config->model.aux)
        return gr_config_fail(config, "model.aux", err, "is an auxiliary classifier, and %s; false would be right", text);
    return GR_OK;
}

gr_status gr_task_check(const gr_config *config, gr_error *err)
{
    const gr_task *task = gr_task_of(config);
    const struct {
        const char *key, *metric;
    } watched[] = {{"train.early_stopping.metric", config->train.early_stopping.metric},
                   {"train.keep_metric", strcmp(config->train.keep, "best") == 0 ? config->train.keep_metric : NULL}};
    gr_status status = check_study(config, err);
    if (status == GR_OK)
        status = check_columns(config, err);
    if (status == GR_OK)
        status = check_fit(config, err);
    for (size_t i = 0; status == GR_OK && i < sizeof watched / sizeof watched[0]; i++)
        if (watched[i].metric != NULL)
            status = check_watched(config, watched[i].key, watched[i].metric, err);
    if (status == GR_OK && task->check != NULL)
        status = task->check(config, err);
    return status == GR_OK ? check_extras(config, err) : status;
}
