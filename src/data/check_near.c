/* Nearly equal pictures, and consecutive frames of a video, that stand in several groups or parts. */
#include "data/check_near.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "data/near_features.h"

typedef struct nearness {
    gr_checker *ck;
    const gr_manifest *m;
    const gr_split *split; /* NULL: by the column `split`, if there is one */
    gr_near_pair *pairs;
    int64_t count;
} nearness;

/* ---- which pairs matter --------------------------------------------------------------------------------------------------
 */

static bool same_file(const nearness *n, int64_t a, int64_t b)
{
    const gr_image_facts *x = &n->ck->out->facts[a], *y = &n->ck->out->facts[b];
    return x->size == y->size && memcmp(x->hash, y->hash, sizeof x->hash) == 0 &&
           strcmp(n->m->paths[a], n->m->paths[b]) != 0;
}

static bool other_label(const nearness *n, int64_t a, int64_t b)
{
    return n->m->labels != NULL && n->m->labels[a] != n->m->labels[b];
}

static bool other_group(const nearness *n, int64_t a, int64_t b)
{
    return n->m->groups != NULL && n->m->groups[a] != n->m->groups[b];
}

static bool trains(uint8_t part)
{
    return part == GR_PART_TRAIN || part == GR_PART_VAL;
}

/* Does fold `f` train with one of them and test the other? */
static bool divides(const nearness *n, int f, int64_t a, int64_t b)
{
    if (n->split == NULL)
        return n->m->split != NULL && strcmp(n->m->split[a], n->m->split[b]) != 0 &&
               (strcmp(n->m->split[a], "test") == 0 || strcmp(n->m->split[b], "test") == 0);
    uint8_t x = gr_fold_part(&n->split->folds[f], a), y = gr_fold_part(&n->split->folds[f], b);
    return (x == GR_PART_TEST && trains(y)) || (y == GR_PART_TEST && trains(x));
}

static int fold_count(const nearness *n)
{
    return n->split != NULL ? n->split->fold_count : 1;
}

static bool divided(const nearness *n, int64_t a, int64_t b)
{
    for (int f = 0; f < fold_count(n); f++)
        if (divides(n, f, a, b))
            return true;
    return false;
}

/* Frames of one animal are nearly equal by the thousand, which is fine while they stay together: those pairs are not asked
 * for. */
static bool matters(const void *ctx, int64_t a, int64_t b)
{
    const nearness *n = ctx;
    bool apart = n->m->groups == NULL && n->split == NULL && n->m->split == NULL; /* nothing keeps them together */
    return (apart || other_label(n, a, b) || other_group(n, a, b) || divided(n, a, b)) && !same_file(n, a, b);
}

/* ---- groups that share pictures -----------------------------------------------------------------------------------------
 */

typedef struct shared {
    int32_t first, second;
    const gr_near_pair *pair;
} shared;

static int by_groups(const void *a, const void *b)
{
    const shared *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    if (x->second != y->second)
        return x->second < y->second ? -1 : 1;
    return x->pair < y->pair ? -1 : x->pair > y->pair;
}

static void tell_groups(nearness *n)
{
    const gr_manifest *m = n->m;
    shared *list = gr_alloc((size_t)n->count, sizeof *list);
    int64_t count = 0;
    if (list == NULL) {
        n->ck->failed = true;
        return;
    }
    for (int64_t i = 0; i < n->count; i++) {
        int32_t a = m->groups[n->pairs[i].first], b = m->groups[n->pairs[i].second];
        if (a != b)
            list[count++] = (shared){a < b ? a : b, a < b ? b : a, &n->pairs[i]};
    }
    qsort(list, (size_t)count, sizeof *list, by_groups);
    for (int64_t i = 0, end; i < count; i = end) {
        for (end = i; end < count && list[end].first == list[i].first && list[end].second == list[i].second;)
            end++;
        int64_t a = list[i].pair->first, b = list[i].pair->second;
        gr_check_found(
            n->ck, false,
            "%s:%lld: %s: %.80s and %.80s have %lld pair%s of nearly equal pictures, such as %.200s and %.200s on line "
            "%lld: one under two names?",
            m->path, (long long)m->lines[b], m->group_column, m->group_names[list[i].first], m->group_names[list[i].second],
            (long long)(end - i), end - i == 1 ? "" : "s", m->images[b], m->images[a], (long long)m->lines[a]);
    }
    gr_free(list);
}

/* ---- other labels, parts -------------------------------------------------------------------------------------------------
 */

static void tell_labels(nearness *n)
{
    const gr_manifest *m = n->m;
    const gr_near_pair *first = NULL;
    int64_t count = 0;
    for (int64_t i = 0; i < n->count; i++)
        if (other_label(n, n->pairs[i].first, n->pairs[i].second)) {
            first = first == NULL ? &n->pairs[i] : first;
            count++;
        }
    if (count > 0)
        gr_check_found(
            n->ck, false,
            "%s:%lld: %s: %lld pair%s of nearly equal pictures %s different labels, such as %.200s and %.200s on line %lld",
            m->path, (long long)m->lines[first->second], m->label_column, (long long)count, count == 1 ? "" : "s",
            count == 1 ? "has" : "have", m->images[first->second], m->images[first->first],
            (long long)m->lines[first->first]);
}

static void tell_parts(nearness *n)
{
    const gr_manifest *m = n->m;
    const char *name = NULL;
    const gr_near_pair *first = NULL;
    int64_t count = 0;
    int folds = 0;
    for (int64_t i = 0; i < n->count; i++)
        if (divided(n, n->pairs[i].first, n->pairs[i].second)) {
            first = first == NULL ? &n->pairs[i] : first;
            count++;
        }
    for (int f = 0; count > 0 && f < fold_count(n); f++) {
        bool here = false;
        for (int64_t i = 0; !here && i < n->count; i++)
            here = divides(n, f, n->pairs[i].first, n->pairs[i].second);
        if (here && folds++ == 0)
            name = n->split != NULL ? n->split->folds[f].name : NULL;
    }
    char where[160] = "";
    if (name != NULL && folds > 1)
        snprintf(where, sizeof where, " in fold %.80s and %d other%s", name, folds - 1, folds == 2 ? "" : "s");
    else if (name != NULL)
        snprintf(where, sizeof where, " in fold %.80s", name);
    if (count > 0)
        gr_check_found(
            n->ck, false,
            "%s:%lld: split: %lld pair%s of nearly equal pictures %s divided between training and test part%s, such as "
            "%.200s and %.200s on line %lld",
            m->path, (long long)m->lines[first->second], (long long)count, count == 1 ? "" : "s", count == 1 ? "is" : "are",
            where, m->images[first->second], m->images[first->first], (long long)m->lines[first->first]);
}

static void tell_all(nearness *n)
{
    const gr_manifest *m = n->m;
    const gr_near_pair *first = n->pairs;
    if (n->count > 0 && m->groups == NULL && n->split == NULL && m->split == NULL)
        gr_check_found(
            n->ck, false,
            "%s:%lld: image: %lld pair%s of pictures %s nearly equal, such as %.200s and %.200s on line %lld; a split by "
            "a group, such as the animal, would keep them together",
            m->path, (long long)m->lines[first->second], (long long)n->count, n->count == 1 ? "" : "s",
            n->count == 1 ? "is" : "are", m->images[first->second], m->images[first->first],
            (long long)m->lines[first->first]);
}

/* ---- frames
 * --------------------------------------------------------------------------------------------------------------- */

/* A picture's place in its video. */
typedef struct frame {
    const char *video;
    size_t length; /* of its name */
    double number;
    int64_t row;
} frame;

static int by_video(const void *a, const void *b)
{
    const frame *x = a, *y = b;
    size_t least = x->length < y->length ? x->length : y->length;
    int order = strncmp(x->video, y->video, least);
    if (order == 0 && x->length != y->length)
        order = x->length < y->length ? -1 : 1;
    if (order == 0 && x->number != y->number)
        order = x->number < y->number ? -1 : 1;
    return order != 0 ? order : x->row < y->row ? -1 : x->row > y->row;
}

/* By the columns `video` and `frame`, else by the last number of the picture's name. */
static bool place_frame(const gr_manifest *m, int video, int number, int64_t row, frame *out)
{
    if (video >= 0 && number >= 0) {
        const char *name = gr_manifest_cell(m, row, video);
        *out = (frame){name, strlen(name), 0.0, row};
        return gr_parse_double(gr_manifest_cell(m, row, number), &out->number);
    }
    const char *name = m->images[row], *end = name + strlen(name), *slash = strrchr(name, '/'), *dot = strrchr(name, '.');
    end = dot != NULL && (slash == NULL || dot > slash) ? dot : end;
    while (end > name && !isdigit((unsigned char)end[-1]))
        end--;
    const char *digits = end;
    while (digits > name && isdigit((unsigned char)digits[-1]) && end - digits < 15)
        digits--;
    *out = (frame){name, (size_t)(digits - name), 0.0, row};
    for (const char *at = digits; at < end; at++)
        out->number = 10.0 * out->number + (double)(*at - '0');
    return digits < end && (slash == NULL || digits > slash);
}

/* Frames with neighbouring numbers that look alike, more loosely than nearly equal pictures: something moved. */
static bool follows(const nearness *n, const frame *a, const frame *b, bool named)
{
    const gr_print *prints = n->ck->out->prints;
    if (a->length != b->length || strncmp(a->video, b->video, a->length) != 0)
        return false;
    if (named) /* in one video; the frames between may have been left out */
        return true;
    return b->number - a->number == 1.0 && prints[a->row].known && prints[b->row].known &&
           gr_print_correlation(&prints[a->row], &prints[b->row]) >= 0.9;
}

static void tell_frames(nearness *n)
{
    const gr_manifest *m = n->m;
    int video = gr_manifest_column(m, "video"), number = gr_manifest_column(m, "frame");
    frame *frames = gr_alloc((size_t)m->rows, sizeof *frames);
    const frame *first = NULL;
    int64_t placed = 0, count = 0;
    if (frames == NULL) {
        n->ck->failed = true;
        return;
    }
    for (int64_t r = 0; r < m->rows; r++)
        placed += place_frame(m, video, number, r, &frames[placed]);
    qsort(frames, (size_t)placed, sizeof *frames, by_video);
    for (int64_t i = 0; i + 1 < placed; i++)
        if (follows(n, &frames[i], &frames[i + 1], video >= 0 && number >= 0) &&
            (divided(n, frames[i].row, frames[i + 1].row) || other_group(n, frames[i].row, frames[i + 1].row))) {
            first = first == NULL ? &frames[i] : first;
            count++;
        }
    if (count > 0)
        gr_check_found(
            n->ck, false,
            "%s:%lld: split: %lld pair%s of consecutive frames %s divided between groups or between training and test "
            "part, such as %.200s and %.200s on line %lld: a group, such as the animal or the video, would keep them "
            "together",
            m->path, (long long)m->lines[first[1].row], (long long)count, count == 1 ? "" : "s", count == 1 ? "is" : "are",
            m->images[first[1].row], m->images[first->row], (long long)m->lines[first->row]);
    gr_free(frames);
}

/* ---- all
 * ------------------------------------------------------------------------------------------------------------------ */

static bool stands_before(const gr_near_pair *a, const gr_near_pair *b)
{
    return a->first != b->first ? a->first < b->first : a->second < b->second;
}

/* The pairs that features tell, put among those of prints, which are in the order of their rows, too. */
static gr_status add_parts(nearness *n, const gr_picture_features *features, gr_error *err)
{
    gr_near_pair *more, *all;
    int64_t count, at = 0, i = 0, j = 0;
    gr_status status =
        gr_near_features(n->ck->out->prints, features->values, n->m->rows, features->width, matters, n, &more, &count, err);
    if (status != GR_OK)
        return status;
    all = gr_alloc((size_t)(n->count + count), sizeof *all);
    for (; all != NULL && (i < n->count || j < count); at++) {
        bool old = j == count || (i < n->count && !stands_before(&more[j], &n->pairs[i]));
        j += old && j < count && !stands_before(&n->pairs[i], &more[j]); /* both have it */
        all[at] = old ? n->pairs[i++] : more[j++];
    }
    gr_free(more);
    if (all == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for nearly equal pictures");
    gr_free(n->pairs);
    n->pairs = all;
    n->count = at;
    return GR_OK;
}

gr_status gr_checker_near(gr_checker *ck, const gr_split *split, const gr_picture_features *features, gr_error *err)
{
    nearness n = {.ck = ck, .m = &ck->out->manifest, .split = split};
    gr_status status = gr_near_pairs(ck->out->prints, n.m->rows, matters, &n, &n.pairs, &n.count, err);
    if (status == GR_OK && features != NULL && (status = add_parts(&n, features, err)) != GR_OK)
        gr_free(n.pairs);
    if (status != GR_OK)
        return status;
    if (n.m->groups != NULL)
        tell_groups(&n);
    tell_labels(&n);
    tell_parts(&n);
    tell_all(&n);
    tell_frames(&n);
    gr_free(n.pairs);
    return GR_OK;
}
