#include "crew/board.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { FAN = GR_BOARD_FAN, PATHS = GR_BOARD_PATHS, MOST_TURNS = 9999, LOOKED_AT = 8 };

/* ---- claims ----------------------------------------------------------------------------------------------------------------- */

/* The mark that part `index`, or the end, is done. */
static void name_done(const gr_board *b, int index, char *path)
{
    char folder[PATHS];
    if (index == GR_SHARE_END) {
        gr_board_put(path, PATHS, "%s/end.done", b->root);
        return;
    }
    gr_board_folder_of(b, index, 0, folder);
    gr_board_put(path, PATHS, "%s/%02d.done", folder, index % FAN);
}

/* The road of the claim: "LEAF/17.2". */
static void name_claim(const gr_board *b, int index, int turn, char *path)
{
    char folder[PATHS];
    if (index == GR_SHARE_END) {
        gr_board_put(path, PATHS, "%s/end.%d", b->root, turn);
        return;
    }
    gr_board_folder_of(b, index, 0, folder);
    gr_board_put(path, PATHS, "%s/%02d.%d", folder, index % FAN, turn);
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
    gr_board_put(to, sizeof to, "%screw/workers/%s/../../../%s%s", up, b->worker->token, b->to_run, part);
    int how = gr_board_link(b, to, path);
    *ours = how == 0;
    *met = how == EEXIST;
    if (how == EPERM || how == EOPNOTSUPP || how == ENOSYS)
        return gr_fail(err, GR_INVALID, "%s: the file system there makes no symbolic links, by which workers share a run (%s)",
                       path, strerror(how));
    if (how != 0 && how != EEXIST && how != ENOENT)
        return gr_fail(err, GR_IO, "%s: cannot be written: %s", path, strerror(how));
    if (how == 0) {
        *out = (gr_share_taken){.state = GR_SHARE_TAKEN, .index = index, .turn = turn};
        gr_board_put(out->road, sizeof out->road, "%s", path);
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
    gr_board_put(token, GR_TOKEN_ROOM, "%.*s", (int)strcspn(at, "/"), at);
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

/* A leaf with parts that are free: as long as there are any, one to which nobody has come, so that workers do not meet. false:
 * there is none. */
static bool find_leaf(gr_board *b)
{
    gr_board_listing l;
    int found = b->all_begun ? -1 : gr_board_descend(b, GR_BOARD_NEW);
    if (found >= 0) {
        b->leaf = found / FAN;
        b->leaf_taken = 0;
        b->leaf_fresh = true;
        b->next = 0;
        return true;
    }
    b->all_begun = true;
    b->next = -1;
    found = gr_board_descend(b, GR_BOARD_FREE);
    if (found >= 0)
        gr_board_look_at_leaf(b, found, &l);
    return found >= 0;
}

/* Where to begin in a leaf that others are in: who takes parts goes up from where it began, so that a gap is best halved; below the
 * first gap's end nobody comes up. Chance keeps those apart who saw the same. */
static int begin_in_gap(gr_board *b, uint64_t free)
{
    int best = 0, from = 0, length = 0;
    for (int i = 0, begin = 0; i <= FAN; i++) {
        if (i < FAN && (free >> i & 1) != 0)
            continue;
        int size = i - begin, worth = begin == 0 ? 2 * size : size;
        if (worth > best) {
            best = worth;
            from = begin;
            length = size;
        }
        begin = i + 1;
    }
    return from == 0 ? 0 : from + length / 4 + gr_board_pick(b, ~(uint64_t)0) * (length / 2 + 1) / FAN;
}

/* Does this worker take the part behind its last one? */
static bool goes_on(const gr_board *b, uint64_t free, bool met)
{
    return !b->ordered && !met && b->next >= 0 && (free >> b->next & 1) != 0;
}

/* Which of the leaf's free parts is tried. */
static int choose(gr_board *b, uint64_t free, uint64_t all, bool met)
{
    if (goes_on(b, free, met))
        return b->next;
    return b->ordered || met || free == all ? gr_board_pick(b, free) : begin_in_gap(b, free);
}

/* Nobody's part, if there is one in the leaf in hand or another. */
static gr_status take_free(gr_board *b, bool *ours, gr_share_taken *out, gr_error *err)
{
    gr_status status = GR_OK;
    bool met = false;
    *ours = false;
    while (status == GR_OK && !*ours) {
        gr_board_listing l;
        int first = b->leaf * FAN;
        uint64_t all = b->leaf < 0 ? 0 : gr_board_all_of(gr_board_children_of(b, first, 0)), free = all & ~b->leaf_taken;
        /* what was seen some parts ago does not say where to begin */
        if (b->leaf >= 0 && !b->leaf_fresh && (free == 0 || met || !(b->ordered || goes_on(b, free, met)))) {
            gr_board_look_at_leaf(b, first, &l); /* says so to others when it is full */
            free = all & ~b->leaf_taken;
        }
        if (free == 0) {
            if (!find_leaf(b))
                return GR_OK;
            met = false;
            continue;
        }
        int at = choose(b, free, all, met);
        b->next = at + 1 < FAN ? at + 1 : -1;
        b->leaf_fresh = false;
        b->leaf_taken |= (uint64_t)1 << at;
        status = put_claim(b, first + at, 0, ours, &met, out, err);
        if (status != GR_OK || (!*ours && (b->gone || (!met && !gr_worker_there(b->worker)))))
            return status;
        if (*ours && (free & ~((uint64_t)1 << at)) == 0) /* it is full, which others need to know now */
            gr_board_look_at_leaf(b, first, &l);
    }
    return status;
}

/* A dead worker's part, looked for in a leaf that is not done: some claims of it at a time, in turn. */
static gr_status take_dead(gr_board *b, bool *ours, gr_share_taken *out, gr_error *err)
{
    gr_board_listing l;
    gr_status status = GR_OK;
    *ours = false;
    int found = gr_board_descend(b, GR_BOARD_NOT_DONE);
    if (found < 0)
        return GR_OK;
    gr_board_look_at_leaf(b, found, &l);
    int first = b->leaf * FAN;
    uint64_t held = gr_board_all_of(gr_board_children_of(b, first, 0)) & l.taken & ~l.done;
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
    else if (b->parts->count == 0 || gr_board_is_marked(b, "done"))
        out->state = GR_SHARE_OVER;
    return status;
}

gr_status gr_board_done(gr_board *b, const gr_share_taken *taken, gr_error *err)
{
    char path[PATHS];
    gr_board_listing l;
    name_done(b, taken->index, path);
    int how = gr_board_link(b, "done", path);
    if (how != 0 && how != EEXIST && how != ENOENT) /* ENOENT: another has ended the run */
        return gr_fail(err, GR_IO, "%s: cannot be written: %s", path, strerror(how));
    if (taken->index == GR_SHARE_END)
        return GR_OK;
    uint64_t all = gr_board_all_of(gr_board_children_of(b, taken->index, 0));
    if (taken->index / FAN != b->leaf || (b->leaf_taken & all) == all)
        gr_board_look_at_leaf(b, taken->index, &l); /* whoever is done last sees that all are */
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
    out->all_begun = out->depth == 1; /* a leaf has no folder above that says so */
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
    return gr_board_is_marked(b, "done") || !gr_path_exists(b->root);
}
