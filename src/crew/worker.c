#include "crew/worker.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BEAT = 512 };

/* RUN/crew/workers/TOKEN + `name` in path[size]; false: it is too long. */
static bool path_of(const gr_worker *w, const char *token, const char *name, char *path, size_t size)
{
    int length = snprintf(path, size, "%s/crew/workers/%s%s", w->top, token, name);
    return length > 0 && (size_t)length < size;
}

/* ---- the beat ------------------------------------------------------------------------------------------------------------- */

/* Of a fixed size and written in one piece, so that who reads it meanwhile reads one or the other. The file is opened each time: a
 * network's file system sends what was written when it is closed, and a folder that was taken away is noticed. */
static bool beat(gr_worker *w, int flags)
{
    char path[4200], text[BEAT];
    memset(text, ' ', sizeof text);
    int length = snprintf(text, sizeof text, "worker 1\nhost %s\nmachine %llu\npid %ld\nstart %llu\nevery %.3f\nbeat %llu\n",
                          w->who.host, (unsigned long long)w->who.machine, w->who.pid, (unsigned long long)w->who.start,
                          w->every, (unsigned long long)w->beats++);
    text[length] = ' ';
    text[sizeof text - 1] = '\n';
    int fd = path_of(w, w->token, "/beat", path, sizeof path) ? open(path, O_WRONLY | O_CLOEXEC | flags, 0666) : -1;
    if (fd < 0)
        return false;
    bool good = pwrite(fd, text, sizeof text, 0) == (ssize_t)sizeof text;
    return close(fd) == 0 && good;
}

static void *beat_on(void *ctx)
{
    gr_worker *w = ctx;
    pthread_mutex_lock(&w->lock);
    while (!w->ending) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        double at = (double)until.tv_sec + 1e-9 * (double)until.tv_nsec + w->every;
        until.tv_sec = (time_t)at;
        until.tv_nsec = (long)(1e9 * (at - (double)until.tv_sec));
        int how = 0;
        while (!w->ending && how != ETIMEDOUT)
            how = pthread_cond_timedwait(&w->wake, &w->lock, &until);
        if (!w->ending)
            (void)beat(w, 0); /* a beat that does not get through, others see */
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static gr_status start_thread(gr_worker *w, gr_error *err)
{
    sigset_t all, before;
    pthread_condattr_t clock;
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&w->wake, &clock);
    pthread_condattr_destroy(&clock);
    w->ending = false;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before); /* signals are the main thread's */
    int why = pthread_create(&w->thread, NULL, beat_on, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    w->beating = why == 0;
    return why == 0 ? GR_OK : gr_fail(err, GR_IO, "no thread could be started for the worker's beat: %s", strerror(why));
}

static void stop_thread(gr_worker *w)
{
    if (!w->beating)
        return;
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    w->beating = false;
}

/* ---- coming and going ------------------------------------------------------------------------------------------------------ */

bool gr_worker_there(const gr_worker *w)
{
    char path[4200];
    int fd = path_of(w, w->token, "/beat", path, sizeof path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* Who ends the run takes all of RUN/crew away, at any moment in between. */
static gr_status make_place(gr_worker *w, const char *path, gr_error *err)
{
    gr_error why = {0};
    for (int tries = 0; tries < 50; tries++) {
        why = (gr_error){0};
        if (gr_make_folders(path, &why) != GR_OK)
            continue;
        if (beat(w, O_CREAT))
            return GR_OK;
        (void)gr_fail(&why, GR_IO, "%s: the worker's beat cannot be written: %s", path, strerror(errno));
        if (errno != ENOENT)
            break;
    }
    return gr_fail(err, why.status, "%s", why.text);
}

gr_status gr_worker_register(gr_worker *w, gr_error *err)
{
    char path[4200];
    if (w->token[0] != '\0' && w->who.pid == (long)getpid() && gr_worker_there(w))
        return GR_OK;
    if (w->token[0] != '\0' && w->who.pid == (long)getpid())
        stop_thread(w);
    else
        w->beating = false; /* the thread is the parent's */
    gr_identity_of_this(&w->who);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t hash = gr_hash_text(gr_hash(gr_hash(w->who.machine, &now, sizeof now), &w, sizeof w), w->who.host);
    snprintf(w->token, sizeof w->token, "%ld-%d-%016llx", w->who.pid, ++w->generation, (unsigned long long)hash);
    w->watched_count = 0;
    if (!path_of(w, w->token, "", path, sizeof path))
        return gr_fail(err, GR_INVALID, "%s: the path is too long for workers to share it", w->top);
    gr_status status = make_place(w, path, err);
    if (status == GR_OK && w->every > 0)
        status = start_thread(w, err);
    return status;
}

void gr_worker_fence(const gr_worker *w, const char *token)
{
    char path[4200], away[4300];
    if (!path_of(w, token, "", path, sizeof path))
        return;
    snprintf(away, sizeof away, "%s.gone-%s", path, w->token);
    if (rename(path, away) != 0)
        return;
    strncat(away, "/beat", sizeof away - strlen(away) - 1);
    unlink(away);
    away[strlen(away) - strlen("/beat")] = '\0';
    rmdir(away);
}

void gr_worker_leave(gr_worker *w)
{
    static const char *const names[] = {"/workers", "/claims", "/log", ""};
    if (w->token[0] == '\0' || w->who.pid != (long)getpid()) {
        w->token[0] = '\0';
        return;
    }
    stop_thread(w);
    gr_worker_fence(w, w->token);
    w->token[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) { /* the last to leave, when all else has gone */
        char path[4200];
        snprintf(path, sizeof path, "%s/crew%s", w->top, names[i]);
        rmdir(path);
    }
}

/* ---- watching others ------------------------------------------------------------------------------------------------------- */

/* The place of `token` among the watched: a new one, or the one whose change lies longest back, makes room. */
static gr_watched *watched_of(gr_worker *w, const char *token)
{
    gr_watched *oldest = &w->watched[0];
    for (int i = 0; i < w->watched_count; i++) {
        if (strcmp(w->watched[i].token, token) == 0)
            return &w->watched[i];
        if (w->watched[i].changed < oldest->changed)
            oldest = &w->watched[i];
    }
    if (w->watched_count < GR_WATCHED)
        oldest = &w->watched[w->watched_count++];
    *oldest = (gr_watched){.changed = gr_seconds()};
    snprintf(oldest->token, sizeof oldest->token, "%s", token);
    return oldest;
}

bool gr_worker_dead(gr_worker *w, const char *token, gr_identity *whose)
{
    char path[4200], text[BEAT + 1];
    gr_identity other = {0};
    double every = 0, before = gr_seconds();
    if (whose != NULL)
        *whose = (gr_identity){.host = "unknown"};
    int fd = path_of(w, token, "/beat", path, sizeof path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return errno == ENOENT;
    ssize_t size = read(fd, text, BEAT);
    close(fd);
    if (size < 0)
        return false;
    text[size] = '\0';
    unsigned long long machine = 0, start = 0;
    if (sscanf(text, "worker 1 host %64s machine %llu pid %ld start %llu every %lf", other.host, &machine, &other.pid, &start,
               &every) == 5) {
        other.machine = machine;
        other.start = start;
        if (whose != NULL)
            *whose = other;
        if (gr_identity_dead(&other, &w->who))
            return true;
    }
    gr_watched *seen = watched_of(w, token);
    uint64_t now = gr_hash(1, text, (size_t)size);
    if (seen->beat != now) {
        seen->beat = now;
        seen->changed = gr_seconds();
    }
    /* from behind the look that saw it change to before this one: who sleeps while it looks must take nobody for dead; nor one that
     * beats slower than this one asks for, between two beats */
    return before - seen->changed > (w->stale > 4.0 * every ? w->stale : 4.0 * every);
}

bool gr_worker_others(gr_worker *w)
{
    char path[4200];
    bool found = false;
    DIR *folder = path_of(w, "", "", path, sizeof path) ? opendir(path) : NULL;
    if (w->who.pid != (long)getpid())
        gr_identity_of_this(&w->who);
    for (const struct dirent *e; folder != NULL && !found && (e = readdir(folder)) != NULL;)
        found = e->d_name[0] != '.' && strstr(e->d_name, ".gone-") == NULL && strcmp(e->d_name, w->token) != 0 &&
                strlen(e->d_name) < GR_TOKEN_ROOM && !gr_worker_dead(w, e->d_name, NULL);
    if (folder != NULL)
        closedir(folder);
    return found;
}
