/* The tree of a board's folders: what is in it is found from the root down, so that no look grows with the number of parts. */
#include "crew/board_tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FAN = GR_BOARD_FAN, PATHS = GR_BOARD_PATHS, MOST_COMERS = 9 };

void gr_board_put(char *to, size_t size, const char *format, ...)
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
void gr_board_folder_of(const gr_board *b, int index, int level, char *path)
{
    int length = snprintf(path, PATHS, "%s", b->root);
    for (int l = b->depth - 2; l >= level; l--)
        length += snprintf(path + length, (size_t)(PATHS - length), "/%02d", index / span_of(l) % FAN);
}

/* How many children a folder at `level` with part `index` in it has. */
int gr_board_children_of(const gr_board *b, int index, int level)
{
    int span = span_of(level), begin = index / span * span, step = span / FAN;
    int parts = b->parts->count - begin < span ? b->parts->count - begin : span;
    return (parts + step - 1) / step;
}

uint64_t gr_board_all_of(int children)
{
    return children >= FAN ? ~(uint64_t)0 : ((uint64_t)1 << children) - 1;
}

/* Any of `free`'s bits, or the first. */
int gr_board_pick(gr_board *b, uint64_t free)
{
    b->draw = b->draw * 6364136223846793005ULL + 1442695040888963407ULL;
    int at = b->ordered ? 0 : (int)(b->draw >> 58);
    while ((free >> at & 1) == 0)
        at = (at + 1) % FAN;
    return at;
}

/* ---- reading and marking ---------------------------------------------------------------------------------------------------- */

static void list(gr_board *b, const char *path, gr_board_listing *out)
{
    *out = (gr_board_listing){0};
    for (int i = 0; i < FAN; i++)
        out->turn[i] = -1;
    DIR *folder = opendir(path);
    b->operations += 4; /* open, two reads, close */
    if (folder == NULL)
        return;
    for (const struct dirent *e; (e = readdir(folder)) != NULL;) {
        char *end;
        long child = strtol(e->d_name, &end, 10);
        if (end != e->d_name + 2 || child < 0 || child >= FAN || *end != '.')
            continue;
        if (strcmp(end, ".done") == 0)
            out->done |= (uint64_t)1 << child;
        else if (strcmp(end, ".full") == 0)
            out->full |= (uint64_t)1 << child;
        else if (strcmp(end, ".begun") == 0)
            out->taken |= (uint64_t)1 << child;
        else {
            int turn = atoi(end + 1);
            out->taken |= (uint64_t)1 << child;
            out->turn[child] = turn > out->turn[child] ? turn : out->turn[child];
        }
    }
    closedir(folder);
    out->full |= out->done;
    out->taken |= out->full;
}

/* Makes the link `path`, and its folder where it is not there yet but the run's is. Gives 0, EEXIST or another errno. */
int gr_board_link(gr_board *b, const char *to, const char *path)
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

/* Of the folder `below` steps above the leaves, in which part `index` lies, all is `what` ("begun", "full", "done"): says so in the
 * folder above. That all is in that one, too, the next to come down there sees (go_down); of "done", which is to be known when the
 * last part is, who says it looks, and so on. Who finds it said leaves the rest to whoever said it. */
static void mark_up(gr_board *b, int index, int below, const char *what)
{
    char path[PATHS], mark[PATHS + 32];
    for (int level = below + 1; level < b->depth; level++) {
        gr_board_listing l;
        gr_board_folder_of(b, index, level, path);
        gr_board_put(mark, sizeof mark, "%s/%02d.%s", path, index / span_of(level - 1) % FAN, what);
        if (gr_board_link(b, what, mark) == EEXIST || strcmp(what, "done") != 0)
            return;
        list(b, path, &l);
        uint64_t all = gr_board_all_of(gr_board_children_of(b, index, level));
        if ((l.done & all) != all)
            return;
    }
    gr_board_put(mark, sizeof mark, "%s/%s", b->root, what);
    (void)gr_board_link(b, what, mark);
}

/* Lists the leaf of part `index`, remembers what is taken, and marks what is full or done. */
void gr_board_look_at_leaf(gr_board *b, int index, gr_board_listing *l)
{
    char path[PATHS];
    gr_board_folder_of(b, index, 0, path);
    list(b, path, l);
    uint64_t all = gr_board_all_of(gr_board_children_of(b, index, 0));
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

bool gr_board_is_marked(gr_board *b, const char *what)
{
    char path[PATHS + 32];
    gr_board_put(path, sizeof path, "%s/%s", b->root, what);
    b->operations++;
    return gr_path_exists(path);
}

/* What says in the uppermost folder that there is none. */
static const char *const marks[] = {[GR_BOARD_NEW] = "begun", [GR_BOARD_FREE] = "full", [GR_BOARD_NOT_DONE] = "done"};

/* The first of `bits` from where this worker begins on, the same one each time. */
static int begin_at(const gr_board *b, uint64_t bits, int level)
{
    int at = (int)(b->watch >> (8 + 6 * level) & (FAN - 1));
    while ((bits >> at & 1) == 0)
        at = (at + 1) % FAN;
    return at;
}

/* One of the leaves `open` of the folder that begins with part `index`, to which the fewest workers have come (`first`: none),
 * which this one notes that it does; -1: others were faster. */
static int come_to_leaf(gr_board *b, int index, uint64_t open, bool first, gr_board_listing *l)
{
    char path[PATHS], mark[PATHS + 32];
    gr_board_folder_of(b, index, 1, path);
    for (;;) {
        int fewest = MOST_COMERS;
        uint64_t those = 0;
        for (int i = 0; i < FAN; i++) {
            int came = l->turn[i] + 1 < MOST_COMERS ? l->turn[i] + 1 : MOST_COMERS;
            if ((open >> i & 1) == 0 || came > fewest)
                continue;
            those = came < fewest ? (uint64_t)1 << i : those | (uint64_t)1 << i;
            fewest = came;
        }
        if (fewest > 0 && first)
            return -1;
        int at = gr_board_pick(b, those);
        gr_board_put(mark, sizeof mark, "%s/%02d.%d", path, at, fewest);
        if (fewest == MOST_COMERS || gr_board_link(b, "begun", mark) != EEXIST)
            return at;
        l->turn[at] = fewest;
    }
}

/* Goes down from the folder `level` steps above the leaves that begins with part `index`, through children in which there is
 * what is looked for: any of them, but to the same ones each time for what is not done, since who is dead shows at the second
 * look. Gives a part of the leaf that it comes to, -1: there is none. A folder that proves to have none is marked. */
static int go_down(gr_board *b, int index, int level, gr_board_aim aim)
{
    for (; level > 0; level--) {
        char path[PATHS];
        gr_board_listing l;
        gr_board_folder_of(b, index, level, path);
        list(b, path, &l);
        uint64_t all = gr_board_all_of(gr_board_children_of(b, index, level));
        uint64_t open = all & ~(aim == GR_BOARD_NOT_DONE ? l.done : aim == GR_BOARD_FREE ? l.full : l.taken);
        bool full = (l.full & all) == all && level < b->depth - 1; /* of the root, each is told in its turn */
        if (open == 0) {
            mark_up(b, index, level, full && aim == GR_BOARD_NEW ? "full" : marks[aim]);
            return -1;
        }
        int at = aim == GR_BOARD_NOT_DONE ? begin_at(b, open, level)
                 : level == 1             ? come_to_leaf(b, index, open, aim == GR_BOARD_NEW, &l)
                                          : gr_board_pick(b, open);
        if (at < 0)
            return -1;
        index += at * span_of(level - 1);
    }
    return index;
}

int gr_board_descend(gr_board *b, gr_board_aim aim)
{
    int found = -1;
    if (aim == GR_BOARD_NEW && b->leaf >= 0 && b->depth > 1) /* beside the last one */
        found = go_down(b, b->leaf * FAN / span_of(1) * span_of(1), 1, aim);
    for (int tries = 0; found < 0 && tries < 4 && !gr_board_is_marked(b, marks[aim]); tries++)
        found = go_down(b, 0, b->depth - 1, aim);
    return found;
}
