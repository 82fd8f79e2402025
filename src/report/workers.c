/* Who did what of a run, and when: RUN/work.csv as a timeline. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/base.h"
#include "formats/csv.h"
#include "report/axes.h"
#include "report/figure.h"
#include "report/ticks.h"

static const double row_height = 4.6, rest = 20.0, most_height = 250.0; /* mm */

/* A row of work.csv: what a worker did. */
typedef struct stint {
    double from, to; /* seconds since the first */
    int worker, kind;
} stint;

typedef struct timeline {
    int count, workers;
    stint *stints;      /* [count] */
    const char **names; /* [workers]: "host 1234" */
    gr_csv *csv;
    gr_arena *arena;
} timeline;

enum { DONE, LEFT, LOST, FAILED };

static void free_timeline(timeline *t)
{
    gr_free(t->stints);
    gr_free(t->names);
    gr_csv_destroy(t->csv);
    gr_arena_destroy(t->arena);
    *t = (timeline){0};
}

/* "2026-11-29T08:35:20.197Z" as seconds; NaN: it is none. */
static double seconds_of(const char *text)
{
    struct tm tm = {0};
    double seconds = 0.0;
    if (sscanf(text, "%d-%d-%dT%d:%d:%lf", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &seconds) != 6)
        return NAN;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    return (double)timegm(&tm) + seconds;
}

static int kind_of(const char *ended)
{
    return strcmp(ended, "done") == 0 ? DONE : strcmp(ended, "left") == 0 ? LEFT : strcmp(ended, "lost") == 0 ? LOST : FAILED;
}

static int worker_of(timeline *t, const char *name)
{
    int w = 0;
    while (w < t->workers && strcmp(t->names[w], name) != 0)
        w++;
    if (w == t->workers)
        t->names[t->workers++] = name;
    return w;
}

static gr_status take_rows(timeline *t, const char *path, gr_error *err)
{
    static const char *const wanted[] = {"host", "pid", "from", "to", "ended"};
    int column[5];
    for (int c = 0; c < 5; c++)
        if ((column[c] = gr_csv_column(t->csv, wanted[c])) < 0)
            return gr_fail(err, GR_INVALID, "%s:1: has no column %s; a work.csv that grimace work wrote would be right", path,
                           wanted[c]);
    t->stints = gr_alloc((size_t)t->csv->rows, sizeof *t->stints);
    t->names = gr_alloc((size_t)t->csv->rows + 1, sizeof *t->names);
    t->arena = gr_arena_create();
    if (t->stints == NULL || t->names == NULL || t->arena == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory for its rows", path);
    double first = INFINITY;
    for (int64_t r = 0; r < t->csv->rows; r++) {
        stint *s = &t->stints[t->count];
        const char *host = gr_csv_field(t->csv, r, column[0]);
        const char *name = gr_arena_printf(t->arena, "%s %s", host, gr_csv_field(t->csv, r, column[1]));
        if (name == NULL)
            return gr_fail(err, GR_NOMEM, "%s: no memory for its rows", path);
        *s = (stint){seconds_of(gr_csv_field(t->csv, r, column[2])), seconds_of(gr_csv_field(t->csv, r, column[3])),
                     worker_of(t, name), kind_of(gr_csv_field(t->csv, r, column[4]))};
        if (!isfinite(s->from) || !isfinite(s->to))
            return gr_fail(err, GR_INVALID, "%s:%lld: from or to is no time such as 2026-01-31T12:00:00.000Z", path,
                           (long long)t->csv->line[r]);
        first = fmin(first, s->from);
        t->count++;
    }
    for (int i = 0; i < t->count; i++) {
        t->stints[i].from -= first;
        t->stints[i].to -= first;
    }
    return GR_OK;
}

static gr_status read_timeline(const gr_run_files *run, timeline *out, gr_error *err)
{
    char *path = gr_path_join(run->path, "work.csv");
    *out = (timeline){0};
    gr_status status = path != NULL ? gr_csv_read(path, &out->csv, err) : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK)
        status = take_rows(out, path, err);
    if (status != GR_OK)
        free_timeline(out);
    gr_free(path);
    return status;
}

static bool can(const gr_run_files *run, gr_text *why)
{
    char *path = run->path != NULL && !run->table_alone ? gr_path_join(run->path, "work.csv") : NULL;
    bool there = path != NULL && gr_path_exists(path);
    if (!there)
        gr_text_printf(why, "it has no work.csv, which grimace work leaves");
    gr_free(path);
    return there;
}

static double height(const gr_run_files *run, double width)
{
    gr_error unused = {0};
    timeline t;
    (void)width;
    int workers = read_timeline(run, &t, &unused) == GR_OK ? t.workers : 1;
    free_timeline(&t);
    return fmax(35.0, fmin(most_height, rest + row_height * workers));
}

/* What the clock counts in, where the whole takes `seconds`. */
typedef struct clock_unit {
    const char *name, *title;
    double seconds;
} clock_unit;

static clock_unit unit_of(double seconds)
{
    static const clock_unit units[] = {{"seconds", "seconds since the first began", 1.0},
                                       {"minutes", "minutes since the first began", 60.0},
                                       {"hours", "hours since the first began", 3600.0}};
    return units[(seconds > 300.0) + (seconds > 3.0 * 3600.0)];
}

static void tell(const timeline *t, double most, gr_page *page)
{
    const clock_unit unit = unit_of(most);
    static const char *const words[] = {"done", "left", "lost", "failed"};
    static const char *const colours[] = {"", "brown", "pale orange", "orange"}; /* draw_stint's */
    int kinds[4] = {0};
    double busy = 0.0;
    gr_numbers_columns(&page->numbers, (const char *const[]){"worker", "from", "to", "ended"}, 4);
    for (int i = 0; i < t->count; i++) {
        const stint *s = &t->stints[i];
        kinds[s->kind]++;
        busy += s->kind == DONE ? s->to - s->from : 0.0;
        gr_numbers_text(&page->numbers, t->names[s->worker]);
        gr_numbers_real(&page->numbers, s->from);
        gr_numbers_real(&page->numbers, s->to);
        gr_numbers_text(&page->numbers, words[s->kind]);
    }
    gr_text_printf(&page->alternative,
                   "Workers by the clock, each part of the work a block, in two blues by turns: %d worker%s, %d parts done in %.4g "
                   "%s, %.4g of one worker", t->workers, t->workers == 1 ? "" : "s", kinds[DONE], most / unit.seconds, unit.name,
                   busy / unit.seconds);
    for (int k = LEFT; k <= FAILED; k++)
        if (kinds[k] > 0)
            gr_text_printf(&page->alternative, "; %d %s (%s)", kinds[k], words[k], colours[k]);
    gr_text_printf(&page->alternative, ".");
}

static void draw_stint(const gr_axes *axes, const stint *s, double unit, int nth)
{
    static const int colours[] = {0, 4, 1, 1};
    double left = gr_axes_x(axes, s->from / unit), right = gr_axes_x(axes, s->to / unit), top = gr_axes_y(axes, s->worker - 0.36);
    int colour = s->kind == DONE ? nth % 2 * 6 : colours[s->kind];
    gr_canvas_rectangle(axes->canvas, left, top, fmax(right - left, 0.1), gr_axes_y(axes, s->worker + 0.36) - top,
                        gr_fill(gr_colour(colour), s->kind == LOST ? 0.6 : 1.0));
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    timeline t;
    gr_status status = read_timeline(run, &t, err);
    if (status != GR_OK)
        return status;
    double most = 0.0, low = 0.0;
    for (int i = 0; i < t.count; i++)
        most = fmax(most, t.stints[i].to);
    double whole = most;
    const clock_unit unit = unit_of(whole);
    most /= unit.seconds;
    gr_ticks_widen(&low, &most, 6);
    bool named = t.workers * 2.6 <= page->height - rest + 4.0;
    gr_axis y = {.low = t.workers - 0.5, .high = -0.5, .no_grid = true, .names = t.names, .categories = named ? t.workers : 0,
                 .title = "worker"};
    gr_axes axes = gr_axes_draw(page->canvas, (gr_box){1.0, 1.0, page->width - 2.0, page->height - 2.0},
                                (gr_axis){.low = 0.0, .high = most, .title = unit.title}, y);
    int *nth = gr_alloc((size_t)t.workers + 1, sizeof *nth);
    for (int i = 0; nth != NULL && i < t.count; i++)
        draw_stint(&axes, &t.stints[i], unit.seconds, nth[t.stints[i].worker]++);
    tell(&t, whole, page);
    status = nth != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a figure");
    gr_free(nth);
    free_timeline(&t);
    return status;
}

const gr_figure gr_workers_figure = {.name = "workers",
                                     .title = "Who did the work",
                                     .shows = "what each worker did and when, from work.csv",
                                     .height = height,
                                     .can = can,
                                     .draw = draw};
