#include "run/one/shared_folds.h"

#include <string.h>

#include "run/one/ended.h"

static void folder_of_fold(void *ctx, int index, char *name, size_t size)
{
    const gr_learning *learning = ctx;
    snprintf(name, size, "fold-%s", learning->cohort->split.folds[index].name);
}

static bool is_done(void *ctx)
{
    const gr_learning *learning = ctx;
    return gr_run_is_whole(learning->folder);
}

static gr_status open_board(gr_shared_run *s, gr_error *err)
{
    gr_status status = s->share != NULL ? s->share->open(s->share->ctx, &s->parts, &s->board, err) : GR_OK;
    if (s->board == NULL)
        s->share = NULL;
    return status;
}

gr_status gr_shared_run_open(gr_shared_run *s, const gr_share *share, const gr_learning *learning, gr_error *err)
{
    *s = (gr_shared_run){.share = share, .hooks = learning->hooks};
    s->parts = (gr_share_parts){.folder = learning->folder,
                                .place = share != NULL ? share->place : NULL,
                                .count = learning->cohort->split.fold_count,
                                .folder_of = folder_of_fold,
                                .over = is_done,
                                .ctx = (void *)(uintptr_t)learning};
    return open_board(s, err);
}

/* A sentence about a file names it as the user knows it. */
static void name_folder(gr_error *err, const char *road, const char *folder, const char *name)
{
    char *at = err != NULL && err->status != GR_OK ? strstr(err->text, road) : NULL;
    if (at == NULL)
        return;
    gr_error said = {0};
    (void)gr_fail(&said, err->status, "%.*s%s%s%s%s", (int)(at - err->text), err->text, folder, name != NULL ? "/" : "",
                  name != NULL ? name : "", at + strlen(road));
    *err = said;
}

static gr_status stopped(const gr_hooks *hooks, gr_error *err)
{
    return gr_hooks_stopped(hooks) ? gr_fail(err, GR_INTERRUPTED, "stopped between two folds") : GR_OK;
}

/* Whoever moved or removed the folder has left this worker nothing to write to, and nobody to take its fold over. */
static gr_status there(const gr_shared_run *s, gr_error *err)
{
    if (gr_is_folder(s->parts.folder))
        return GR_OK;
    return gr_fail(err, GR_IO,
                   "%s: is not there any more: the folder was moved or removed while this worker was at work; where it is now, "
                   "grimace work goes on with it",
                   s->parts.folder);
}

/* The fold in hand. */
static gr_status do_fold(gr_shared_run *s, const gr_learning *learning, const gr_share_taken *taken, gr_error *err)
{
    gr_learning mine = *learning;
    gr_error why = {0};
    char name[300];
    bool lost = false;
    mine.road = taken->road;
    mine.road_fold = taken->index;
    gr_status status = gr_learning_fold(&mine, taken->index, &why);
    folder_of_fold((void *)(uintptr_t)learning, taken->index, name, sizeof name);
    name_folder(&why, taken->road, learning->folder, name);
    const char *said = status == GR_OK || status == GR_INTERRUPTED ? NULL : why.text;
    gr_status given = s->share->give(s->board, taken, status == GR_OK, said, &lost, err);
    if (lost) {
        status = there(s, err);
        if (status != GR_OK)
            return status;
        gr_hooks_notice((void *)(uintptr_t)learning->hooks, "a fold was taken over by another worker, which had seen no sign of "
                        "life of this one for too long; nothing of it was written here since");
        return GR_OK;
    }
    return status != GR_OK ? gr_fail(err, status, "%s", why.text) : given;
}

gr_status gr_shared_run_folds(gr_shared_run *s, const gr_learning *learning, int wanted, gr_error *err)
{
    gr_share_taken taken;
    for (;;) {
        gr_status status = stopped(learning->hooks, err);
        if (status == GR_OK)
            status = s->share->take(s->board, wanted, &taken, err);
        if (status == GR_OK && taken.state == GR_SHARE_TAKEN)
            status = do_fold(s, learning, &taken, err);
        if (status == GR_OK && taken.state == GR_SHARE_GONE)
            status = there(s, err);
        bool busy = taken.state == GR_SHARE_BUSY && s->share->waits && wanted == GR_SHARE_ANY;
        if (status != GR_OK || (!busy && (taken.state != GR_SHARE_TAKEN || wanted != GR_SHARE_ANY))) {
            s->away = status == GR_OK && wanted == GR_SHARE_ANY && taken.state == GR_SHARE_BUSY;
            return status;
        }
        if (busy)
            s->share->pause(s->board);
    }
}

gr_status gr_shared_run_end(gr_shared_run *s, gr_error *err)
{
    for (;;) {
        gr_status status = stopped(s->hooks, err);
        if (status == GR_OK)
            status = s->share->take(s->board, GR_SHARE_END, &s->end, err);
        if (status == GR_OK && s->end.state == GR_SHARE_GONE)
            status = there(s, err);
        if (status != GR_OK || s->end.state == GR_SHARE_TAKEN)
            return status;
        s->away = s->share->joins && (s->end.state != GR_SHARE_BUSY || !s->share->waits);
        /* who began the run says what came of it, and writes it once more, when nobody else is at it */
        if (s->away || s->end.state != GR_SHARE_BUSY)
            return GR_OK;
        s->share->pause(s->board);
    }
}

gr_status gr_shared_run_ended(gr_shared_run *s, gr_status status, bool *again, gr_error *err)
{
    gr_error unused = {0};
    *again = false;
    if (s->share == NULL || s->end.state != GR_SHARE_TAKEN)
        return status;
    if (status != GR_OK)
        name_folder(err, s->end.road, s->parts.folder, NULL);
    gr_status given = s->share->give(s->board, &s->end, status == GR_OK, status != GR_OK && err != NULL ? err->text : NULL, again,
                                     status == GR_OK ? err : &unused);
    if (*again && err != NULL)
        *err = (gr_error){0};
    return *again ? GR_OK : status != GR_OK ? status : given;
}

gr_status gr_shared_end(const gr_shared_ending *e, const gr_share *share, bool *away, gr_error *err)
{
    gr_shared_run s = {.share = share, .hooks = e->hooks, .parts = {.folder = e->folder, .over = e->over, .ctx = e->ctx}};
    bool again = true;
    gr_status status = open_board(&s, err);
    while (status == GR_OK && again && !s.away) {
        again = false;
        status = s.share != NULL ? gr_shared_run_end(&s, err) : GR_OK;
        if (status != GR_OK || s.away)
            break;
        status = e->write(e->ctx, s.share != NULL && s.end.state == GR_SHARE_TAKEN ? s.end.road : e->folder, err);
        bool made = status == GR_OK;
        status = gr_shared_run_ended(&s, status, &again, err);
        if (made && (status != GR_OK || again))
            e->forget(e->ctx);
        s.away = again && s.share->joins;
    }
    *away = s.away;
    gr_shared_run_close(&s, status == GR_OK && !s.away);
    return status;
}

void gr_shared_run_close(gr_shared_run *s, bool whole)
{
    if (s->share != NULL && s->board != NULL)
        s->share->close(s->board, whole);
    s->board = NULL;
}
