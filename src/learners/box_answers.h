/* Found boxes as the floats that a prediction of an image is: how many, then x, y, width, height (in pixels of the decoded
 * image), score and kind of each, the highest score first. */
#ifndef GR_LEARNERS_BOX_ANSWERS_H
#define GR_LEARNERS_BOX_ANSWERS_H

#include "grimace/box_results.h"
#include "grimace/recipe.h"

enum { GR_BOXES_MOST = 100, GR_BOX_FLOATS = 6, GR_BOX_ANSWER = 1 + GR_BOXES_MOST * GR_BOX_FLOATS };

/* Writes boxes[count], in any order, of which the best GR_BOXES_MOST are kept. Sorts them. Never fails. */
void gr_box_answer_put(gr_kind_box *boxes, int64_t count, float to[GR_BOX_ANSWER]);
/* Reads them; returns how many. Never fails. */
int64_t gr_box_answer_get(const float answer[GR_BOX_ANSWER], gr_kind_box boxes[GR_BOXES_MOST]);
/* The highest score of a kind, 0 where there is no box of it. Never fails. */
double gr_box_answer_best(const float answer[GR_BOX_ANSWER], int kind);
/* Leaves out boxes that a better one of their kind covers with more than this IoU; boxes[count] are sorted. Returns how many
 * are left. Never fails. */
int64_t gr_box_suppress(gr_kind_box *boxes, int64_t count, double iou);
/* The answers of several models as one: boxes of a kind that cover each other (IoU above 0.55) are one, in the mean place,
 * weighted by score, and its score is the sum of theirs (one of each model) over the number of models (Solovyev et al. 2021,
 * "Weighted boxes fusion"). Fails: GR_NOMEM. */
gr_status gr_box_answers_join(const float *const *answers, int models, float to[GR_BOX_ANSWER], gr_error *err) GR_MUST_CHECK;
/* The score from which boxes count as found: of a network's, which has boxes of any score; all of other learners'. */
double gr_box_score(const gr_recipe *recipe);

#endif
