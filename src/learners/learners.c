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

const gr_learner *gr_learner_of(const gr_card *card)
{
    return card->lbp != NULL ? &gr_lbp_svm_learner : &gr_network_learner;
}

bool gr_learner_takes(const gr_learner *learner, const char *task)
{
    bool takes = learner->tasks == NULL;
    for (int i = 0; !takes && learner->tasks[i] != NULL; i++)
        takes = strcmp(learner->tasks[i], task) == 0;
    return takes;
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
