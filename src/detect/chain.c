/* A chain of detectors: the first step that finds a face ends the search. A step is one detector of whole faces, or several
 * of parts whose boxes must agree; of those that do, the ones of the highest score are taken first, and each box is a part
 * of one face only. */
#include "detect/steps.h"

#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "detect/found.h"

typedef struct picture {
    const gr_chain *chain;
    const gr_image *image;
    const gr_grey *grey;
    gr_found_list *found; /* [part_count] */
    bool *done;           /* [part_count] */
} picture;

/* The boxes of a part, looked for when they are first wanted. */
static gr_status ask(picture *p, int part, gr_error *err)
{
    const gr_chain_part *one = &p->chain->parts[part];
    if (p->done[part])
        return GR_OK;
    p->done[part] = true;
    gr_status status = one->kind->find(one->state, p->image, p->grey, &p->found[part], err);
    gr_found_sort(&p->found[part]);
    return status;
}

/* ---- parts that agree ------------------------------------------------------------------------------------------------- */

typedef struct group {
    int boxes[GR_CHAIN_ROLES]; /* of each role's part */
    double score;
} group;

typedef struct groups {
    group *data;
    int64_t count;
} groups;

static const gr_found *box_of(const picture *p, const gr_chain_step *step, const group *g, int role)
{
    return &p->found[step->part_of[role]].boxes[g->boxes[role]];
}

/* Do all rules between the first `roles` roles hold whose later one is the last of these, and is its box none of theirs? */
static bool agrees(const picture *p, const gr_chain_step *step, const group *g, int roles)
{
    int last = roles - 1;
    for (int i = 0; i < last; i++)
        if (step->part_of[i] == step->part_of[last] && g->boxes[i] == g->boxes[last])
            return false;
    for (int i = 0; i < step->rule_count; i++) {
        const gr_chain_rule *rule = &step->rules[i];
        int later = rule->first > rule->second ? rule->first : rule->second;
        if (later == last &&
            !rule->holds(box_of(p, step, g, rule->first), box_of(p, step, g, rule->second), rule->low, rule->high))
            return false;
    }
    return true;
}

/* Adds the ways to fill the roles from `role` on. */
static void fill(const picture *p, const gr_chain_step *step, group *g, int role, groups *out)
{
    if (role == step->role_count) {
        g->score = 0;
        for (int i = 0; i < role; i++)
            g->score += box_of(p, step, g, i)->score;
        out->data[out->count++] = *g;
        return;
    }
    int64_t boxes = p->found[step->part_of[role]].count;
    for (int b = 0; b < boxes && b < GR_CHAIN_BOXES; b++) {
        g->boxes[role] = b;
        if (agrees(p, step, g, role + 1))
            fill(p, step, g, role + 1, out);
    }
}

static int by_score(const void *pa, const void *pb)
{
    const group *a = pa, *b = pb;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    for (int i = 0; i < GR_CHAIN_ROLES; i++)
        if (a->boxes[i] != b->boxes[i])
            return a->boxes[i] < b->boxes[i] ? -1 : 1;
    return 0;
}

/* A square around the middle of what the parts take up, or from there towards where the face goes on. */
static gr_found face_of(const picture *p, const gr_chain_step *step, const group *g)
{
    int left = INT32_MAX, top = INT32_MAX, right = 0, bottom = 0;
    for (int i = 0; i < step->role_count; i++) {
        const gr_found *b = box_of(p, step, g, i);
        left = b->x < left ? b->x : left;
        top = b->y < top ? b->y : top;
        right = b->x + b->width > right ? b->x + b->width : right;
        bottom = b->y + b->height > bottom ? b->y + b->height : bottom;
    }
    const gr_found *from = box_of(p, step, g, step->shift_from), *to = box_of(p, step, g, step->shift_to);
    double over = step->shift * (to->x + to->width / 2.0 - from->x - from->width / 2.0);
    double down = step->shift * (to->y + to->height / 2.0 - from->y - from->height / 2.0);
    double longer = right - left > bottom - top ? right - left : bottom - top, side = longer * step->face;
    return (gr_found){.x = (int)lrint((left + right - side) / 2 + over),
                      .y = (int)lrint((top + bottom - side) / 2 + down),
                      .width = (int)lrint(side),
                      .height = (int)lrint(side),
                      .score = g->score,
                      .detector = step->label};
}

static bool shares_box(const gr_chain_step *step, const group *a, const group *b)
{
    for (int i = 0; i < step->role_count; i++)
        for (int j = 0; j < step->role_count; j++)
            if (step->part_of[i] == step->part_of[j] && a->boxes[i] == b->boxes[j])
                return true;
    return false;
}

/* Groups that share no box, the best first; `all` is sorted and used up. */
static gr_status put_faces(const picture *p, const gr_chain_step *step, groups *all, gr_found_list *out, gr_error *err)
{
    int64_t taken = 0;
    for (int64_t i = 0; i < all->count; i++) {
        group g = all->data[i];
        int64_t k = 0;
        while (k < taken && !shares_box(step, &g, &all->data[k]))
            k++;
        if (k < taken)
            continue;
        gr_found face = face_of(p, step, &g);
        gr_status status = gr_found_add(out, &face, err);
        if (status != GR_OK)
            return status;
        all->data[taken++] = g;
    }
    gr_found_clip(out, p->image->width, p->image->height);
    return GR_OK;
}

static gr_status find_groups(picture *p, const gr_chain_step *step, gr_found_list *out, gr_error *err)
{
    size_t most = 1;
    for (int i = 0; i < step->role_count; i++) {
        gr_status status = ask(p, step->part_of[i], err);
        int64_t count = p->found[step->part_of[i]].count;
        if (status != GR_OK || count == 0)
            return status;
        most *= (size_t)(count < GR_CHAIN_BOXES ? count : GR_CHAIN_BOXES);
    }
    group under_way = {0};
    groups all = {gr_alloc(most, sizeof(group)), 0};
    if (all.data == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %lld groups of parts", (long long)most);
    fill(p, step, &under_way, 0, &all);
    qsort(all.data, (size_t)all.count, sizeof *all.data, by_score);
    gr_status status = put_faces(p, step, &all, out, err);
    gr_free(all.data);
    return status;
}

static gr_status find_whole(picture *p, const gr_chain_step *step, gr_found_list *out, gr_error *err)
{
    gr_status status = ask(p, step->part_of[0], err);
    const gr_found_list *found = &p->found[step->part_of[0]];
    for (int64_t i = 0; i < found->count && status == GR_OK; i++) {
        gr_found box = found->boxes[i];
        box.detector = step->label;
        status = gr_found_add(out, &box, err);
    }
    return status;
}

/* ---- the record ------------------------------------------------------------------------------------------------------- */

static gr_status open_chain(const char *path, const char *name, const gr_detect_options *options, void **state,
                            gr_error *err)
{
    gr_chain *chain = NULL;
    gr_status status = gr_chain_open(path, name, options, &chain, err);
    *state = chain;
    return status;
}

static void free_chain(void *state)
{
    gr_chain_close(state);
}

static gr_status find_faces(const void *state, const gr_image *image, const gr_grey *grey, gr_found_list *out, gr_error *err)
{
    const gr_chain *chain = state;
    picture p = {chain, image, grey, gr_alloc((size_t)chain->part_count, sizeof(gr_found_list)),
                 gr_alloc((size_t)chain->part_count, sizeof(bool))};
    gr_status status = p.found != NULL && p.done != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a chain's boxes");
    for (int i = 0; i < chain->step_count && status == GR_OK && out->count == 0; i++) {
        const gr_chain_step *step = &chain->steps[i];
        status = step->role_count > 0 ? find_groups(&p, step, out, err) : find_whole(&p, step, out, err);
    }
    for (int i = 0; p.found != NULL && i < chain->part_count; i++)
        gr_found_free(&p.found[i]);
    gr_free(p.found);
    gr_free(p.done);
    return status;
}

/* Of each part its file, then those that it has beside that. */
static const char *file_of(const void *state, int index)
{
    const gr_chain *chain = state;
    for (int p = 0; p < chain->part_count; p++) {
        const gr_chain_part *part = &chain->parts[p];
        const char *file = part->path;
        if (!gr_is_folder(part->path) && index-- == 0)
            return part->path;
        for (int i = 0; file != NULL && part->kind->file != NULL; i++)
            if ((file = part->kind->file(part->state, i)) != NULL && index-- == 0)
                return file;
    }
    return NULL;
}

static const char *const endings[] = {".yaml", ".yml", NULL};
const gr_detector gr_detector_chain = {
    .name = "chain", .endings = endings, .open = open_chain, .find = find_faces, .free = free_chain, .file = file_of};
