#include "crew/board.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FAN = 64, PATHS = 4200, MOST_TURNS = 9999, LOOKED_AT = 8 };

/* What a folder of the tree says of its parts, or of the folders below it. */
typedef struct listing {
    uint64_t taken, done; /* a bit each; of a node's children `taken` is full */
    int turn[FAN];        /* the latest; -1: none */
    bool there;
} listing;

/* As snprintf: that all fits is seen to when a board is opened. */
static void GR_PRINTF(3, 4) put(char *to, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(to, size, format, arguments);
    va_end(arguments);
}

/* ---- paths ---------------------------------------------------------------------------------------------------------------- */

/* How many parts lie below a folder `level` steps above the leaves. */
static int span_of(int level)
{
    int span = FAN;
    for (; level > 0; level--)
        span *= FAN;
    return span;
}

/* The folder `level` steps above the leaves in which part `index` lies. */
static void folder_of(const gr_board *b, int index, int level, char *path)
{
    int length = snprintf(path, PATHS, "%s", b->root);
    for (int l = b->depth - 2; l >= level; l--)
        length += snprintf(path + length, (size_t)(PATHS - length), "/%02d", index / span_of(l) % FAN);
}

/* How many children a folder at `level` with part `index` in it has. */
static int children_of(const gr_board *b, int index, int level)
{
    int span = span_of(level), begin = index / span * span, step = span / FAN;
    int parts = b->parts->count - begin < span ? b->parts->count - begin : span;
    return (parts + step - 1) / step;
}

static uint64_t all_of(int children)
{
    return children >= FAN ? ~(uint64_t)0 : ((uint64_t)1 << children) - 1;
}

/* Any of `free`'s bits, or the first. */
static int pick(gr_board *b, uint64_t free)
{
    b->draw = b->draw * 6364136223846793005ULL + 1442695040888963407ULL;
    int at = b->ordered ? 0 : (int)(b->draw >> 58);
    while ((free >> at & 1) == 0)
        at = (at + 1) % FAN;
    return at;
}

/* ---- reading and marking ---------------------------------------------------------------------------------------------------- */

static void list(gr_board *b, const char *path, listing *out)
{
    *out = (listing){0};
    for (int i = 0; i < FAN; i++)
        out->turn[i] = -1;
    DIR *folder = opendir(path);
    b->operations += 4; /* open, two reads, close */
    if (folder == NULL)
        return;
    out->there = true;
    for (const struct dirent *e; (e = readdir(folder)) != NULL;) {
        char *end;
        long child = strtol(e->d_name, &end, 10);
        if (end != e->d_name + 2 || child < 0 || child >= FAN || *end != '.')
            continue;
        if (strcmp(end, ".done") == 0)
            out->done |= (uint64_t)1 << child;
        else if (strcmp(end, ".full") == 0)
            out->taken |= (uint64_t)1 << child;
        else {
            int turn = atoi(end + 1);
            out->taken |= (uint64_t)1 << child;
            out->turn[child] = turn > out->turn[child] ? turn : out->turn[child];
        }
    }
    closedir(folder);
    out->taken |= out->done;
}

/* Makes the link `path`, and its folder where it is not there yet but the run's is. Gives 0, EEXIST or another errno. */
static int make_link(gr_board *b, const char *to, const char *path)
{
    gr_error unused = {0};
    b->operations++;
    if (symlink(to, path) == 0) {
        b->begun = true;
        return 0;
    }
    b->begun = b->begun || errno == EEXIST;
    if (errno != ENOENT)
        return errno;
    b->operations += 2 + b->depth;
    if (b->begun && !gr_path_exists(b->root)) {
        b->gone = true;
        return ENOENT;
    }
    char *folder = gr_path_folder(path);
    bool made = folder != NULL && gr_worker_there(b->worker) && gr_make_folders(folder, &unused) == GR_OK;
    gr_free(folder);
    b->begun = b->begun || made;
    if (!made)
        return ENOENT;
    return symlink(to, path) == 0 ? 0 : errno;
}

/* Of the folder `below` steps above the leaves, in which part `index` lies, all is `what` ("full", "done"): says so in the folder
 * above, and so on where all children of that are, too. Who finds it said leaves the rest to whoever said it; should that one have
 * died meanwhile, the next to come down there sees it (descend). */
static void mark_up(gr_board *b, int index, int below, const char *what)
{
    char path[PATHS], mark[PATHS + 32];
    bool done = strcmp(what, "done") == 0;
    for (int level = below + 1; level < b->depth; level++) {
        listing l;
        folder_of(b, index, level, path);
        put(mark, sizeof mark, "%s/%02d.%s", path, index / span_of(level - 1) % FAN, what);
        if (make_link(b, what, mark) == EEXIST)
            return;
        list(b, path, &l);
        uint64_t all = all_of(children_of(b, index, level));
        if (((done ? l.done : l.taken) & all) != all)
            return;
    }
    put(mark, sizeof mark, "%s/%s", b->root, what);
    (void)make_link(b, what, mark);
}

/* Lists the leaf of part `index`, remembers what is taken, and marks what is full or done. */
static void look_at_leaf(gr_board *b, int index, listing *l)
{
    char path[PATHS];
    folder_of(b, index, 0, path);
    list(b, path, l);
    uint64_t all = all_of(children_of(b, index, 0));
    b->leaf = index / FAN;
    b->leaf_taken = l->taken;
    b->leaf_fresh = true;
    if ((l->taken & all) == all && b->leaf != b->leaf_full) {
        b->leaf_full = b->leaf;
        mark_up(b, index, 0, "full");
    }
    if ((l->done & all) == all)
        mark_up(b, index, 0, "done");
}

static bool is_marked(gr_board *b, const char *what)
{
    char path[PATHS + 32];
    put(path, sizeof path, "%s/%s", b->root, what);
    b->operations++;
    return gr_path_exists(path);
}

/* The first of `bits` from where this worker begins on, the same one each time. */
static int begin_at(const gr_board *b, uint64_t bits, int level)
{
    int at = (int)(b->watch >> (8 + 6 * level) & (FAN - 1));
    while ((bits >> at & 1) == 0)
        at = (at + 1) % FAN;
    return at;
}

/* Goes down from the folder `level` steps above the leaves that begins with part `index`, through children that are not full, any
 * of them (`done`: that are not done, to the same ones each time, since who is dead shows at the second look); gives a part of the
 * leaf that it comes to, -1: there is none. A folder that proves to be full is marked. */
static int go_down(gr_board *b, int index, int level, bool done)
{
    for (; level > 0; level--) {
        char path[PATHS];
        listing l;
        folder_of(b, index, level, path);
        list(b, path, &l);
        uint64_t free = all_of(children_of(b, index, level)) & ~(done ? l.done : l.taken);
        if (free == 0) {
            mark_up(b, index, level, done ? "done" : "full"); /* who marked the last child died before it looked further up */
            return -1;
        }
        index += (done ? begin_at(b, free, level) : pick(b, free)) * span_of(level - 1);
    }
    return index;
}

/* Finds a leaf: at first beside the last one, then from the root down. */
static int descend(gr_board *b, bool done)
{
    int found = -1;
    if (!done && b->leaf >= 0 && b->depth > 1)
        found = go_down(b, b->leaf * FAN / span_of(1) * span_of(1), 1, false);
    for (int tries = 0; found < 0 && tries < 4 && !is_marked(b, done ? "done" : "full"); tries++)
        found = go_down(b, 0, b->depth - 1, done);
    return found;
}

/* ---- claims ----------------------------------------------------------------------------------------------------------------- */

/* The mark that part `index`, or the end, is done. */
static void name_done(const gr_board *b, int index, char *path)
{
    char folder[PATHS];
    if (index == GR_SHARE_END) {
        put(path, PATHS, "%s/end.done", b->root);
        return;
    }
    folder_of(b, index, 0, folder);
    put(path, PATHS, "%s/%02d.done", folder, index % FAN);
}

/* The road of the claim: "LEAF/17.2". */
static void name_claim(const gr_board *b, int index, int turn, char *path)
{
    char folder[PATHS];
    if (index == GR_SHARE_END) {
        put(path, PATHS, "%s/end.%d", b->root, turn);
        return;
    }
    folder_of(b, index, 0, folder);
    put(path, PATHS, "%s/%02d.%d", folder, index % FAN, turn);
}

/* Through the worker's folder and back again to the part's: it leads nowhere when the worker's is not there. *met: another has
 * it. */
static gr_status put_claim(gr_board *b, int index, int turn, bool *ours, bool *met, gr_share_taken *out, gr_error *err)
{
    char path[PATHS], to[PATHS + 512], part[300] = ".";
    const char *up = b->to_top;
    if (index == GR_SHARE_END)
        up += 3 * (b->depth - 1); /* the root lies higher than the leaves */
    else
        b->parts->folder_of(b->parts->ctx, index, part, sizeof part);
    name_claim(b, index, turn, path);
    put(to, sizeof to, "%screw/workers/%s/../../../%s%s", up, b->worker->token, b->to_run, part);
    int how = make_link(b, to, path);
    *ours = how == 0;
    *met = how == EEXIST;
    if (how == EPERM || how == EOPNOTSUPP || how == ENOSYS)
        return gr_fail(err, GR_INVALID, "%s: the file system there makes no symbolic links, by which workers share a run (%s)",
                       path, strerror(how));
    if (how != 0 && how != EEXIST && how != ENOENT)
        return gr_fail(err, GR_IO, "%s: cannot be written: %s", path, strerror(how));
    if (how == 0) {
        *out = (gr_share_taken){.state = GR_SHARE_TAKEN, .index = index, .turn = turn};
        put(out->road, sizeof out->road, "%s", path);
    }
    return GR_OK;
}

/* Whose claim is it? false: the link is not there. */
static bool owner_of(gr_board *b, int index, int turn, char token[GR_TOKEN_ROOM])
{
    static const char mark[] = "crew/workers/";
    char path[PATHS], to[PATHS + 512];
    name_claim(b, index, turn, path);
    b->operations++;
    ssize_t size = readlink(path, to, sizeof to - 1);
    if (size < 0)
        return false;
    to[size] = '\0';
    const char *at = strstr(to, mark);
    at = at != NULL ? at + strlen(mark) : "";
    put(token, GR_TOKEN_ROOM, "%.*s", (int)strcspn(at, "/"), at);
    return true;
}

/* Takes part `index` from who held it at `turn`, if that one is dead: first the next turn is claimed, which one worker alone
 * can do; then all who held it before are shut out. */
static gr_status take_over(gr_board *b, int index, int turn, bool *ours, gr_share_taken *out, gr_error *err)
{
    char token[GR_TOKEN_ROOM], path[PATHS];
    *ours = false;
    if (turn >= MOST_TURNS || !owner_of(b, index, turn, token) || strcmp(token, b->worker->token) == 0)
        return GR_OK;
    b->operations += 3;
    if (!gr_worker_dead(b->worker, token, &b->lost))
        return GR_OK;
    name_done(b, index, path); /* only now: it may have done its part and left since one looked */
    b->operations++;
    if (gr_path_exists(path))
        return GR_OK;
    bool met;
    gr_status status = put_claim(b, index, turn + 1, ours, &met, out, err);
    for (int t = turn; status == GR_OK && *ours && t >= 0; t--)
        if (owner_of(b, index, t, token) && strcmp(token, b->worker->token) != 0)
            gr_worker_fence(b->worker, token);
    return status;
}

/* One part by its number, or the end. */
static gr_status take_one(gr_board *b, int index, gr_share_taken *out, gr_error *err)
{
    char path[PATHS], token[GR_TOKEN_ROOM];
    bool ours = false, met = false;
    int turn = 0;
    gr_status status = put_claim(b, index, 0, &ours, &met, out, err);
    out->state = b->gone ? GR_SHARE_GONE : out->state;
    if (status != GR_OK || ours || b->gone)
        return status;
    while (turn < MOST_TURNS && owner_of(b, index, turn + 1, token))
        turn++;
    name_done(b, index, path);
    out->state = gr_path_exists(path) ? GR_SHARE_OVER : GR_SHARE_BUSY;
    return out->state == GR_SHARE_OVER ? GR_OK : take_over(b, index, turn, &ours, out, err);
}

/* Nobody's part, if there is one in the leaf in hand or another. */
static gr_status take_free(gr_board *b, bool *ours, gr_share_taken *out, gr_error *err)
{
    gr_status status = GR_OK;
    int misses = 0;
    *ours = false;
    while (status == GR_OK && !*ours) {
        listing l;
        int first = b->leaf * FAN;
        uint64_t free = b->leaf < 0 ? 0 : all_of(children_of(b, first, 0)) & ~b->leaf_taken;
        if (free == 0 && b->leaf >= 0 && !b->leaf_fresh) {
            look_at_leaf(b, first, &l); /* says so to others when it is full */
            free = all_of(children_of(b, first, 0)) & ~b->leaf_taken;
        }
        if (free == 0) {
            int found = descend(b, false);
            if (found < 0)
                return GR_OK;
            look_at_leaf(b, found, &l);
            b->next = pick(b, ~(uint64_t)0);
            continue;
        }
        /* one after another from anywhere on: who begins elsewhere is met once, not at every second part */
        int at = (free >> b->next & 1) != 0 && !b->ordered ? b->next : pick(b, free);
        b->next = (at + 1) % FAN;
        b->leaf_fresh = false;
        b->leaf_taken |= (uint64_t)1 << at;
        bool met = false;
        status = put_claim(b, first + at, 0, ours, &met, out, err);
        if (status != GR_OK || (!*ours && (b->gone || (!met && !gr_worker_there(b->worker)))))
            return status;
        misses += met;
        if (met)
            b->next = pick(b, ~(uint64_t)0);
        if (misses == 2 || (free & ~((uint64_t)1 << at)) == 0) { /* others are here; or it is full, which they need to know now */
            look_at_leaf(b, first, &l);
            misses = 0;
        }
    }
    return status;
}

/* A dead worker's part, looked for in a leaf that is not done: some claims of it at a time, in turn. */
static gr_status take_dead(gr_board *b, bool *ours, gr_share_taken *out, gr_error *err)
{
    listing l;
    gr_status status = GR_OK;
    *ours = false;
    int found = descend(b, true);
    if (found < 0)
        return GR_OK;
    look_at_leaf(b, found, &l);
    int first = b->leaf * FAN;
    uint64_t held = all_of(children_of(b, first, 0)) & l.taken & ~l.done;
    int at = (int)(b->watch & (FAN - 1));
    b->held = 0;
    for (uint64_t h = held; h != 0; h &= h - 1)
        b->held++;
    for (int i = 0; status == GR_OK && !*ours && held != 0 && i < LOOKED_AT; i++) {
        do
            at = (at + 1) % FAN;
        while ((held >> at & 1) == 0);
        held &= ~((uint64_t)1 << at);
        b->watch = (b->watch & ~(uint64_t)(FAN - 1)) | (uint64_t)at;
        if (l.turn[at] >= 0)
            status = take_over(b, first + at, l.turn[at], ours, out, err);
    }
    return status;
}

gr_status gr_board_take(gr_board *b, int wanted, gr_share_taken *out, gr_error *err)
{
    bool ours = false;
    *out = (gr_share_taken){.state = GR_SHARE_BUSY, .index = -1};
    if (b->draw == 0) { /* not when it is opened: a worker has no token before it takes something */
        b->draw = gr_hash_text(gr_hash_text(0, b->worker->token), b->parts->folder) | 1;
        b->watch = gr_hash_text(gr_hash_text(1, b->worker->token), b->parts->folder);
    }
    if (b->begun && b->leaf < 0)
        b->gone = b->gone || !gr_path_exists(b->root);
    if (b->gone) {
        out->state = GR_SHARE_GONE;
        return GR_OK;
    }
    if (wanted != GR_SHARE_ANY)
        return take_one(b, wanted, out, err);
    gr_status status = b->parts->count > 0 ? take_free(b, &ours, out, err) : GR_OK;
    if (status == GR_OK && !ours && b->parts->count > 0)
        status = take_dead(b, &ours, out, err);
    if (status != GR_OK || ours)
        return status;
    b->leaf = -1; /* looked at anew the next time */
    if (b->gone || (b->begun && !gr_path_exists(b->root)))
        out->state = GR_SHARE_GONE;
    else if (b->parts->count == 0 || is_marked(b, "done"))
        out->state = GR_SHARE_OVER;
    return status;
}

gr_status gr_board_done(gr_board *b, const gr_share_taken *taken, gr_error *err)
{
    char path[PATHS];
    listing l;
    name_done(b, taken->index, path);
    int how = make_link(b, "done", path);
    if (how != 0 && how != EEXIST && how != ENOENT) /* ENOENT: another has ended the run */
        return gr_fail(err, GR_IO, "%s: cannot be written: %s", path, strerror(how));
    if (taken->index == GR_SHARE_END)
        return GR_OK;
    uint64_t all = all_of(children_of(b, taken->index, 0));
    if (taken->index / FAN != b->leaf || (b->leaf_taken & all) == all)
        look_at_leaf(b, taken->index, &l); /* whoever is done last sees that all are */
    return GR_OK;
}

/* ---- opening ------------------------------------------------------------------------------------------------------------ */

gr_status gr_board_open(gr_worker *worker, const gr_share_parts *parts, bool ordered, gr_board *out, gr_error *err)
{
    gr_text root = {0}, up = {0}, run = {0};
    size_t top = strlen(worker->top);
    *out = (gr_board){.worker = worker, .parts = parts, .ordered = ordered, .leaf = -1, .leaf_full = -1, .depth = 1};
    for (int64_t span = FAN; span < parts->count; span *= FAN)
        out->depth++;
    bool own = parts->place != NULL;
    gr_text_printf(&root, "%s/crew/%s%sclaims", parts->folder, own ? parts->place : "", own ? "/" : "");
    if (strncmp(parts->folder, worker->top, top) == 0 && parts->folder[top] == '/')
        gr_text_printf(&run, "%s/", parts->folder + top + 1);
    gr_text_printf(&up, own ? "../../../" : "../../");
    for (const char *c = run.data; c != NULL && *c != '\0'; c++)
        gr_text_printf(&up, "%s", *c == '/' ? "../" : "");
    for (int i = 1; i < out->depth; i++)
        gr_text_printf(&up, "../");
    out->root = root.data;
    out->to_top = up.data;
    out->to_run = run.data != NULL ? run.data : gr_strdup("");
    if (root.failed || up.failed || run.failed || out->to_run == NULL) {
        gr_board_close(out);
        return gr_fail(err, GR_NOMEM, "no memory for a path");
    }
    if (root.size + 64 > GR_SHARE_ROOM - 300) {
        gr_board_close(out);
        return gr_fail(err, GR_INVALID, "%s: the path is too long for workers to share it", parts->folder);
    }
    out->begun = gr_path_exists(out->root);
    return GR_OK;
}

void gr_board_close(gr_board *b)
{
    gr_free(b->root);
    gr_free(b->to_top);
    gr_free(b->to_run);
    b->root = b->to_top = b->to_run = NULL;
}

bool gr_board_all_done(gr_board *b)
{
    return is_marked(b, "done") || !gr_path_exists(b->root);
}
