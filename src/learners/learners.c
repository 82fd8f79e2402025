#include "learners/learner.h"

#include <string.h>

#include "learners/fold.h"

#define LEARNER(learner) &learner,
static const gr_learner *const learners[] = {GR_LEARNERS(LEARNER)};
enum { LEARNERS = sizeof learners / sizeof learners[0] };

const char *gr_learner_name(int i)
{
    return i >= 0 && i < LEARNERS ? learners[i]->name : NULL;
}

const gr_learner *gr_learner_find(const char *name)
{
    for (int i = 0; i < LEARNERS; i++)
        if (strcmp(learners[i]->name, name) == 0)
            return learners[i];
    return NULL;
}

gr_status gr_learner_of(const gr_model_files *files, const gr_learner **out, gr_error *err)
{
    *out = gr_learner_find(files->card.classic);
    return *out != NULL ? GR_OK
                        : gr_fail(err, GR_INVALID, "%s: was made with model.classic %.40s, which another version knows",
                                  files->paths[0], files->card.classic);
}

bool gr_learner_takes(const gr_learner *learner, const char *task)
{
    bool takes = learner->tasks == NULL;
    for (int i = 0; !takes && learner->tasks[i] != NULL; i++)
        takes = strcmp(learner->tasks[i], task) == 0;
    return takes;
}

gr_status gr_learner_check_network(const gr_recipe *recipe, gr_error *err)
{
    if (gr_learner_find(recipe->model.classic)->network)
        return GR_OK;
    return gr_recipe_fail(recipe, "model.classic", err, "is %s, which has no network; grimace cv, train and sweep run it",
                          recipe->model.classic);
}

const char *gr_learner_task(const gr_learner *learner, const char *of_head)
{
    return learner->network || learner->tasks == NULL ? of_head : learner->tasks[0];
}

gr_status gr_learning_fold(const gr_learning *learning, int fold, gr_error *err)
{
    bool finished = false;
    const int epochs = learning->cohort->recipe.train.epochs;
    gr_status status = gr_fold_result(learning, fold, &finished, NULL, NULL, err);
    if (status == GR_OK && !finished)
        status = learning->learner->fit(learning, fold, err);
    if (status == GR_OK)
        gr_fold_tell(learning, fold,
                     (gr_event){.kind = GR_EVENT_FOLD, .epoch = epochs, .text = finished ? "was finished before" : NULL});
    return status;
}
