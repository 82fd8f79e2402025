/* Names of what can be explained of an answer, task by task:
 *
 *   classes            CLASS; without a name the predicted one
 *   several columns    COLUMN=CLASS; COLUMN (its predicted class); total (the predicted classes of all; without a name)
 *   ordinal            score (without a name); CLASS, whose log-probability it is
 *   scores             the column; of several also total (without a name)
 *   landmarks          lm1_x, lm1_y, ...; total (without a name) */
#include "explain/aim.h"

#include <string.h>

static const char total[] = "total", score[] = "score";

static gr_status add(gr_aim *aim, const char *name, gr_error *err)
{
    if (name == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the names of what can be explained");
    aim->names[aim->count++] = name;
    return GR_OK;
}

/* Names of the answer's numbers. */
static gr_status name_numbers(const gr_card *card, gr_aim *aim, gr_error *err)
{
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < aim->numbers; i++) {
        const char *name;
        if (aim->classes == 0)
            name = card->labels != NULL ? card->labels[i]
                                        : gr_arena_printf(aim->arena, "lm%d_%c", i / 2 + 1, i % 2 == 0 ? 'x' : 'y');
        else if (aim->columns == 1)
            name = card->classes[i];
        else
            name = gr_arena_join(aim->arena, card->labels[i / aim->classes], "=", card->classes[i % aim->classes]);
        status = add(aim, name, err);
    }
    for (int i = 0; status == GR_OK && aim->classes > 0 && aim->columns > 1 && i < aim->columns; i++)
        status = add(aim, card->labels[i], err);
    return status;
}

/* What is explained where nobody names it. */
static int usual(const gr_aim *aim)
{
    if (aim->value == GR_AIM_SCORE || aim->columns > 1)
        return aim->count - 1;
    return aim->classes > 0 ? -1 : 0;
}

static gr_status unknown(const gr_aim *aim, const char *name, gr_error *err)
{
    gr_text list = {0};
    gr_text_list(&list, aim->names, (size_t)aim->count, "or");
    gr_status status = gr_fail(err, GR_INVALID, "--class: the model has no \"%.80s\"; %.700s would be right", name,
                               list.data != NULL ? list.data : "");
    gr_text_free(&list);
    return status;
}

static void point(gr_aim *aim, int name)
{
    aim->name = name;
    if (name < 0 || (name >= aim->numbers && name < aim->count && aim->names[name] != total && aim->names[name] != score)) {
        aim->kind = GR_AIM_PREDICTED;
        aim->index = name < 0 ? 0 : name - aim->numbers;
    } else if (name < aim->numbers) {
        aim->kind = GR_AIM_ONE;
        aim->index = name;
        aim->value = aim->classes > 0 ? GR_AIM_LOGITS : GR_AIM_ANSWER;
    } else {
        aim->kind = aim->names[name] == score ? GR_AIM_ONE : GR_AIM_TOTAL;
        aim->index = 0;
    }
}

gr_status gr_aim_open(const gr_card *card, const gr_task *task, const char *name, gr_aim *out, gr_error *err)
{
    if (task->whole)
        return gr_fail(err, GR_INVALID, "the model finds boxes, and its answer is a map of them already, which nothing here "
                       "explains; a model of classes, scores or landmarks would be right");
    bool ordinal = task->ordered, classes = card->classes != NULL && card->model.classes > 0;
    int columns = card->label_count > 1 ? (int)card->label_count : 1;
    if (!classes && card->labels == NULL)
        columns = 2 * (int)card->model.landmarks;
    *out = (gr_aim){.classes = classes ? (int)card->model.classes : 0,
                    .columns = columns,
                    .choose = task->choose,
                    .value = ordinal   ? GR_AIM_SCORE
                             : classes ? GR_AIM_LOGITS
                                       : GR_AIM_ANSWER,
                    .arena = gr_arena_create()};
    out->numbers = classes ? out->classes * columns : columns;
    if (out->arena != NULL)
        out->names = gr_arena_alloc(out->arena, (size_t)(out->numbers + columns + 1), sizeof *out->names);
    gr_status status = out->names != NULL ? name_numbers(card, out, err) : gr_fail(err, GR_NOMEM, "no memory for names");
    if (status == GR_OK && (ordinal || columns > 1))
        status = add(out, ordinal ? score : total, err);
    int found = status == GR_OK ? usual(out) : -1;
    if (status == GR_OK && name != NULL) {
        for (found = 0; found < out->count && strcmp(out->names[found], name) != 0;)
            found++;
        if (found == out->count)
            status = unknown(out, name, err);
    }
    if (status == GR_OK)
        point(out, found);
    else
        gr_aim_free(out);
    return status;
}

void gr_aim_free(gr_aim *aim)
{
    gr_arena_destroy(aim->arena);
    *aim = (gr_aim){0};
}

int gr_aim_predicted(const gr_aim *aim, const float *answer, int column)
{
    const float *p = answer + column * aim->classes;
    int best = 0;
    if (aim->choose != NULL)
        return column * aim->classes + (int)aim->choose(p, aim->classes);
    for (int k = 1; k < aim->classes; k++)
        if (p[k] > p[best])
            best = k;
    return column * aim->classes + best;
}
