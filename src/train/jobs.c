/* A child trains one fold and leaves its result in the fold's checkpoint, exactly as this process would; events and the final
 * error come back through one pipe in pieces that the system never splits. The wish to stop goes to the children through a
 * shared page. */
#include "jobs.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

typedef struct message {
    bool last; /* `error` is the child's end */
    gr_event event;
    char text[128];
    gr_error error;
} message;
_Static_assert(sizeof(message) <= PIPE_BUF, "a message must go through the pipe in one piece");

typedef struct crew {
    const gr_fold_job *job;
    int jobs, threads, running, next;
    int pipe[2];
    pid_t *pids;                   /* [folds]; 0: not running */
    volatile sig_atomic_t *stop;   /* in a page that the children share */
    gr_error worst;                /* the first failure; a real one replaces an interruption */
} crew;

/* ---- in a child ------------------------------------------------------------------------------------------------------------ */

typedef struct sender {
    int pipe;
} sender;

static void send_message(int pipe, const message *m)
{
    while (write(pipe, m, sizeof *m) < 0 && errno == EINTR) {
    }
}

static void send_event(void *ctx, const gr_event *event)
{
    const sender *to = ctx;
    message m;
    memset(&m, 0, sizeof m);
    m.event = *event;
    if (event->text != NULL)
        snprintf(m.text, sizeof m.text, "%s", event->text);
    m.event.text = NULL;
    m.event.fold_name = NULL;
    send_message(to->pipe, &m);
}

static _Noreturn void child(const crew *c, int fold, pid_t parent)
{
#if defined(__linux__)
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a killed run must not go on behind the user's back */
    if (getppid() != parent)
        _exit(1);
#else
    (void)parent;
#endif
    close(c->pipe[0]);
    gr_threads_set(c->threads);
    sender to = {.pipe = c->pipe[1]};
    gr_run_options options = *c->job->options;
    options.stop = c->stop;
    options.event = send_event;
    options.ctx = &to;
    gr_fold_job job = *c->job;
    job.options = &options;
    message m;
    memset(&m, 0, sizeof m);
    m.last = true;
    m.event.fold = fold;
    m.error.status = gr_fold_run(&job, fold, &m.error);
    send_message(to.pipe, &m);
    _exit(0);
}

/* ---- in the parent ----------------------------------------------------------------------------------------------------------- */

static void note_failure(crew *c, const gr_error *error)
{
    if (error->status != GR_OK && (c->worst.status == GR_OK || c->worst.status == GR_INTERRUPTED))
        c->worst = *error;
    if (c->worst.status != GR_OK)
        *c->stop = 1;
}

/* Starts folds until all jobs are busy or none is left. */
static void start_folds(crew *c, int lock)
{
    const gr_split *split = &c->job->experiment->split;
    while (c->worst.status == GR_OK && c->running < c->jobs && c->next < split->fold_count) {
        int fold = c->next++;
        pid_t parent = getpid(), pid = fork();
        if (pid == 0) {
            if (lock >= 0)
                close(lock);
            child(c, fold, parent);
        }
        if (pid < 0) {
            gr_error error = {0};
            (void)gr_fail(&error, GR_IO, "no process could be started for fold %s: %s", split->folds[fold].name,
                          strerror(errno));
            note_failure(c, &error);
            return;
        }
        c->pids[fold] = pid;
        c->running++;
    }
}

static void receive(crew *c)
{
    message m;
    if (read(c->pipe[0], &m, sizeof m) != (ssize_t)sizeof m)
        return;
    if (m.last) {
        note_failure(c, &m.error);
        return;
    }
    m.event.text = m.text[0] != '\0' ? m.text : NULL;
    m.event.fold_name = c->job->experiment->split.folds[m.event.fold].name;
    c->job->options->event(c->job->options->ctx, &m.event);
}

/* Collects children that have ended. One that was killed has sent no error. */
static void reap(crew *c)
{
    const gr_split *split = &c->job->experiment->split;
    for (int f = 0; f < split->fold_count; f++) {
        int how = 0;
        if (c->pids[f] == 0 || waitpid(c->pids[f], &how, WNOHANG) != c->pids[f])
            continue;
        c->pids[f] = 0;
        c->running--;
        if (WIFEXITED(how) && WEXITSTATUS(how) == 0)
            continue;
        gr_error error = {0};
        (void)gr_fail(&error, GR_FAILED, "the process of fold %s was killed by signal %d; --resume goes on with the run",
                      split->folds[f].name, WIFSIGNALED(how) ? WTERMSIG(how) : 0);
        note_failure(c, &error);
    }
}

static void watch(crew *c, int lock)
{
    const volatile sig_atomic_t *stop = c->job->options->stop;
    struct pollfd in = {.fd = c->pipe[0], .events = POLLIN};
    start_folds(c, lock);
    while (c->running > 0) {
        poll(&in, 1, 100);
        reap(c);
        while (poll(&in, 1, 0) > 0 && (in.revents & POLLIN) != 0) /* what the reaped said last is in the pipe by now */
            receive(c);
        if (stop != NULL && *stop)
            *c->stop = 1;
        if (!*c->stop)
            start_folds(c, lock);
    }
}

gr_status gr_jobs_run(const gr_fold_job *job, int jobs, int threads, int lock, gr_error *err)
{
    int folds = job->experiment->split.fold_count;
    crew c = {.job = job, .jobs = jobs, .threads = threads / jobs > 1 ? threads / jobs : 1};
    c.pids = gr_alloc((size_t)folds, sizeof *c.pids);
    if (c.pids == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %d processes", jobs);
    void *page = mmap(NULL, sizeof *c.stop, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED || pipe(c.pipe) != 0) {
        gr_free(c.pids);
        return gr_fail(err, GR_IO, "no pipe to %d processes: %s", jobs, strerror(errno));
    }
    c.stop = page;
    watch(&c, lock);
    if (c.worst.status == GR_OK && c.next < folds)
        (void)gr_fail(&c.worst, GR_INTERRUPTED, "stopped before fold %s", job->experiment->split.folds[c.next].name);
    close(c.pipe[0]);
    close(c.pipe[1]);
    munmap(page, sizeof *c.stop);
    gr_free(c.pids);
    return c.worst.status != GR_OK ? gr_fail(err, c.worst.status, "%s", c.worst.text) : GR_OK;
}
