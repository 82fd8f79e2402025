#include "raters/ratings.h"

#include <stdlib.h>
#include <string.h>

static int by_image_and_rater(const void *a, const void *b)
{
    const gr_rating *x = a, *y = b;
    int order = strcmp(x->image, y->image);
    if (order == 0)
        order = strcmp(x->rater, y->rater);
    return order != 0 ? order : x->row < y->row ? -1 : x->row > y->row;
}

static gr_status find_columns(gr_ratings *r, bool staged, const char *group, gr_error *err)
{
    const gr_csv *csv = r->csv;
    const char *const needed[] = {"image", "rater", staged ? "stage" : NULL, group};
    int *const to[] = {&r->image, &r->rater, &r->stage, &r->group};
    for (int i = 0; i < 4; i++) {
        *to[i] = needed[i] != NULL ? gr_csv_column(csv, needed[i]) : -1;
        if (needed[i] != NULL && *to[i] < 0)
            return gr_fail(err, GR_INVALID, "%s:1: there is no column \"%.80s\", which the labels need", csv->path,
                           needed[i]);
    }
    for (int c = 0; c < csv->columns; c++) {
        if (c == r->image || c == r->rater || c == r->stage || c == r->group)
            continue;
        if (r->unit_count == GR_MOST_UNITS)
            return gr_fail(err, GR_INVALID, "%s:1: has more than %d columns of action units", csv->path, GR_MOST_UNITS);
        r->units[r->unit_count++] = c;
    }
    if (r->unit_count == 0)
        return gr_fail(err, GR_INVALID, "%s:1: has no column of an action unit", csv->path);
    return GR_OK;
}

int gr_rating_score(const gr_ratings *r, const gr_rating *rating, int unit)
{
    const char *text = gr_csv_field(r->csv, rating->row, r->units[unit]);
    return text[0] >= '0' && text[0] < '0' + GR_SCORES && text[1] == '\0' ? text[0] - '0' : GR_NO_SCORE;
}

bool gr_rating_first(const gr_ratings *r, const gr_rating *rating)
{
    return r->stage < 0 || gr_csv_field(r->csv, rating->row, r->stage)[0] == '1';
}

double gr_rating_total(const gr_ratings *r, const gr_rating *rating)
{
    int sum = 0, units = 0;
    for (int u = 0; u < r->unit_count; u++) {
        int given = gr_rating_score(r, rating, u);
        units += given != GR_NO_SCORE;
        sum += given != GR_NO_SCORE ? given : 0;
    }
    return units > 0 ? sum / (2.0 * units) : GR_NO_SCORE;
}

int64_t gr_ratings_end(const gr_ratings *r, int64_t begin)
{
    int64_t end = begin + 1;
    while (end < r->count && strcmp(r->list[end].image, r->list[begin].image) == 0)
        end++;
    return end;
}

static gr_status check_row(const gr_ratings *r, const gr_rating *rating, gr_error *err)
{
    long long line = (long long)r->csv->line[rating->row];
    for (int u = 0; u < r->unit_count; u++) {
        const char *text = gr_csv_field(r->csv, rating->row, r->units[u]);
        if (gr_rating_score(r, rating, u) == GR_NO_SCORE && text[0] != '\0' && strcmp(text, "uncertain") != 0)
            return gr_fail(err, GR_INVALID, "%s:%lld: %.80s: \"%.80s\" is no score; 0, 1, 2 or uncertain would be right",
                           r->csv->path, line, r->csv->header[r->units[u]], text);
    }
    const char *stage = r->stage >= 0 ? gr_csv_field(r->csv, rating->row, r->stage) : "1";
    if (strcmp(stage, "1") != 0 && strcmp(stage, "2") != 0)
        return gr_fail(err, GR_INVALID, "%s:%lld: stage: is \"%.80s\", 1 or 2 would be right", r->csv->path, line, stage);
    return GR_OK;
}

static gr_status check_twins(const gr_ratings *r, gr_error *err)
{
    for (int64_t i = 1; i < r->count; i++) {
        const gr_rating *a = &r->list[i - 1], *b = &r->list[i];
        if (strcmp(a->image, b->image) == 0 && strcmp(a->rater, b->rater) == 0)
            return gr_fail(err, GR_INVALID, "%s:%lld: rater \"%.80s\" rates image \"%.200s\" a second time", r->csv->path,
                           (long long)r->csv->line[b->row], b->rater, b->image);
    }
    return GR_OK;
}

static gr_status read_table(gr_ratings *r, const char *path, bool staged, const char *group, gr_error *err)
{
    gr_status status = gr_csv_read(path, &r->csv, err);
    if (status == GR_OK)
        status = find_columns(r, staged, group, err);
    if (status != GR_OK)
        return status;
    r->count = r->csv->rows;
    r->list = gr_alloc((size_t)r->count, sizeof *r->list);
    if (r->list == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory for its ratings", path);
    for (int64_t i = 0; status == GR_OK && i < r->count; i++) {
        r->list[i] = (gr_rating){gr_csv_field(r->csv, i, r->image), gr_csv_field(r->csv, i, r->rater), i};
        status = check_row(r, &r->list[i], err);
    }
    if (status != GR_OK)
        return status;
    qsort(r->list, (size_t)r->count, sizeof *r->list, by_image_and_rater);
    return check_twins(r, err);
}

gr_status gr_ratings_read(const char *path, bool staged, const char *group, gr_ratings *out, gr_error *err)
{
    *out = (gr_ratings){.image = -1, .rater = -1, .stage = -1, .group = -1};
    gr_status status = read_table(out, path, staged, group, err);
    if (status != GR_OK)
        gr_ratings_free(out);
    return status;
}

void gr_ratings_free(gr_ratings *r)
{
    gr_csv_destroy(r->csv);
    gr_free(r->list);
    *r = (gr_ratings){0};
}
