/* Balancing: every epoch draws anew, by seed and epoch alone. */
#include "grimace/balance.h"

#include <string.h>

#include "base/base.h"

static const char *const names[] = {
    [GR_BALANCE_NONE] = "none",
    [GR_BALANCE_UNDERSAMPLE] = "undersample",
    [GR_BALANCE_UNDERSAMPLE_ONCE] = "undersample_once",
    [GR_BALANCE_OVERSAMPLE] = "oversample",
    [GR_BALANCE_CLASS_WEIGHT] = "class_weight",
};
enum { BALANCES = sizeof names / sizeof names[0] };

const char *gr_balance_name(gr_balance balance)
{
    return (int)balance >= 0 && (int)balance < BALANCES ? names[balance] : NULL;
}

bool gr_balance_of(const char *name, gr_balance *out)
{
    for (int i = 0; i < BALANCES; i++)
        if (strcmp(names[i], name) == 0) {
            *out = (gr_balance)i;
            return true;
        }
    return false;
}

static int64_t count_class(const int64_t *rows, int64_t count, const int32_t *labels, int class)
{
    int64_t members = 0;
    for (int64_t i = 0; i < count; i++)
        members += labels[rows[i]] == class;
    return members;
}

/* How many rows of each class an epoch visits; -1: as many as there are. */
static int64_t class_target(const int64_t *rows, int64_t count, const int32_t *labels, int class_count, gr_balance balance)
{
    int64_t target = -1;
    bool under = balance == GR_BALANCE_UNDERSAMPLE || balance == GR_BALANCE_UNDERSAMPLE_ONCE;
    if (!under && balance != GR_BALANCE_OVERSAMPLE)
        return target;
    for (int c = 0; c < class_count; c++) {
        int64_t members = count_class(rows, count, labels, c);
        bool better = under ? members < target : members > target;
        if (members > 0 && (target < 0 || better))
            target = members;
    }
    return target;
}

int64_t gr_epoch_length(const int64_t *rows, int64_t count, const int32_t *labels, int class_count, gr_balance balance)
{
    int64_t target = class_target(rows, count, labels, class_count, balance), length = 0;
    if (target < 0)
        return count;
    for (int c = 0; c < class_count; c++)
        if (count_class(rows, count, labels, c) > 0)
            length += target;
    return length;
}

/* Says for each place of members[count] how often it is visited so that `target` visits come together: target / count times,
 * and once more for a draw of target % count of them, which are added to visits[places]. */
static void draw_visits(const int64_t *members, int64_t count, int64_t target, gr_rng rng, int64_t *drawn, int64_t *visits)
{
    for (int64_t i = 0; i < count; i++) {
        visits[members[i]] += target / count;
        drawn[i] = members[i];
    }
    gr_rng_shuffle(&rng, drawn, (size_t)count);
    for (int64_t i = 0; i < target % count; i++)
        visits[drawn[i]]++;
}

gr_status gr_epoch_order(const int64_t *rows, int64_t count, const int32_t *labels, int class_count, gr_balance balance,
                         bool shuffle, uint64_t seed, uint32_t epoch, int64_t *order, gr_error *err)
{
    int64_t target = class_target(rows, count, labels, class_count, balance), length = 0;
    uint32_t draw = balance == GR_BALANCE_UNDERSAMPLE_ONCE ? 0 : epoch;
    int64_t *members = gr_alloc((size_t)count, sizeof *members), *drawn = gr_alloc((size_t)count, sizeof *drawn);
    int64_t *visits = gr_alloc((size_t)count, sizeof *visits);
    gr_status status = GR_OK;
    if (members == NULL || drawn == NULL || visits == NULL) {
        status = gr_fail(err, GR_NOMEM, "no memory to order %lld training images", (long long)count);
        goto done;
    }
    for (int64_t i = 0; target < 0 && i < count; i++)
        visits[i] = 1;
    for (int c = 0; target >= 0 && c < class_count; c++) {
        int64_t found = 0;
        for (int64_t i = 0; i < count; i++)
            if (labels[rows[i]] == c)
                members[found++] = i;
        if (found > 0)
            draw_visits(members, found, target, gr_rng_make(seed, GR_FOR_BALANCE, draw, (uint64_t)c), drawn, visits);
    }
    for (int64_t i = 0; i < count; i++)
        for (int64_t v = 0; v < visits[i]; v++)
            order[length++] = rows[i];
    if (shuffle) {
        gr_rng rng = gr_rng_make(seed, GR_FOR_SHUFFLE, epoch, 0);
        gr_rng_shuffle(&rng, order, (size_t)length);
    }
done:
    gr_free(members);
    gr_free(drawn);
    gr_free(visits);
    return status;
}

void gr_class_weights(const int64_t *rows, int64_t count, const int32_t *labels, int class_count, float *weights)
{
    int present = 0;
    for (int c = 0; c < class_count; c++)
        present += count_class(rows, count, labels, c) > 0;
    for (int c = 0; c < class_count; c++) {
        int64_t members = count_class(rows, count, labels, c);
        weights[c] = members > 0 ? (float)((double)count / ((double)present * (double)members)) : 0.0f;
    }
}
