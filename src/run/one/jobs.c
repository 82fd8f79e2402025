/* A child does one task and leaves its result on disk, exactly as this process would; events and the final
 * error come back through one pipe in pieces that the system never splits. The wish to stop goes to the children through a
 * shared page. */
#include "run/one/jobs.h"

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
    int task;
    gr_event event;
    char text[256], fold_name[256], setting[256];
    gr_error error;
} message;
_Static_assert(sizeof(message) <= PIPE_BUF, "a message must go through the pipe in one piece");

typedef struct crew {
    const gr_crew_work *work;
    int jobs, threads, running, next;
    int pipe[2];
    pid_t *pids;                 /* [tasks]; 0: not running */
    volatile sig_atomic_t *stop; /* in a page that the children share */
    gr_error worst;              /* the first failure; a real one replaces an interruption */
} crew;

/* ---- in a child ------------------------------------------------------------------------------------------------------- */

typedef struct sender {
    int pipe;
} sender;

static void send_message(int pipe, const message *m)
{
    while (write(pipe, m, sizeof *m) < 0 && errno == EINTR) {
    }
}

/* Takes the text along: a pointer means nothing in another process. */
static void copy(char *to, size_t size, const char **text)
{
    if (*text != NULL)
        snprintf(to, size, "%s", *text);
    *text = NULL;
}

static void send_event(void *ctx, const gr_event *event)
{
    const sender *to = ctx;
    message m;
    memset(&m, 0, sizeof m);
    m.event = *event;
    copy(m.text, sizeof m.text, &m.event.text);
    copy(m.fold_name, sizeof m.fold_name, &m.event.fold_name);
    copy(m.setting, sizeof m.setting, &m.event.setting);
    send_message(to->pipe, &m);
}

static _Noreturn void child(const crew *c, int task, pid_t parent)
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
    gr_hooks hooks = *c->work->hooks;
    hooks.stop = c->stop;
    hooks.event = send_event;
    hooks.ctx = &to;
    message m;
    memset(&m, 0, sizeof m);
    m.last = true;
    m.task = task;
    m.error.status = c->work->run(c->work->ctx, task, &hooks, &m.error);
    send_message(to.pipe, &m);
    _exit(0);
}

/* ---- in the parent ---------------------------------------------------------------------------------------------------- */

static void note_failure(crew *c, const gr_error *error)
{
    if (error->status != GR_OK && (c->worst.status == GR_OK || c->worst.status == GR_INTERRUPTED))
        c->worst = *error;
    if (c->worst.status != GR_OK)
        *c->stop = 1;
}

/* "fold rat1" in text[size]. */
static const char *name_of(const crew *c, int task, char *text, size_t size)
{
    char name[128];
    const char *kind = c->work->name(c->work->ctx, task, name, sizeof name);
    snprintf(text, size, "%s %s", kind, name);
    return text;
}

/* Starts tasks until all jobs are busy or none is left. */
static void start_tasks(crew *c, int lock)
{
    char name[192];
    while (c->worst.status == GR_OK && c->running < c->jobs && c->next < c->work->count) {
        int task = c->next++;
        pid_t parent = getpid(), pid = fork();
        if (pid == 0) {
            if (lock >= 0)
                close(lock);
            child(c, task, parent);
        }
        if (pid < 0) {
            gr_error error = {0};
            (void)gr_fail(&error, GR_IO, "no process could be started for %s: %s", name_of(c, task, name, sizeof name),
                          strerror(errno));
            note_failure(c, &error);
            return;
        }
        c->pids[task] = pid;
        c->running++;
    }
}

/* Collects a child, waiting for its end where `how` is 0. One that was killed has sent no error. */
static void collect(crew *c, int task, int how)
{
    char name[192];
    int end = 0;
    if (c->pids[task] == 0 || waitpid(c->pids[task], &end, how) != c->pids[task])
        return;
    c->pids[task] = 0;
    c->running--;
    if (WIFEXITED(end) && WEXITSTATUS(end) == 0)
        return;
    gr_error error = {0};
    (void)gr_fail(&error, GR_FAILED, "the process of %s was killed by signal %d; --resume goes on with the run",
                  name_of(c, task, name, sizeof name), WIFSIGNALED(end) ? WTERMSIG(end) : 0);
    note_failure(c, &error);
}

static void reap(crew *c)
{
    for (int t = 0; t < c->work->count; t++)
        collect(c, t, WNOHANG);
}

static void receive(crew *c)
{
    message m;
    if (read(c->pipe[0], &m, sizeof m) != (ssize_t)sizeof m)
        return;
    if (m.last) {
        note_failure(c, &m.error);
        collect(c, m.task, 0); /* it has nothing left to do: the next one need not wait for a look round */
        return;
    }
    m.event.text = m.text[0] != '\0' ? m.text : NULL;
    m.event.fold_name = m.fold_name[0] != '\0' ? m.fold_name : NULL;
    m.event.setting = m.setting[0] != '\0' ? m.setting : NULL;
    if (c->work->hooks->event != NULL)
        c->work->hooks->event(c->work->hooks->ctx, &m.event);
}

static void watch(crew *c, int lock)
{
    const volatile sig_atomic_t *stop = c->work->hooks->stop;
    struct pollfd in = {.fd = c->pipe[0], .events = POLLIN};
    start_tasks(c, lock);
    while (c->running > 0) {
        poll(&in, 1, 100);
        reap(c);
        while (poll(&in, 1, 0) > 0 && (in.revents & POLLIN) != 0) /* what the reaped said last is in the pipe by now */
            receive(c);
        if (stop != NULL && *stop)
            *c->stop = 1;
        if (!*c->stop)
            start_tasks(c, lock);
    }
}

gr_status gr_jobs_run(const gr_crew_work *work, int jobs, int threads, int lock, gr_error *err)
{
    char name[192];
    crew c = {.work = work, .jobs = jobs, .threads = threads / jobs > 1 ? threads / jobs : 1};
    c.pids = gr_alloc((size_t)work->count, sizeof *c.pids);
    if (c.pids == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %d processes", jobs);
    void *page = mmap(NULL, sizeof *c.stop, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED || pipe(c.pipe) != 0) {
        gr_free(c.pids);
        return gr_fail(err, GR_IO, "no pipe to %d processes: %s", jobs, strerror(errno));
    }
    c.stop = page;
    watch(&c, lock);
    if (c.worst.status == GR_OK && c.next < work->count)
        (void)gr_fail(&c.worst, GR_INTERRUPTED, "stopped before %s", name_of(&c, c.next, name, sizeof name));
    close(c.pipe[0]);
    close(c.pipe[1]);
    munmap(page, sizeof *c.stop);
    gr_free(c.pids);
    return c.worst.status != GR_OK ? gr_fail(err, c.worst.status, "%s", c.worst.text) : GR_OK;
}
