#include "eval/draw.h"

#include <string.h>

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory to draw the test images again");
}

/* Numbers the images where that is another thing than to count rows. */
static gr_status number_images(gr_draw *d, const char *const *images, gr_same_truth same, const void *ctx, gr_error *err)
{
    if (images == NULL)
        return GR_OK;
    d->image = gr_names_number(images, d->rows, &d->image_count);
    int64_t *first = gr_alloc((size_t)d->rows, sizeof *first), seen = 0;
    bool whole = d->image != NULL && first != NULL && d->image_count < d->rows;
    for (int64_t i = 0; whole && i < d->rows; i++) {
        if (d->image[i] == seen)
            first[seen++] = i;
        whole = same(ctx, first[d->image[i]], i);
    }
    gr_status status = d->image != NULL && first != NULL ? GR_OK : no_memory(err);
    gr_free(first);
    if (!whole) {
        gr_free(d->image);
        d->image = NULL;
    }
    return status;
}

gr_status gr_draw_open(int64_t rows, const char *const *images, const char *const *groups, bool by_group, gr_same_truth same,
                       const void *ctx, gr_draw *out, gr_error *err)
{
    *out = (gr_draw){.rows = rows};
    if (by_group && groups == NULL)
        return gr_fail(err, GR_INVALID, "the predictions have no groups, so whole groups cannot be drawn; images can");
    if (by_group && (out->group = gr_names_number(groups, rows, &out->group_count)) == NULL)
        return no_memory(err);
    return number_images(out, images, same, ctx, err);
}

void gr_draw_free(gr_draw *d)
{
    gr_free(d->group);
    gr_free(d->image);
    *d = (gr_draw){0};
}

void gr_draw_weights(const gr_draw *d, uint64_t seed, uint64_t sample, int32_t *draws, int32_t *weights)
{
    const int64_t *unit = d->group != NULL ? d->group : d->image;
    int64_t units = d->group != NULL ? d->group_count : d->image != NULL ? d->image_count : d->rows;
    gr_rng rng = gr_rng_make(seed, GR_FOR_BOOTSTRAP, 0, sample);
    memset(draws, 0, (size_t)units * sizeof *draws);
    for (int64_t i = 0; i < units; i++)
        draws[gr_rng_below(&rng, (uint64_t)units)]++;
    for (int64_t i = 0; i < d->rows; i++)
        weights[i] = draws[unit != NULL ? unit[i] : i];
}

/* ---- shuffling --------------------------------------------------------------------------------------------------------- */

void gr_deck_free(gr_deck *deck)
{
    gr_free(deck->source);
    gr_free(deck->rows);
    gr_free(deck->first);
    *deck = (gr_deck){0};
}

/* The rows of `first`, group by group; starts[group_count + 2] is scratch. */
static void order_by_group(const gr_draw *d, int64_t *starts, gr_deck *deck)
{
    for (int64_t i = 0; i < deck->count; i++)
        starts[(d->group != NULL ? d->group[deck->first[i]] : 0) + 1]++;
    for (int64_t g = 0; g < d->group_count; g++)
        starts[g + 1] += starts[g];
    for (int64_t i = 0; i < deck->count; i++)
        deck->rows[starts[d->group != NULL ? d->group[deck->first[i]] : 0]++] = deck->first[i];
}

gr_status gr_deck_open(const gr_draw *d, gr_deck *deck, gr_error *err)
{
    size_t n = (size_t)d->rows;
    *deck = (gr_deck){gr_alloc(n, sizeof *deck->source), gr_alloc(n, sizeof *deck->rows), gr_alloc(n, sizeof *deck->first), 0};
    int64_t *starts = gr_alloc((size_t)d->group_count + 2, sizeof *starts);
    if (deck->source == NULL || deck->rows == NULL || deck->first == NULL || starts == NULL) {
        gr_free(starts);
        return gr_fail(err, GR_NOMEM, "no memory to shuffle %zu labels", n);
    }
    for (int64_t i = 0; i < d->rows; i++) {
        deck->source[i] = i;
        if (d->image == NULL || d->image[i] == deck->count)
            deck->first[deck->count++] = i;
    }
    order_by_group(d, starts, deck);
    gr_free(starts);
    return GR_OK;
}

void gr_deck_shuffle(gr_deck *deck, const gr_draw *d, uint64_t seed, uint64_t shuffle)
{
    gr_rng rng = gr_rng_make(seed, GR_FOR_BOOTSTRAP, 1, shuffle);
    int64_t *source = deck->source;
    for (int64_t begin = 0, end; begin < deck->count; begin = end) {
        for (end = begin + 1;
             end < deck->count && (d->group == NULL || d->group[deck->rows[end]] == d->group[deck->rows[begin]]);)
            end++;
        for (int64_t i = end - 1; i > begin; i--) {
            int64_t a = deck->rows[i], b = deck->rows[begin + (int64_t)gr_rng_below(&rng, (uint64_t)(i - begin) + 1)];
            int64_t held = source[a];
            source[a] = source[b];
            source[b] = held;
        }
    }
    for (int64_t i = 0; d->image != NULL && i < d->rows; i++)
        source[i] = source[deck->first[d->image[i]]];
}
