#include "learners/box_answers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

/* The order of equal scores must not follow from the sort. */
static int by_score(const void *pa, const void *pb)
{
    const gr_kind_box *a = pa, *b = pb;
    const double x[] = {-a->score, a->kind, a->box.y, a->box.x, a->box.width, a->box.height};
    const double y[] = {-b->score, b->kind, b->box.y, b->box.x, b->box.width, b->box.height};
    for (int i = 0; i < GR_BOX_FLOATS; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

static void sort(gr_kind_box *boxes, int64_t count)
{
    if (count > 1)
        qsort(boxes, (size_t)count, sizeof *boxes, by_score);
}

void gr_box_answer_put(gr_kind_box *boxes, int64_t count, float to[GR_BOX_ANSWER])
{
    memset(to, 0, GR_BOX_ANSWER * sizeof *to);
    sort(boxes, count);
    int64_t kept = count < GR_BOXES_MOST ? count : GR_BOXES_MOST;
    to[0] = (float)kept;
    for (int64_t i = 0; i < kept; i++) {
        const gr_kind_box *b = &boxes[i];
        const double numbers[GR_BOX_FLOATS] = {b->box.x, b->box.y, b->box.width, b->box.height, b->score, b->kind};
        for (int k = 0; k < GR_BOX_FLOATS; k++)
            to[1 + i * GR_BOX_FLOATS + k] = (float)numbers[k];
    }
}

int64_t gr_box_answer_get(const float answer[GR_BOX_ANSWER], gr_kind_box boxes[GR_BOXES_MOST])
{
    int64_t count = (int64_t)answer[0];
    for (int64_t i = 0; i < count; i++) {
        const float *n = answer + 1 + i * GR_BOX_FLOATS;
        boxes[i] = (gr_kind_box){
            .box = {(double)n[0], (double)n[1], (double)n[2], (double)n[3]}, .score = (double)n[4], .kind = (int)n[5]};
    }
    return count;
}

double gr_box_answer_best(const float answer[GR_BOX_ANSWER], int kind)
{
    gr_kind_box boxes[GR_BOXES_MOST];
    int64_t count = gr_box_answer_get(answer, boxes);
    for (int64_t i = 0; i < count; i++)
        if (boxes[i].kind == kind)
            return boxes[i].score;
    return 0.0;
}

int64_t gr_box_suppress(gr_kind_box *boxes, int64_t count, double iou)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < count; i++) {
        bool free = true;
        for (int64_t k = 0; free && k < kept; k++)
            free = boxes[k].kind != boxes[i].kind || !(gr_box_iou(&boxes[k].box, &boxes[i].box) > iou);
        if (free)
            boxes[kept++] = boxes[i];
    }
    return kept;
}

/* ---- several models --------------------------------------------------------------------------------------------------- */

typedef struct fused {
    gr_kind_box first; /* the best of them, which the others must cover */
    double weight, sums[4];
    double score;
    int last; /* the model that was added last */
} fused;

static const double same_box = 0.55;

static void add(fused *f, const gr_kind_box *b, int model)
{
    const double numbers[4] = {b->box.x, b->box.y, b->box.width, b->box.height};
    for (int i = 0; i < 4; i++)
        f->sums[i] += b->score * numbers[i];
    f->weight += b->score;
    f->score += b->score;
    f->last = model;
}

/* The boxes of model `model`, each into the group that it covers best and that has none of this model yet, else a new one.
 */
static void add_model(fused *groups, int64_t *count, const gr_kind_box *boxes, int64_t n, int model)
{
    for (int64_t i = 0; i < n; i++) {
        int64_t best = -1;
        double most = same_box;
        for (int64_t g = 0; g < *count; g++) {
            double iou = gr_box_iou(&groups[g].first.box, &boxes[i].box);
            if (groups[g].first.kind == boxes[i].kind && groups[g].last != model && iou > most) {
                most = iou;
                best = g;
            }
        }
        if (best < 0) {
            best = (*count)++;
            groups[best] = (fused){.first = boxes[i]};
        }
        add(&groups[best], &boxes[i], model);
    }
}

gr_status gr_box_answers_join(const float *const *answers, int models, float to[GR_BOX_ANSWER], gr_error *err)
{
    int64_t count = 0;
    fused *groups = gr_alloc((size_t)models * GR_BOXES_MOST, sizeof *groups);
    gr_kind_box *boxes = gr_alloc((size_t)models * GR_BOXES_MOST, sizeof *boxes);
    bool room = groups != NULL && boxes != NULL;
    for (int m = 0; room && m < models; m++)
        add_model(groups, &count, boxes, gr_box_answer_get(answers[m], boxes), m);
    for (int64_t g = 0; g < count; g++) {
        const fused *f = &groups[g];
        boxes[g] = f->first; /* a weight of 0 has no mean */
        if (f->weight > 0.0)
            boxes[g].box = (gr_plain_box){f->sums[0] / f->weight, f->sums[1] / f->weight, f->sums[2] / f->weight,
                                          f->sums[3] / f->weight};
        boxes[g].score = f->score / models;
    }
    if (room)
        gr_box_answer_put(boxes, count, to);
    gr_free(groups);
    gr_free(boxes);
    return room ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the boxes of several models");
}

double gr_box_score(const gr_recipe *recipe)
{
    return strcmp(recipe->model.classic, "none") == 0 ? recipe->model.boxes.score : -INFINITY;
}
