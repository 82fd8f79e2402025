/* What of an answer is explained: a class, a score, a coordinate; and its name. */
#ifndef GR_EXPLAIN_AIM_H
#define GR_EXPLAIN_AIM_H

#include "learners/card.h"
#include "run/tasks/task.h"

/* The kinds of numbers that are explained. */
typedef enum gr_aim_kind {
    GR_AIM_ONE,       /* number `index` of the value */
    GR_AIM_PREDICTED, /* the predicted class of column `index` */
    GR_AIM_TOTAL      /* the sum: of the predicted class of each column, of all scores or coordinates */
} gr_aim_kind;

/* Which of the network's values is explained. */
typedef enum gr_aim_value {
    GR_AIM_LOGITS, /* of classes; of ordinal their log-probabilities; of the support vector machine -d and d */
    GR_AIM_SCORE,  /* of ordinal: the score before the thresholds */
    GR_AIM_ANSWER  /* scores, coordinates */
} gr_aim_value;

typedef struct gr_aim {
    gr_aim_kind kind;
    gr_aim_value value;
    int index;
    int classes, columns; /* of the answer; classes 0: numbers */
    gr_decision choose;   /* of classes */
    const char **names;   /* [count]: first one for each number of the answer, then those that `kind` adds */
    int count, numbers;
    int name; /* of what was asked for; of GR_AIM_PREDICTED the class found says it */
    gr_arena *arena;
} gr_aim;

/* GIVES *out (gr_aim_free): what `name` means to a model of this card and task; NULL: the predicted class of classes, the
 * score of ordinal and scores, the total of several columns and of landmarks. Fails: GR_INVALID (unknown: the sentence lists
 * the names), GR_NOMEM. */
gr_status gr_aim_open(const gr_card *card, const gr_task *task, const char *name, gr_aim *out, gr_error *err) GR_MUST_CHECK;
void gr_aim_free(gr_aim *aim);
/* The class that `answer` predicts in column `column`, as an index of the answer's numbers. Never fails. */
int gr_aim_predicted(const gr_aim *aim, const float *answer, int column);

#endif
