/* Fewer training groups, for a learning curve. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "grimace/split.h"

/* What stays or goes as a whole: a group, or where there are none a row. */
typedef struct unit {
    uint64_t rank;
    int64_t index;
} unit;

static int by_rank(const void *a, const void *b)
{
    const unit *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static int64_t unit_of(const gr_manifest *m, int64_t row)
{
    return m->groups != NULL ? m->groups[row] : row;
}

/* All units in the order in which they are taken. */
static gr_status order_units(const gr_manifest *m, uint64_t seed, unit **out, int64_t *count, gr_error *err)
{
    *count = m->groups != NULL ? m->group_count : m->rows;
    *out = gr_alloc((size_t)*count, sizeof **out);
    if (*out == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the order of training groups");
    for (int64_t i = 0; i < *count; i++)
        (*out)[i] = (unit){gr_hash_text(gr_hash(0, &seed, sizeof seed), m->groups != NULL ? m->group_names[i] : m->images[i]), i};
    qsort(*out, (size_t)*count, sizeof **out, by_rank);
    return GR_OK;
}

/* A fold at work: which units train, which of them stay, and the class of each unit (-2: of several). */
typedef struct thinning {
    const gr_manifest *m;
    const unit *units;
    int64_t count;
    uint8_t *trains, *stays;
    int32_t *class_of;
    const int32_t *unit_of; /* [rows] in the split's memory; NULL: there are no groups */
} thinning;

static void look_at(thinning *t, const gr_fold *fold)
{
    memset(t->trains, 0, (size_t)t->count);
    memset(t->stays, 0, (size_t)t->count);
    for (int64_t i = 0; i < t->count; i++)
        t->class_of[i] = -1;
    for (int64_t r = 0; r < t->m->rows; r++) {
        int64_t u = unit_of(t->m, r);
        int32_t class = t->m->labels != NULL ? t->m->labels[r] : -2;
        if (gr_fold_part(fold, r) != GR_PART_TRAIN)
            continue;
        t->trains[u] = 1;
        t->class_of[u] = t->class_of[u] == -1 || t->class_of[u] == class ? class : -2;
    }
}

static void choose(thinning *t, double share)
{
    int64_t all = 0, taken = 0;
    int32_t class = -1;
    for (int64_t i = 0; i < t->count; i++)
        all += t->trains[i];
    double wanted = ceil(share * (double)all - 1e-9);
    for (int64_t i = 0; i < t->count; i++) {
        int64_t u = t->units[i].index;
        bool mixed = class == -2;
        if (!t->trains[u] || ((double)taken >= wanted && mixed))
            continue;
        t->stays[u] = 1;
        taken++;
        class = class == -1 || class == t->class_of[u] ? t->class_of[u] : -2;
    }
}

/* Writes the parts that stay; false: memory is short. */
static bool thin_fold(gr_split *split, thinning *t, gr_fold *fold, double share)
{
    uint8_t *parts = gr_arena_alloc(split->memory, (size_t)t->count, 1);
    if (parts == NULL)
        return false;
    look_at(t, fold);
    choose(t, share);
    for (int64_t r = 0; r < split->rows; r++) {
        int64_t u = unit_of(t->m, r);
        gr_part part = gr_fold_part(fold, r);
        parts[u] = (uint8_t)(part == GR_PART_TRAIN && !t->stays[u] ? GR_PART_NONE : part);
    }
    fold->parts = parts;
    fold->units = t->unit_of;
    return true;
}

gr_status gr_split_thin(gr_split *split, const gr_manifest *manifest, double share, uint64_t seed, gr_error *err)
{
    if (!(share > 0.0) || share > 1.0)
        return gr_fail(err, GR_INVALID, "split.train_share: is %g, above 0 and at most 1 would be right", share);
    if (share == 1.0)
        return GR_OK;
    unit *units = NULL;
    thinning t = {.m = manifest};
    gr_status status = order_units(manifest, seed, &units, &t.count, err);
    t.units = units;
    t.trains = gr_alloc((size_t)t.count, 1);
    t.stays = gr_alloc((size_t)t.count, 1);
    t.class_of = gr_alloc((size_t)t.count, sizeof *t.class_of);
    gr_fold *folds = gr_arena_alloc(split->memory, (size_t)split->fold_count, sizeof *folds);
    int32_t *unit_of = manifest->groups != NULL ? gr_arena_alloc(split->memory, (size_t)split->rows, sizeof *unit_of) : NULL;
    bool room = t.trains != NULL && t.stays != NULL && t.class_of != NULL && folds != NULL &&
                (unit_of != NULL) == (manifest->groups != NULL);
    if (unit_of != NULL)
        memcpy(unit_of, manifest->groups, (size_t)split->rows * sizeof *unit_of);
    t.unit_of = unit_of;
    for (int f = 0; status == GR_OK && room && f < split->fold_count; f++) {
        folds[f] = split->folds[f];
        room = thin_fold(split, &t, &folds[f], share);
    }
    if (status == GR_OK && !room)
        status = gr_fail(err, GR_NOMEM, "no memory for the training groups of %d folds", split->fold_count);
    if (status == GR_OK)
        split->folds = folds;
    gr_free(units);
    gr_free(t.trains);
    gr_free(t.stays);
    gr_free(t.class_of);
    return status;
}
