/* How a network ends, task by task: the last layers behind a head's features [N, d] (of boxes [N, H, W, 5 K]), and the
 * loss on them.
 *
 *   classes    dense -> S classes, softmax over each label's block          cross_entropy
 *   ordinal    dense without bias -> score, proportional odds, softmax      cumulative (their negative log-likelihood)
 *   scores     dense -> S                                                   mse, mae, huber
 *   landmarks  dense -> 2 L coordinates                                     mse, wing
 *   boxes      the map of the head's [N, H, W, 5 K]                         focal (and the errors of places and sides)
 *
 * S label columns are learnt at once. A new task is a record at the end of this file, and its name in the list behind. */
#include "models/models.h"

#include <string.h>

int64_t gr_model_columns(const gr_model_options *options)
{
    return options->outputs > 0 ? options->outputs : 1;
}

/* ---- classes ----------------------------------------------------------------------------------------------------------------- */

static gr_status check_classes(const gr_model_options *options, gr_error *err)
{
    if (options->classes < 2)
        return gr_fail(err, GR_INVALID, "a classifier needs at least 2 classes, got %lld", (long long)options->classes);
    return GR_OK;
}

static void end_in_classes(gr_model *model, const gr_model_options *options, gr_head_out features)
{
    int64_t columns = gr_model_columns(options);
    model->logits = gr_dense(model->graph, features.value, "classifier", columns * options->classes, features.init);
    model->probabilities = gr_softmax_groups(model->graph, model->logits, "probabilities", columns);
    model->answer = model->probabilities;
}

static gr_value *add_cross_entropy(gr_model *model, const gr_loss_options *options, const char *name)
{
    gr_shape labels = model->outputs > 1 ? gr_shape2(1, model->outputs) : gr_shape1(1);
    model->labels = gr_input(model->graph, "labels", GR_I32, labels);
    if (options->sampled)
        model->weights = gr_input(model->graph, "weights", GR_F32, gr_shape1(1));
    model->ce = gr_cross_entropy_with(model->graph, model->logits, model->labels, model->weights, name, options->class_weights,
                                      options->by_count);
    return model->ce;
}

/* ---- ordinal ----------------------------------------------------------------------------------------------------------------- */

static void end_in_order(gr_model *model, const gr_model_options *options, gr_head_out features)
{
    gr_graph *g = model->graph;
    gr_value *score = gr_dense_without_bias(g, features.value, "classifier", 1, features.init);
    model->logits = gr_proportional_odds(g, score, "log_probabilities", "classifier", options->classes);
    model->probabilities = gr_softmax(g, model->logits, "probabilities");
    model->answer = model->probabilities;
}

/* ---- scores and landmarks ---------------------------------------------------------------------------------------------------- */

static void end_in_scores(gr_model *model, const gr_model_options *options, gr_head_out features)
{
    model->scores = gr_dense(model->graph, features.value, "classifier", gr_model_columns(options), features.init);
    model->answer = model->scores;
}

static gr_status check_landmarks(const gr_model_options *options, gr_error *err)
{
    if (options->landmarks < 1 || options->filters < 0)
        return gr_fail(err, GR_INVALID, "the head landmarks needs at least 1 landmark and no negative number of filters, got "
                       "%lld and %lld", (long long)options->landmarks, (long long)options->filters);
    return GR_OK;
}

static void end_in_landmarks(gr_model *model, const gr_model_options *options, gr_head_out features)
{
    model->coordinates = gr_dense(model->graph, features.value, "landmarks", 2 * options->landmarks, features.init);
    model->answer = model->coordinates;
}

static gr_value *add_value_loss(gr_model *model, const gr_loss_options *options, const char *name)
{
    gr_graph *g = model->graph;
    gr_value *x = model->answer, *targets = gr_input(g, "targets", GR_F32, gr_value_shape(x));
    model->targets = targets;
    if (strcmp(name, "mae") == 0)
        return gr_mae_loss(g, x, targets, name);
    if (strcmp(name, "huber") == 0)
        return gr_huber_loss(g, x, targets, name, options->huber_delta);
    /* The unit of the wing loss is a pixel of the network's image; coordinates are shares of its side. */
    if (strcmp(name, "wing") == 0)
        return gr_wing_loss(g, x, targets, name, (double)gr_value_shape(model->image).dim[1], options->wing_w,
                            options->wing_epsilon);
    return gr_mse_loss(g, x, targets, name);
}

/* ---- boxes ------------------------------------------------------------------------------------------------------------------- */

static gr_status check_boxes(const gr_model_options *options, gr_error *err)
{
    if (options->classes < 1 || options->box_stride < 0 || options->box_filters < 0)
        return gr_fail(err, GR_INVALID, "the head boxes needs at least 1 kind of box and no negative stride or filters, got %lld, "
                       "%lld and %lld", (long long)options->classes, (long long)options->box_stride,
                       (long long)options->box_filters);
    return GR_OK;
}

static void end_in_boxes(gr_model *model, const gr_model_options *options, gr_head_out features)
{
    (void)options;
    model->maps = features.value;
    model->answer = model->maps;
}

static gr_value *add_box_loss(gr_model *model, const gr_loss_options *options, const char *name)
{
    (void)options;
    if (model->maps == NULL)
        return NULL;
    model->targets = gr_input(model->graph, "targets", GR_F32, gr_value_shape(model->maps));
    return gr_box_loss(model->graph, model->maps, model->targets, name);
}

/* ---- the table --------------------------------------------------------------------------------------------------------------- */

static const gr_ending classes = {
    .task = "classes",
    .answer = "probabilities",
    .decided_by = "the head",
    .losses = (const char *const[]){"cross_entropy", NULL},
    .columns = true,
    .aux = true,
    .check = check_classes,
    .build = end_in_classes,
    .add_loss = add_cross_entropy,
};
static const gr_ending ordinal = {
    .task = "ordinal",
    .answer = "probabilities",
    .reads = "a probability for each class, the lowest class first; the predicted class is the median, the first whose cumulative "
             "probability is at least 0.5",
    .decided_by = "the task ordinal",
    .losses = (const char *const[]){"cumulative", NULL},
    .check = check_classes,
    .build = end_in_order,
    .add_loss = add_cross_entropy,
};
static const gr_ending scores = {
    .task = "scores",
    .answer = "scores",
    .reads = "a score for each of the labels, in their order",
    .decided_by = "the task scores",
    .losses = (const char *const[]){"mse", "mae", "huber", NULL},
    .columns = true,
    .build = end_in_scores,
    .add_loss = add_value_loss,
};
static const gr_ending landmarks = {
    .task = "landmarks",
    .answer = "coordinates",
    .decided_by = "the head",
    .losses = (const char *const[]){"mse", "wing", NULL},
    .check = check_landmarks,
    .build = end_in_landmarks,
    .add_loss = add_value_loss,
};

static const gr_ending boxes = {
    .task = "boxes",
    .answer = "maps",
    .reads = "K heats (logits), then x, y, w, h for each of the K kinds of box: a box's middle is x, y cells from that of a cell "
             "whose heat is the highest of the nine around it; w and h are the logarithms of its sides in cells",
    .decided_by = "the head",
    .losses = (const char *const[]){"focal", NULL},
    .check = check_boxes,
    .build = end_in_boxes,
    .add_loss = add_box_loss,
};

#define ENDINGS(ENDING) ENDING(classes) ENDING(ordinal) ENDING(scores) ENDING(landmarks) ENDING(boxes)
#define ADDRESS(task) &task,
#define NAME(task) #task,
static const gr_ending *const endings[] = {ENDINGS(ADDRESS) NULL};
static const char *const names[] = {ENDINGS(NAME) NULL};

const char *const *gr_task_names(void)
{
    return names;
}

const gr_ending *gr_ending_find(const char *task)
{
    const gr_ending *const *ending = endings;
    while (*ending != NULL && strcmp(task, (*ending)->task) != 0)
        ending++;
    return *ending;
}

const char *const *gr_task_losses(const char *task)
{
    const gr_ending *ending = gr_ending_find(task);
    return ending != NULL ? ending->losses : NULL;
}

static bool has_loss(const gr_ending *ending, const char *name)
{
    const char *const *loss = ending->losses;
    while (*loss != NULL && strcmp(*loss, name) != 0)
        loss++;
    return *loss != NULL;
}

const char *gr_loss_name(int i)
{
    int at = 0;
    for (const gr_ending *const *ending = endings; *ending != NULL; ending++)
        for (const char *const *loss = (*ending)->losses; *loss != NULL; loss++) {
            const gr_ending *const *first = endings;
            while (!has_loss(*first, *loss))
                first++;
            if (first == ending && at++ == i)
                return *loss;
        }
    return NULL;
}
