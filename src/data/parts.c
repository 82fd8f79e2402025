/* Validation and hold-out shares. */
#include "data/parts.h"

#include <math.h>
#include <string.h>

#include "data/folds.h"

/* round(share * count), but at least one and at least one left. */
static int64_t share_of(double share, int64_t count)
{
    int64_t n = (int64_t)floor(share * (double)count + 0.5);
    return n < 1 ? 1 : n > count - 1 ? count - 1 : n;
}

/* Brings what shall be taken to the front of items[count]: shuffled, or turned so that the window of `wanted` items number
 * `turn` comes first. `spare` has room for count. */
static void choose(const gr_take *take, int64_t *items, int64_t count, int64_t wanted, int64_t *spare)
{
    if (take->rng != NULL) {
        gr_rng_shuffle(take->rng, items, (size_t)count);
    } else if (count > 0) {
        int64_t start = (take->turn % count) * (wanted % count) % count;
        for (int64_t i = 0; i < count; i++)
            spare[i] = items[(start + i) % count];
        memcpy(items, spare, (size_t)count * sizeof *items);
    }
}

/* The groups that have rows to take from, in items; how many. mark[groups] is clear before and after. */
static int64_t list_groups(const gr_take *take, const uint8_t *parts, int64_t *items, bool *mark)
{
    const gr_manifest *m = take->manifest;
    int64_t count = 0;
    for (int64_t r = 0; r < m->rows; r++)
        if (parts[r] == take->from)
            mark[m->groups[r]] = true;
    for (int g = 0; g < m->group_count; g++)
        if (mark[g]) {
            items[count++] = g;
            mark[g] = false;
        }
    return count;
}

/* ---- groups whose strata are alike in both parts ---------------------------------------------------------------------- */

/* More folds than this are not made to come near a share. */
enum { FOLDS_MAX = 100 };

/* The fewest folds n of which k are the share within a fiftieth of it, or those that come nearest. */
static void choose_folds(double share, int64_t groups, int *k, int *n)
{
    int most = groups < FOLDS_MAX ? (int)groups : FOLDS_MAX;
    double nearest = INFINITY;
    for (int folds = 2; folds <= most && nearest > share / 50; folds++) {
        int taken = (int)share_of(share, folds);
        double miss = fabs((double)taken / folds - share);
        if (miss < nearest) {
            nearest = miss;
            *k = taken;
            *n = folds;
        }
    }
}

/* The rows to take from, closed up and numbered anew as scikit-learn would see them. */
typedef struct closed {
    int64_t rows;
    int32_t *labels, *groups, *fold_of; /* [rows] */
    int32_t *new_group, *new_stratum;   /* new number of each, -1: no row */
    int group_count, stratum_count;
} closed;

static void free_closed(closed *c)
{
    gr_free(c->labels);
    gr_free(c->groups);
    gr_free(c->fold_of);
    gr_free(c->new_group);
    gr_free(c->new_stratum);
}

/* Numbers what occurs (1) in map[count] from 0, the rest -1; how many occur. */
static int number_anew(int32_t *map, int count)
{
    int found = 0;
    for (int i = 0; i < count; i++)
        map[i] = map[i] != 0 ? found++ : -1;
    return found;
}

static bool close_up(const gr_take *take, const uint8_t *parts, closed *c)
{
    const gr_manifest *m = take->manifest;
    const gr_strata *s = take->strata;
    size_t rows = (size_t)m->rows;
    *c = (closed){.labels = gr_alloc(rows, sizeof *c->labels),
                  .groups = gr_alloc(rows, sizeof *c->groups),
                  .fold_of = gr_alloc(rows, sizeof *c->fold_of),
                  .new_group = gr_alloc((size_t)m->group_count, sizeof *c->new_group),
                  .new_stratum = gr_alloc((size_t)s->count, sizeof *c->new_stratum)};
    if (c->labels == NULL || c->groups == NULL || c->fold_of == NULL || c->new_group == NULL || c->new_stratum == NULL)
        return false;
    for (int64_t r = 0; r < m->rows; r++)
        if (parts[r] == take->from)
            c->new_group[m->groups[r]] = c->new_stratum[s->index[r]] = 1;
    c->group_count = number_anew(c->new_group, m->group_count);
    c->stratum_count = number_anew(c->new_stratum, s->count);
    for (int64_t r = 0; r < m->rows; r++)
        if (parts[r] == take->from) {
            c->groups[c->rows] = c->new_group[m->groups[r]];
            c->labels[c->rows++] = c->new_stratum[s->index[r]];
        }
    return true;
}

/* Marks the new groups that lie in the wanted folds. Folds without a group are passed over. false: none is left over, as
 * when all groups fell into one fold. */
static bool mark_folds(const closed *c, int64_t turn, int k, int n, bool *mark)
{
    int found = 0, marked = 0;
    for (int i = 0; i < n && found < k; i++) {
        int fold = (int)((turn + i) % n);
        bool any = false;
        for (int64_t r = 0; r < c->rows; r++)
            if (c->fold_of[r] == fold) {
                marked += !mark[c->groups[r]];
                mark[c->groups[r]] = any = true;
            }
        found += any;
    }
    return marked < c->group_count;
}

/* Marks in mark[group_count] the groups to take; *enough false: this way leaves none. */
static gr_status mark_evenly(const gr_take *take, const uint8_t *parts, bool *mark, bool *enough, gr_error *err)
{
    const gr_manifest *m = take->manifest;
    closed c;
    bool *chosen = gr_alloc((size_t)m->group_count, sizeof *chosen);
    gr_status status = close_up(take, parts, &c) && chosen != NULL
                           ? GR_OK
                           : gr_fail(err, GR_NOMEM, "no memory to split %lld rows", (long long)m->rows);
    if (status == GR_OK) {
        int k = 1, n = 2;
        choose_folds(take->share, c.group_count, &k, &n);
        gr_fold_input in = {.rows = c.rows,
                            .labels = c.labels,
                            .class_count = c.stratum_count,
                            .groups = c.groups,
                            .group_count = c.group_count,
                            .folds = n,
                            .rng = take->rng};
        status = gr_folds_stratified_group(&in, c.fold_of, err);
        *enough = status == GR_OK && mark_folds(&c, take->turn, k, n, chosen);
    }
    for (int g = 0; status == GR_OK && g < m->group_count; g++)
        mark[g] = *enough && c.new_group[g] >= 0 && chosen[c.new_group[g]];
    free_closed(&c);
    gr_free(chosen);
    return status;
}

static gr_status take_groups(const gr_take *take, const char *key, uint8_t *parts, int64_t *items, int64_t *spare,
                             bool *mark, gr_error *err)
{
    const gr_manifest *m = take->manifest;
    int64_t count = list_groups(take, parts, items, mark);
    if (count < 2)
        return gr_fail(err, GR_INVALID, "%s: there is %lld group (column %s) to take from, at least 2 are needed", key,
                       (long long)count, m->group_column);
    bool marked = false;
    gr_status status = take->strata != NULL ? mark_evenly(take, parts, mark, &marked, err) : GR_OK;
    if (status == GR_OK && !marked) {
        int64_t wanted = share_of(take->share, count);
        choose(take, items, count, wanted, spare);
        for (int64_t i = 0; i < wanted; i++)
            mark[items[i]] = true;
    }
    for (int64_t r = 0; status == GR_OK && r < m->rows; r++)
        if (parts[r] == take->from && mark[m->groups[r]])
            parts[r] = (uint8_t)take->to;
    return status;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------- */

/* How many rows of each stratum are taken when `wanted` of `count` are: quotas rounded down, the rest to the largest
 * remainders, earlier strata first. The remainders are whole numbers (modulo count), so that ties are exact. */
static void stratum_quotas(const int64_t *counts, int strata, int64_t count, int64_t wanted, int64_t *quota)
{
    int64_t given = 0;
    for (int c = 0; c < strata; c++) {
        quota[c] = counts[c] * wanted / count;
        given += quota[c];
    }
    for (; given < wanted; given++) {
        int best = -1;
        int64_t largest = -1;
        for (int c = 0; c < strata; c++) {
            bool open = quota[c] == counts[c] * wanted / count; /* not yet rounded up */
            if (open && counts[c] * wanted % count > largest) {
                largest = counts[c] * wanted % count;
                best = c;
            }
        }
        quota[best]++;
    }
}

static gr_status take_rows(const gr_take *take, const char *key, uint8_t *parts, int64_t *items, int64_t *spare,
                           int64_t *counts, int64_t *quota, gr_error *err)
{
    const gr_manifest *m = take->manifest;
    const gr_strata *s = take->strata;
    int64_t count = 0;
    for (int64_t r = 0; r < m->rows; r++)
        if (parts[r] == take->from) {
            counts[s->index[r]]++;
            count++;
        }
    if (count < 2)
        return gr_fail(err, GR_INVALID, "%s: there is %lld image to take from, at least 2 are needed", key,
                       (long long)count);
    stratum_quotas(counts, s->count, count, share_of(take->share, count), quota);
    for (int c = 0; c < s->count; c++) {
        int64_t members = 0;
        for (int64_t r = 0; r < m->rows; r++)
            if (parts[r] == take->from && s->index[r] == c)
                items[members++] = r;
        choose(take, items, members, quota[c], spare);
        for (int64_t i = 0; i < quota[c]; i++)
            parts[items[i]] = (uint8_t)take->to;
    }
    return GR_OK;
}

gr_status gr_take_share(const gr_take *take, const char *key, uint8_t *parts, gr_error *err)
{
    const gr_manifest *m = take->manifest;
    int64_t *items = gr_alloc((size_t)m->rows, sizeof *items), *spare = gr_alloc((size_t)m->rows, sizeof *spare);
    size_t strata = take->strata != NULL ? (size_t)take->strata->count : 0;
    int64_t *counts = gr_alloc(strata, sizeof *counts);
    int64_t *quota = gr_alloc(strata, sizeof *quota);
    bool *mark = gr_alloc((size_t)m->group_count, sizeof *mark);
    gr_status status;
    if (items == NULL || spare == NULL || counts == NULL || quota == NULL || mark == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory to split %lld rows", (long long)m->rows);
    else if (m->groups != NULL)
        status = take_groups(take, key, parts, items, spare, mark, err);
    else
        status = take_rows(take, key, parts, items, spare, counts, quota, err);
    gr_free(items);
    gr_free(spare);
    gr_free(counts);
    gr_free(quota);
    gr_free(mark);
    return status;
}
