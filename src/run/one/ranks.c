/* A rank asks for a task, does it, says how it went, and is given the next one in answer. The first rank looks for letters whenever
 * its own task tells of a step, so that others wait for one step at most. */
#include "run/one/ranks.h"

#include <string.h>
#include <time.h>

typedef enum letter_kind {
    WANT,  /* to the first rank: give me a task */
    EVENT, /* likewise: `event` has happened */
    DONE,  /* likewise: the task has ended with `error`; give me another */
    TASK,  /* from the first rank: do `task` */
    STOP,  /* stop after the current step */
    END    /* nothing is left to do */
} letter_kind;

/* Small enough that MPI sends it without waiting for who reads it. */
typedef struct letter {
    letter_kind kind;
    int task;
    gr_event event;
    char text[256], fold_name[256], setting[256];
    gr_error error;
} letter;

typedef struct ranks {
    const gr_crew_work *work;
    gr_peers *peers;
    int next;                   /* task to be given out */
    int away;                   /* ranks that have not been told of the end */
    bool told;                  /* the others know that they are to stop */
    volatile sig_atomic_t stop; /* of this rank's task */
    gr_error worst;             /* the first failure; a real one replaces an interruption */
    double spoke;               /* when the last event was sent */
} ranks;

static void rest(void)
{
    const struct timespec pause = {.tv_nsec = 1000 * 1000};
    nanosleep(&pause, NULL);
}

static void post(ranks *r, int to, letter_kind kind, int task)
{
    letter l;
    memset(&l, 0, sizeof l);
    l.kind = kind;
    l.task = task;
    r->peers->post(r->peers->ctx, to, &l, sizeof l);
}

/* ---- the first rank ------------------------------------------------------------------------------------------------------ */

static void note_failure(ranks *r, const gr_error *error)
{
    if (error->status != GR_OK && (r->worst.status == GR_OK || r->worst.status == GR_INTERRUPTED))
        r->worst = *error;
}

/* Who is to stop, is told once. */
static void spread_stop(ranks *r)
{
    const volatile sig_atomic_t *wish = r->work->hooks->stop;
    if (r->worst.status != GR_OK || (wish != NULL && *wish))
        r->stop = 1;
    for (int to = 1; r->stop && !r->told && to < r->peers->count; to++)
        post(r, to, STOP, 0);
    r->told = r->told || r->stop;
}

static void answer(ranks *r, int to)
{
    bool more = !r->stop && r->next < r->work->count;
    post(r, to, more ? TASK : END, more ? r->next++ : 0);
    r->away -= !more;
}

static void hear(ranks *r, letter *l, int from)
{
    const gr_hooks *hooks = r->work->hooks;
    if (l->kind == EVENT) {
        l->event.text = l->text[0] != '\0' ? l->text : NULL;
        l->event.fold_name = l->fold_name[0] != '\0' ? l->fold_name : NULL;
        l->event.setting = l->setting[0] != '\0' ? l->setting : NULL;
        if (hooks->event != NULL)
            hooks->event(hooks->ctx, &l->event);
        return;
    }
    if (l->kind == DONE)
        note_failure(r, &l->error);
    spread_stop(r);
    answer(r, from);
}

/* Whether there was a letter. */
static bool serve(ranks *r)
{
    letter l;
    int from;
    bool any = false;
    spread_stop(r);
    for (; r->peers->take(r->peers->ctx, &l, sizeof l, &from); any = true)
        hear(r, &l, from);
    return any;
}

static void lead_event(void *ctx, const gr_event *event)
{
    ranks *r = ctx;
    if (r->work->hooks->event != NULL)
        r->work->hooks->event(r->work->hooks->ctx, event);
    (void)serve(r);
}

static gr_status lead(ranks *r, gr_error *err)
{
    char name[128];
    gr_hooks hooks = *r->work->hooks;
    hooks.stop = &r->stop;
    hooks.event = lead_event;
    hooks.ctx = r;
    r->away = r->peers->count - 1;
    (void)serve(r);
    while (!r->stop && r->next < r->work->count) {
        gr_error error = {0};
        error.status = r->work->run(r->work->ctx, r->next++, &hooks, &error);
        note_failure(r, &error);
        (void)serve(r);
    }
    while (r->away > 0)
        if (!serve(r))
            rest();
    if (r->worst.status != GR_OK)
        return gr_fail(err, r->worst.status, "%s", r->worst.text);
    if (r->next == r->work->count)
        return GR_OK;
    const char *kind = r->work->name(r->work->ctx, r->next, name, sizeof name);
    return gr_fail(err, GR_INTERRUPTED, "stopped before %s %s", kind, name);
}

/* ---- the others ---------------------------------------------------------------------------------------------------------- */

/* Looks for a letter that says to stop; others are not there while a task is done. */
static void look_for_stop(ranks *r)
{
    const volatile sig_atomic_t *wish = r->work->hooks->stop;
    letter l;
    int from;
    while (r->peers->take(r->peers->ctx, &l, sizeof l, &from))
        r->stop = 1;
    if (wish != NULL && *wish)
        r->stop = 1;
}

/* Takes the text along: a pointer means nothing in another process. */
static void copy(char *to, size_t size, const char **text)
{
    if (*text != NULL)
        snprintf(to, size, "%s", *text);
    *text = NULL;
}

static void follower_event(void *ctx, const gr_event *event)
{
    static const double often = 0.25; /* seconds between steps that are told of */
    ranks *r = ctx;
    look_for_stop(r);
    bool one_of_many = event->kind == GR_EVENT_STEP || event->kind == GR_EVENT_TESTING || event->kind == GR_EVENT_CHECKING ||
                       event->kind == GR_EVENT_FEATURES;
    double now = gr_seconds();
    if (one_of_many && now - r->spoke < often)
        return;
    r->spoke = now;
    letter l;
    memset(&l, 0, sizeof l);
    l.kind = EVENT;
    l.event = *event;
    copy(l.text, sizeof l.text, &l.event.text);
    copy(l.fold_name, sizeof l.fold_name, &l.event.fold_name);
    copy(l.setting, sizeof l.setting, &l.event.setting);
    r->peers->post(r->peers->ctx, 0, &l, sizeof l);
}

static void follow(ranks *r)
{
    gr_hooks hooks = *r->work->hooks;
    hooks.stop = &r->stop;
    hooks.event = follower_event;
    hooks.ctx = r;
    letter l;
    int from;
    post(r, 0, WANT, 0);
    for (;;) {
        if (!r->peers->take(r->peers->ctx, &l, sizeof l, &from)) {
            rest();
            continue;
        }
        if (l.kind == END)
            return;
        if (l.kind == STOP)
            r->stop = 1;
        if (l.kind != TASK)
            continue;
        letter how;
        memset(&how, 0, sizeof how);
        how.kind = DONE;
        how.error.status = r->work->run(r->work->ctx, l.task, &hooks, &how.error);
        r->peers->post(r->peers->ctx, 0, &how, sizeof how);
    }
}

gr_status gr_ranks_run(const gr_crew_work *work, gr_peers *peers, gr_error *err)
{
    ranks r = {.work = work, .peers = peers};
    if (peers->rank == 0)
        return lead(&r, err);
    follow(&r);
    return GR_OK;
}
