#include "data/frame_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"

enum { MOST_RULES = 64 };

/* "score:0=0.5,1=0.5,*=1" */
typedef struct rate_rules {
    int column;
    int count;
    const char *values[MOST_RULES];
    gr_moment rates[MOST_RULES];
} rate_rules;

typedef struct table_reader {
    const gr_frame_wish *o;
    gr_frame_plan *plan;
    gr_error *err;
    int video, start, end, rate; /* columns; -1: not there */
    gr_moment usual;
    rate_rules rules;
} table_reader;

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for a list of videos");
}

/* ---- rules
 * ----------------------------------------------------------------------------------------------------------------- */

static gr_status read_rules(table_reader *r)
{
    rate_rules *rules = &r->rules;
    const char *colon = strchr(r->o->rate_by, ':');
    if (colon == NULL || colon == r->o->rate_by)
        return gr_fail(r->err, GR_INVALID, "--rate-by: \"%.80s\" names no column; COLUMN:VALUE=RATE,*=RATE would be right",
                       r->o->rate_by);
    char *name = gr_arena_strndup(r->plan->arena, r->o->rate_by, (size_t)(colon - r->o->rate_by));
    char *text = gr_arena_strdup(r->plan->arena, colon + 1);
    if (name == NULL || text == NULL)
        return no_memory(r->err);
    rules->column = gr_csv_column(r->plan->csv, name);
    if (rules->column < 0)
        return gr_fail(r->err, GR_INVALID, "%s:%lld: has no column %.80s, which --rate-by names", r->o->table,
                       (long long)r->plan->csv->header_line, name);
    for (char *rule = text, *next; rule != NULL; rule = next) {
        next = strchr(rule, ',');
        if (next != NULL)
            *next++ = '\0';
        char *equals = strrchr(rule, '=');
        if (equals == NULL || rules->count == MOST_RULES)
            return gr_fail(r->err, GR_INVALID, "--rate-by: \"%.80s\" is no VALUE=RATE, of which %d at most are right", rule,
                           (int)MOST_RULES);
        *equals = '\0';
        rules->values[rules->count] = rule;
        gr_status status = gr_rate_read("--rate-by", equals + 1, &rules->rates[rules->count++], r->err);
        if (status != GR_OK)
            return status;
    }
    return GR_OK;
}

static gr_status rule_of(const table_reader *r, int64_t row, gr_moment *rate)
{
    const rate_rules *rules = &r->rules;
    const char *value = gr_csv_field(r->plan->csv, row, rules->column);
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < rules->count; i++)
            if (strcmp(rules->values[i], pass == 0 ? value : "*") == 0) {
                *rate = rules->rates[i];
                return GR_OK;
            }
    return gr_fail(r->err, GR_INVALID,
                   "%s:%lld: %s: \"%.40s\" has no rate in --rate-by; *=RATE would be right for all others", r->o->table,
                   (long long)r->plan->csv->line[row], r->plan->csv->header[rules->column], value);
}

/* ---- the table
 * ------------------------------------------------------------------------------------------------------------- */

static gr_status find_columns(table_reader *r)
{
    const gr_csv *csv = r->plan->csv;
    r->video = gr_csv_column(csv, "video");
    r->start = gr_csv_column(csv, "start");
    r->end = gr_csv_column(csv, "end");
    r->rate = gr_csv_column(csv, "rate");
    if (r->video < 0)
        return gr_fail(r->err, GR_INVALID,
                       "%s:%lld: has no column video; video,start,end,rate and any others would be right", r->o->table,
                       (long long)csv->header_line);
    if (csv->rows == 0)
        return gr_fail(r->err, GR_INVALID, "%s: has no rows; one for each part of a video would be right", r->o->table);
    r->plan->carried = gr_arena_alloc(r->plan->arena, (size_t)csv->columns, sizeof *r->plan->carried);
    if (r->plan->carried == NULL)
        return no_memory(r->err);
    static const char *const ours[] = {"image", "time", "frame"};
    for (int c = 0; c < csv->columns; c++) {
        for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
            if (strcmp(csv->header[c], ours[i]) == 0)
                return gr_fail(r->err, GR_INVALID,
                               "%s:%lld: has a column %s, as the manifest will; another name would be right", r->o->table,
                               (long long)csv->header_line, ours[i]);
        if (c != r->video && c != r->start && c != r->end && c != r->rate)
            r->plan->carried[r->plan->carried_count++] = c;
    }
    return GR_OK;
}

/* The moment in a cell; `out` stays where the cell is empty or not there. */
static gr_status read_moment(const table_reader *r, int64_t row, int column, gr_moment *out)
{
    const char *text = column >= 0 ? gr_csv_field(r->plan->csv, row, column) : "";
    if (gr_csv_unknown(text) || gr_moment_read(text, out))
        return GR_OK;
    return gr_fail(r->err, GR_INVALID,
                   "%s:%lld: %s: \"%.40s\" is no time; seconds from the first frame, such as 12.5, would be right",
                   r->o->table, (long long)r->plan->csv->line[row], r->plan->csv->header[column], text);
}

static gr_status read_window(const table_reader *r, int64_t row, gr_frame_window *w)
{
    const gr_csv *csv = r->plan->csv;
    *w = (gr_frame_window){.row = row, .start = {0, 1}, .rate = r->usual};
    gr_status status = read_moment(r, row, r->start, &w->start);
    if (status == GR_OK)
        status = read_moment(r, row, r->end, &w->end);
    if (status == GR_OK && w->end.den != 0 && gr_moment_compare(w->end, w->start) <= 0)
        status = gr_fail(r->err, GR_INVALID, "%s:%lld: end: \"%s\" is not behind the start", r->o->table,
                         (long long)csv->line[row], gr_csv_field(csv, row, r->end));
    const char *rate = r->rate >= 0 ? gr_csv_field(csv, row, r->rate) : "";
    if (status == GR_OK && !gr_csv_unknown(rate)) {
        char where[512];
        snprintf(where, sizeof where, "%s:%lld: rate", r->o->table, (long long)csv->line[row]);
        return gr_rate_read(where, rate, &w->rate, r->err);
    }
    return status == GR_OK && r->o->rate_by != NULL ? rule_of(r, row, &w->rate) : status;
}

/* The number of the video of that name, a new one where there was none. */
static gr_status number_video(table_reader *r, const char *name, const char *folder, int *number)
{
    gr_frame_plan *plan = r->plan;
    for (*number = plan->video_count - 1; *number >= 0; (*number)--) /* rows of a video stand together */
        if (strcmp(plan->videos[*number].name, name) == 0)
            return GR_OK;
    *number = plan->video_count++;
    char *joined = folder != NULL && strcmp(folder, ".") != 0 ? gr_path_join(folder, name) : gr_strdup(name);
    gr_frame_source *v = &plan->videos[*number];
    v->name = gr_arena_strdup(plan->arena, name);
    v->path = joined != NULL ? gr_arena_strdup(plan->arena, joined) : NULL;
    gr_free(joined);
    return v->name != NULL && v->path != NULL ? GR_OK : no_memory(r->err);
}

static gr_status read_table(table_reader *r)
{
    gr_frame_plan *plan = r->plan;
    gr_status status = gr_csv_read(r->o->table, &plan->csv, r->err);
    if (status == GR_OK)
        status = find_columns(r);
    if (status == GR_OK && r->o->rate_by != NULL)
        status = read_rules(r);
    char *folder = gr_path_folder(r->o->table);
    if (status == GR_OK && (plan->csv->rows > INT32_MAX || folder == NULL))
        status = no_memory(r->err);
    if (status == GR_OK) {
        plan->windows = gr_alloc((size_t)plan->csv->rows, sizeof *plan->windows);
        plan->videos = gr_alloc((size_t)plan->csv->rows, sizeof *plan->videos);
        if (plan->windows == NULL || plan->videos == NULL)
            status = no_memory(r->err);
    }
    for (int64_t row = 0; status == GR_OK && row < plan->csv->rows; row++) {
        const char *name = gr_csv_field(plan->csv, row, r->video);
        gr_frame_window *w = &plan->windows[plan->window_count++];
        if (name[0] == '\0')
            status =
                gr_fail(r->err, GR_INVALID, "%s:%lld: video: is empty; a path from the table's folder on would be right",
                        r->o->table, (long long)plan->csv->line[row]);
        if (status == GR_OK)
            status = read_window(r, row, w);
        if (status == GR_OK)
            status = number_video(r, name, folder, &w->video);
    }
    gr_free(folder);
    return status;
}

static gr_status read_words(table_reader *r)
{
    gr_frame_plan *plan = r->plan;
    plan->windows = gr_alloc((size_t)r->o->video_count, sizeof *plan->windows);
    plan->videos = gr_alloc((size_t)r->o->video_count, sizeof *plan->videos);
    if (plan->windows == NULL || plan->videos == NULL)
        return no_memory(r->err);
    for (int i = 0; i < r->o->video_count; i++) {
        gr_frame_window *w = &plan->windows[plan->window_count++];
        *w = (gr_frame_window){.row = -1, .start = {0, 1}, .rate = r->usual};
        int before = plan->video_count;
        gr_status status = number_video(r, r->o->videos[i], NULL, &w->video);
        if (status == GR_OK && plan->video_count == before)
            status = gr_fail(r->err, GR_INVALID, "%s: is named twice, once would be right", r->o->videos[i]);
        if (status != GR_OK)
            return status;
    }
    return GR_OK;
}

/* ---- all of it
 * ------------------------------------------------------------------------------------------------------------- */

static int by_video_and_start(const void *a, const void *b)
{
    const gr_frame_window *x = a, *y = b;
    if (x->video != y->video)
        return x->video < y->video ? -1 : 1;
    int order = gr_moment_compare(x->start, y->start);
    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

static bool stem_taken(const gr_frame_plan *plan, int before, const char *stem)
{
    for (int i = 0; i < before; i++)
        if (strcmp(plan->videos[i].stem, stem) == 0)
            return true;
    return false;
}

/* The file's name without folder and ending; numbered where two videos would have the same. */
static gr_status make_stem(gr_frame_plan *plan, int number, gr_error *err)
{
    gr_frame_source *v = &plan->videos[number];
    const char *slash = strrchr(v->name, '/'), *base = slash != NULL ? slash + 1 : v->name, *dot = strrchr(base, '.');
    size_t length = dot != NULL && dot > base ? (size_t)(dot - base) : strlen(base);
    char *stem = gr_arena_strndup(plan->arena, base, length < 120 ? length : 120);
    for (char *c = stem; c != NULL && *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == '\\')
            *c = '_';
    v->stem = stem;
    for (int again = 2; v->stem != NULL && stem_taken(plan, number, v->stem); again++)
        v->stem = gr_arena_printf(plan->arena, "%s-%d", stem, again);
    return v->stem != NULL ? GR_OK : no_memory(err);
}

gr_status gr_frame_plan_make(const gr_frame_wish *o, gr_frame_plan *plan, gr_error *err)
{
    *plan = (gr_frame_plan){.arena = gr_arena_create()};
    table_reader r = {.o = o, .plan = plan, .err = err, .usual = {1, 1}};
    gr_status status = plan->arena != NULL ? GR_OK : no_memory(err);
    if (status == GR_OK && o->rate != NULL)
        status = gr_rate_read("--rate", o->rate, &r.usual, err);
    if (status == GR_OK)
        status = o->table != NULL ? read_table(&r) : read_words(&r);
    if (status != GR_OK)
        return status;
    qsort(plan->windows, (size_t)plan->window_count, sizeof *plan->windows, by_video_and_start);
    for (int i = 0; status == GR_OK && i < plan->video_count; i++)
        status = make_stem(plan, i, err);
    for (int i = plan->window_count - 1; i >= 0; i--) {
        gr_frame_source *v = &plan->videos[plan->windows[i].video];
        v->first = i;
        v->count++;
    }
    return status;
}

void gr_frame_plan_free(gr_frame_plan *plan)
{
    gr_csv_destroy(plan->csv);
    gr_free(plan->videos);
    gr_free(plan->windows);
    gr_arena_destroy(plan->arena);
    *plan = (gr_frame_plan){0};
}
