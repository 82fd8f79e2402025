/* A crew as a run sees it: boards of parts, a worker that takes them, and a log of what became of each. */
#include "grimace/crew.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crew/board.h"
#include "crew/log.h"
#include "crew/worker.h"
#include "run/one/folder.h"

static const double usual_stale = 120, least_pause = 0.02, most_pause = 2;

struct gr_workers {
    gr_share share;
    gr_worker worker;
};

/* The parts of one run. */
typedef struct opened {
    gr_workers *crew;
    const gr_share_parts *parts;
    gr_board board;
    double pause; /* the next */
    double from;  /* when the part in hand was taken */
    bool begins;  /* nothing was shared when it was opened, and nothing has been taken since */
} opened;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- opening and closing ----------------------------------------------------------------------------------------------------- */

/* Do workers and log lie in the same RUN/crew as the claims? */
static bool is_outermost(const gr_workers *crew, const gr_share_parts *parts)
{
    return parts->place == NULL && strcmp(parts->folder, crew->worker.top) == 0;
}

/* What became of the parts stays in work.csv. */
static void remove_board(const gr_workers *crew, const gr_share_parts *parts)
{
    gr_error unused = {0};
    if (is_outermost(crew, parts))
        (void)!gr_log_merge(parts->folder, &unused);
    gr_board_remove(parts->folder, parts->place);
}

/* Can links be made there? A stick's file system may know none: then a run is alone, and `work` is refused. */
static bool makes_links(const char *folder)
{
    char path[GR_SHARE_ROOM];
    if (snprintf(path, sizeof path, "%s/.links", folder) >= (int)sizeof path)
        return false;
    bool made = symlink("nowhere", path) == 0;
    bool none = !made && (errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS);
    unlink(path);
    return !none;
}

static gr_status open_parts(void *ctx, const gr_share_parts *parts, void **board, gr_error *err)
{
    gr_workers *crew = ctx;
    opened *o = gr_alloc(1, sizeof *o);
    *board = NULL;
    if (o == NULL)
        return gr_fail(err, GR_NOMEM, "no memory to share a run");
    if (!crew->share.joins && !makes_links(parts->folder)) {
        gr_free(o);
        return GR_OK;
    }
    /* what a killed run left of its sharing is of no use where nobody is at work */
    if (!crew->share.joins && !gr_worker_others(&crew->worker))
        remove_board(crew, parts);
    *o = (opened){.crew = crew, .parts = parts, .pause = least_pause};
    gr_status status = gr_board_open(&crew->worker, parts, !crew->share.joins, &o->board, err);
    o->begins = !o->board.begun;
    if (status == GR_OK)
        *board = o;
    else
        gr_free(o);
    return status;
}

static void close_parts(void *board, bool whole)
{
    opened *o = board;
    if (o == NULL)
        return;
    gr_worker *worker = &o->crew->worker;
    if (whole || !gr_worker_others(worker)) {
        if (is_outermost(o->crew, o->parts))
            gr_worker_leave(worker);
        remove_board(o->crew, o->parts);
    }
    gr_board_close(&o->board);
    gr_free(o);
}

/* ---- taking and giving ------------------------------------------------------------------------------------------------------- */

/* "setting-003" of a sweep's, "" of a run's own; with the place, where there is one: "repeat-1", "setting-003/repeat-1". */
static const char *name_setting(const opened *o, char *name, size_t size)
{
    const char *place = o->parts->place != NULL ? o->parts->place : "";
    size_t length = strlen(o->board.to_run);
    if (place[0] == '\0' && length > 0)
        length--;
    snprintf(name, size, "%.*s%s", (int)length, o->board.to_run, place);
    return name;
}

/* Notes what became of whom the part was taken from: until when it was at work, nobody knows. */
static void note_lost(opened *o, const gr_share_taken *taken, const char *fold)
{
    char path[GR_SHARE_ROOM + 16];
    struct stat st;
    snprintf(path, sizeof path, "%s", taken->road);
    snprintf(strrchr(path, '.'), 16, ".%d", taken->turn - 1);
    if (lstat(path, &st) != 0)
        return;
    char setting[300];
    gr_log_row row = {.setting = name_setting(o, setting, sizeof setting),
                      .fold = fold,
                      .from = (double)st.st_ctim.tv_sec + 1e-9 * (double)st.st_ctim.tv_nsec,
                      .to = o->from,
                      .how = "lost"};
    gr_log_add(&o->crew->worker, &o->board.lost, &row);
}

static void name_part(const opened *o, int index, char *name, size_t size)
{
    if (index >= 0)
        o->parts->folder_of(o->parts->ctx, index, name, size);
    else
        snprintf(name, size, "results");
}

/* Did this worker come so late that the run was at its end, and all that was shared gone, so that it has begun to share it anew? */
static bool too_late(const opened *o, const gr_share_taken *taken)
{
    bool may_be = o->crew->share.joins && (o->begins || taken->index == GR_SHARE_END);
    return may_be && o->parts->over(o->parts->ctx);
}

static gr_status take(void *board, int wanted, gr_share_taken *out, gr_error *err)
{
    opened *o = board;
    char name[300];
    *out = (gr_share_taken){.state = GR_SHARE_GONE, .index = -1};
    if (o->board.begun && !gr_path_exists(o->board.root))
        return GR_OK;
    if (o->begins && !gr_path_exists(o->board.root) && too_late(o, out)) {
        if (!gr_worker_others(&o->crew->worker)) /* who else would be writing it? */
            gr_remove_temporaries(o->parts->folder, "work.csv", false);
        return GR_OK;
    }
    gr_status status = gr_worker_register(&o->crew->worker, err);
    if (status == GR_OK)
        status = gr_board_take(&o->board, wanted, out, err);
    if (status != GR_OK || out->state != GR_SHARE_TAKEN)
        return status;
    if (too_late(o, out)) { /* or who ended it was killed while it cleared away; whose run it is may write all else */
        gr_remove_temporaries(o->parts->folder, "work.csv", false);
        remove_board(o->crew, o->parts);
        *out = (gr_share_taken){.state = GR_SHARE_GONE, .index = -1};
        return GR_OK;
    }
    o->begins = false;
    o->pause = least_pause;
    o->from = now();
    name_part(o, out->index, name, sizeof name);
    gr_remove_temporaries(out->road, NULL, out->turn > 0); /* of one that is shut out, if it is not dead */
    if (out->turn > 0)
        note_lost(o, out, name);
    return GR_OK;
}

static gr_status give(void *board, const gr_share_taken *taken, bool done, const char *why, bool *lost, gr_error *err)
{
    opened *o = board;
    char name[300];
    name_part(o, taken->index, name, sizeof name);
    char setting[300];
    gr_log_row row = {.setting = name_setting(o, setting, sizeof setting), .fold = name, .from = o->from, .to = now()};
    /* of a road that is gone, another came to the run's end meanwhile, and has cleared away */
    *lost = !done && !(gr_worker_there(&o->crew->worker) && gr_is_folder(taken->road));
    row.how = done ? "done" : *lost ? "lost" : why != NULL ? why : "left";
    gr_status status = GR_OK;
    if (!*lost)
        gr_log_add(&o->crew->worker, &o->crew->worker.who, &row);
    if (done && taken->index == GR_SHARE_END && is_outermost(o->crew, o->parts))
        status = gr_log_merge(o->parts->folder, err);
    if (done && status == GR_OK)
        status = gr_board_done(&o->board, taken, err);
    return status;
}

static void leave(void *ctx)
{
    gr_workers *crew = ctx;
    gr_worker_leave(&crew->worker);
}

static void pause_a_while(void *board)
{
    opened *o = board;
    struct timespec t = {.tv_sec = (time_t)o->pause, .tv_nsec = (long)(1e9 * (o->pause - (double)(time_t)o->pause))};
    nanosleep(&t, NULL); /* a signal ends it */
    /* the more others hold, the rarer who waits for them looks: many who wait ask no more of the file system than a few */
    double most = o->board.held > 8 ? most_pause * o->board.held / 8 : most_pause, patience = o->crew->worker.stale / 8;
    most = most > patience && patience > most_pause ? patience : most;
    o->pause = o->pause * 1.4 < most ? o->pause * 1.4 : most;
}

static bool is_done(void *board)
{
    opened *o = board;
    return gr_board_all_done(&o->board);
}

static bool others(void *ctx)
{
    gr_workers *crew = ctx;
    return gr_worker_others(&crew->worker);
}

static bool is_empty(void *ctx, const char *folder, const char *place)
{
    (void)ctx;
    return gr_board_full(folder, place);
}

/* ---- the crew ---------------------------------------------------------------------------------------------------------------- */

gr_status gr_workers_open(const char *folder, const gr_workers_options *options, gr_workers **out, gr_error *err)
{
    gr_workers *crew = *out = gr_alloc(1, sizeof *crew);
    char *top = gr_strdup(folder);
    for (size_t n = top != NULL ? strlen(top) : 0; n > 1 && top[n - 1] == '/'; n--)
        top[n - 1] = '\0';
    if (crew == NULL || top == NULL) {
        gr_free(top);
        gr_free(crew);
        *out = NULL;
        return gr_fail(err, GR_NOMEM, "no memory to share a run");
    }
    double stale = options->stale > 0 ? options->stale : usual_stale;
    crew->worker = (gr_worker){.top = top,
                               .stale = stale,
                               .every = stale < 30 ? stale / 6 : 5,
                               .kind = options->joins ? "work" : "run"};
    crew->share = (gr_share){.ctx = crew,
                             .joins = options->joins,
                             .begins = options->begins,
                             .waits = true,
                             .open = open_parts,
                             .close = close_parts,
                             .take = take,
                             .give = give,
                             .done = is_done,
                             .leave = leave,
                             .pause = pause_a_while,
                             .others = others,
                             .empty = is_empty};
    return GR_OK;
}

const gr_share *gr_workers_share(gr_workers *crew)
{
    return &crew->share;
}

void gr_workers_close(gr_workers *crew)
{
    if (crew == NULL)
        return;
    gr_worker_leave(&crew->worker);
    gr_free(crew->worker.top);
    gr_free(crew);
}
