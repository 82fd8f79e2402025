#include "run/cohort/recall.h"

#include <string.h>

uint64_t gr_recall_question(const char *run, int least, const gr_guide_images *images)
{
    uint64_t hash = gr_hash_text(gr_hash(0, &least, sizeof least), run);
    for (int64_t i = 0; i < images->count; i++) {
        const gr_sample *s = &images->samples[i];
        hash = gr_hash_text(hash, images->names[i]);
        hash = gr_hash_text(hash, images->paths[i]);
        hash = gr_hash_text(hash, images->groups != NULL && images->groups[i] != NULL ? images->groups[i] : "");
        hash = gr_hash(hash, &s->has_box, sizeof s->has_box);
        if (s->has_box)
            hash = gr_hash(hash, s->box, sizeof s->box);
    }
    return hash;
}

/* points for `images` images; false: memory is short. */
static bool copy(const gr_guide_points *from, int64_t images, gr_guide_points *to)
{
    size_t cells;
    *to = (gr_guide_points){.count = from->count, .key = from->key};
    to->known = gr_alloc((size_t)from->count, sizeof *to->known);
    if (gr_mul_size((size_t)images, 2 * (size_t)from->count, &cells))
        to->at = gr_alloc(cells, sizeof *to->at);
    if (to->known == NULL || to->at == NULL) {
        gr_guide_points_free(to);
        return false;
    }
    memcpy(to->known, from->known, (size_t)from->count * sizeof *to->known);
    memcpy(to->at, from->at, cells * sizeof *to->at);
    return true;
}

gr_status gr_recall_take(const gr_recall *recall, uint64_t question, const gr_guide_images *images, bool *answered,
                        gr_guide_points *out, gr_error *err)
{
    int at = 0;
    while (at < recall->count && (recall->answers[at].question != question || recall->answers[at].images != images->count))
        at++;
    *answered = at < recall->count;
    if (!*answered)
        return GR_OK;
    if (!copy(&recall->answers[at].points, images->count, out))
        return gr_fail(err, GR_NOMEM, "no memory for the landmarks of images");
    for (int64_t i = 0; i < images->count; i++) {
        const char *problem = recall->answers[at].problems[i];
        images->problems[i] = problem != NULL ? gr_arena_strdup(images->arena, problem) : NULL;
        if (problem != NULL && images->problems[i] == NULL) {
            gr_guide_points_free(out);
            return gr_fail(err, GR_NOMEM, "no memory for the landmarks of images");
        }
    }
    return GR_OK;
}

static void forget(gr_recall *recall, int at)
{
    for (int64_t i = 0; recall->answers[at].problems != NULL && i < recall->answers[at].images; i++)
        gr_free(recall->answers[at].problems[i]);
    gr_free(recall->answers[at].problems);
    gr_guide_points_free(&recall->answers[at].points);
}

void gr_recall_keep(gr_recall *recall, uint64_t question, const gr_guide_images *images, const gr_guide_points *points)
{
    int at = recall->count;
    if (at == GR_RECALL_MOST)
        return;
    recall->answers[at].question = question;
    recall->answers[at].images = images->count;
    char **problems = recall->answers[at].problems = gr_alloc((size_t)images->count, sizeof *problems);
    bool good = problems != NULL && copy(points, images->count, &recall->answers[at].points);
    for (int64_t i = 0; good && i < images->count; i++)
        good = images->problems[i] == NULL || (problems[i] = gr_strdup(images->problems[i])) != NULL;
    if (good)
        recall->count++;
    else
        forget(recall, at);
}

void gr_recall_free(gr_recall *recall)
{
    for (int i = 0; i < recall->count; i++)
        forget(recall, i);
    *recall = (gr_recall){0};
}
