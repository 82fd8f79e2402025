/* Validation and hold-out shares. */
#include "data/parts.h"

#include <math.h>
#include <string.h>

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

static gr_status take_groups(const gr_take *take, const char *key, uint8_t *parts, int64_t *items, int64_t *spare,
                             bool *mark, gr_error *err)
{
    const gr_manifest *m = take->manifest;
    for (int64_t r = 0; r < m->rows; r++)
        if (parts[r] == take->from)
            mark[m->groups[r]] = true;
    int64_t count = 0;
    for (int g = 0; g < m->group_count; g++)
        if (mark[g])
            items[count++] = g;
    if (count < 2)
        return gr_fail(err, GR_INVALID, "%s: there is %lld group (column %s) to take from, at least 2 are needed", key,
                       (long long)count, m->group_column);
    int64_t wanted = share_of(take->share, count);
    choose(take, items, count, wanted, spare);
    memset(mark, 0, (size_t)m->group_count * sizeof *mark);
    for (int64_t i = 0; i < wanted; i++)
        mark[items[i]] = true;
    for (int64_t r = 0; r < m->rows; r++)
        if (parts[r] == take->from && mark[m->groups[r]])
            parts[r] = (uint8_t)take->to;
    return GR_OK;
}

/* How many rows of each class are taken when `wanted` of `count` are: quotas rounded down, the rest to the largest
 * remainders, earlier classes first. The remainders are whole numbers (modulo count), so that ties are exact. */
static void class_quotas(const int64_t *counts, int classes, int64_t count, int64_t wanted, int64_t *quota)
{
    int64_t given = 0;
    for (int c = 0; c < classes; c++) {
        quota[c] = counts[c] * wanted / count;
        given += quota[c];
    }
    for (; given < wanted; given++) {
        int best = -1;
        int64_t largest = -1;
        for (int c = 0; c < classes; c++) {
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
    int64_t count = 0;
    for (int64_t r = 0; r < m->rows; r++)
        if (parts[r] == take->from) {
            counts[m->labels[r]]++;
            count++;
        }
    if (count < 2)
        return gr_fail(err, GR_INVALID, "%s: there is %lld image to take from, at least 2 are needed", key,
                       (long long)count);
    class_quotas(counts, m->class_count, count, share_of(take->share, count), quota);
    for (int c = 0; c < m->class_count; c++) {
        int64_t members = 0;
        for (int64_t r = 0; r < m->rows; r++)
            if (parts[r] == take->from && m->labels[r] == c)
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
    int64_t *counts = gr_alloc((size_t)m->class_count, sizeof *counts);
    int64_t *quota = gr_alloc((size_t)m->class_count, sizeof *quota);
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
