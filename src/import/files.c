/* The pictures below a folder, and a word about every other file: nothing is left out in silence. */
#include "import/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "grimace/image.h"

enum { DEEPEST = 8, MOST_FILES = 1000000, MOST_KINDS = 64, ENDING_MAX = 15 };

/* A folder, however it was reached. */
typedef struct place {
    dev_t device;
    ino_t number;
} place;

/* Files that were left out: those of one ending, in small letters. */
typedef struct kind {
    char ending[ENDING_MAX + 1];
    const char *first; /* a file of it */
    bool foreign;      /* they are pictures of a kind that is not read */
    int64_t count;
} kind;

/* The search under way. Lists grow by doubling. */
typedef struct finder {
    const char *folder;
    gr_arena *arena;
    const char **files, **links; /* links to folders wait until the folders themselves have been walked */
    int64_t count, room, link_count, link_room;
    place *places;
    int64_t place_count, place_room;
    bool following;         /* a link has been followed: folders may be met again */
    kind kinds[MOST_KINDS]; /* the last one: all others */
    int kind_count;
    int64_t dead_links, known_links; /* that lead nowhere; to a folder that is in the list already */
    gr_error *err;
} finder;

static gr_status no_memory(const finder *f)
{
    return gr_fail(f->err, GR_NOMEM, "%s: no memory to list its images", f->folder);
}

/* Makes room for one item more in list[count]; false when memory is short. */
static bool grow(void *list, int64_t count, int64_t *room, size_t size)
{
    if (count < *room)
        return true;
    void **at = list, *grown = gr_realloc(*at, (size_t)(*room > 0 ? 2 * *room : 64), size);
    if (grown == NULL)
        return false;
    *at = grown;
    *room = *room > 0 ? 2 * *room : 64;
    return true;
}

/* Refuses a name that no table in UTF-8 can hold, with the bytes that are none as \\xNN. */
static gr_status refuse_name(finder *f, const char *path)
{
    gr_text shown = {0};
    for (; *path != '\0'; path++)
        gr_text_printf(&shown, (unsigned char)*path < 0x80 ? "%c" : "\\x%02x", (unsigned char)*path);
    gr_status status = gr_fail(f->err, GR_INVALID, "%s: the name %.300s in it is not valid UTF-8; another name would be right",
                               f->folder, shown.failed ? "of an image" : shown.data);
    gr_text_free(&shown);
    return status;
}

static gr_status add_file(finder *f, const char *path)
{
    if (!gr_utf8_valid(path, strlen(path)))
        return refuse_name(f, path);
    if (f->count == MOST_FILES)
        return gr_fail(f->err, GR_INVALID, "%s: holds more than %d images", f->folder, MOST_FILES);
    if (!grow(&f->files, f->count, &f->room, sizeof *f->files))
        return no_memory(f);
    f->files[f->count++] = path;
    return GR_OK;
}

/* ---- what is left out ------------------------------------------------------------------------------------------------ */

/* What stands behind the last dot, in small letters; "" where there is none, or it is no ending by its looks. */
static void ending_of(const char *name, char ending[ENDING_MAX + 1])
{
    const char *dot = strrchr(name, '.');
    size_t length = dot != NULL ? strlen(dot) : 0;
    ending[0] = '\0';
    for (size_t i = 0; length > 1 && length <= ENDING_MAX && i <= length; i++) {
        char c = dot[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (i > 0 && i < length && !letter && strchr("_-~", c) == NULL) {
            ending[0] = '\0';
            return;
        }
        ending[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
}

static void leave_out(finder *f, const char *path, const char *name)
{
    char ending[ENDING_MAX + 1];
    ending_of(name, ending);
    int at = 0;
    while (at < f->kind_count && at < MOST_KINDS - 1 && strcmp(f->kinds[at].ending, ending) != 0)
        at++;
    if (at == MOST_KINDS - 1)
        strcpy(ending, "other kinds");
    if (at == f->kind_count) {
        f->kinds[f->kind_count++] = (kind){.first = path, .foreign = gr_image_foreign(name, NULL)};
        memcpy(f->kinds[at].ending, ending, sizeof ending);
    }
    f->kinds[at].count++;
}

/* Pictures first, then the most frequent. */
static int by_weight(const void *a, const void *b)
{
    const kind *x = a, *y = b;
    if (x->foreign != y->foreign)
        return x->foreign ? -1 : 1;
    return x->count != y->count ? (x->count > y->count ? -1 : 1) : strcmp(x->ending, y->ending);
}

/* "3 .heic (a HEIC file is not read; this makes a PNG of it: ...), 2 .txt, 1 without ending"; NULL: nothing. */
static gr_status describe(finder *f, const char **out)
{
    gr_text text = {0};
    qsort(f->kinds, (size_t)f->kind_count, sizeof f->kinds[0], by_weight);
    for (int i = 0; i < f->kind_count; i++) {
        const kind *k = &f->kinds[i];
        gr_text_printf(&text, "%s%lld %s", i > 0 ? ", " : "", (long long)k->count,
                       k->ending[0] != '\0' ? k->ending : "without ending");
        char *full = k->foreign ? gr_path_join(f->folder, k->first) : NULL;
        if (full != NULL) {
            gr_text_printf(&text, " (");
            (void)gr_image_foreign(full, &text);
            gr_text_printf(&text, ")");
        }
        gr_free(full);
    }
    const char *comma = f->kind_count > 0 ? ", " : "";
    if (f->dead_links > 0)
        gr_text_printf(&text, "%s%lld broken link%s", comma, (long long)f->dead_links, f->dead_links > 1 ? "s" : "");
    if (f->known_links > 0)
        gr_text_printf(&text, "%s%lld link%s to what is in it already", f->dead_links > 0 ? ", " : comma,
                       (long long)f->known_links, f->known_links > 1 ? "s" : "");
    *out = text.size > 0 && !text.failed ? gr_arena_strdup(f->arena, text.data) : NULL;
    gr_status status = text.failed || (text.size > 0 && *out == NULL) ? no_memory(f) : GR_OK;
    gr_text_free(&text);
    return status;
}

/* ---- the walk -------------------------------------------------------------------------------------------------------- */

/* Notes a folder; *known when it has been noted before. */
static gr_status visit(finder *f, const struct stat *st, bool *known)
{
    *known = false;
    for (int64_t i = 0; f->following && i < f->place_count && !*known; i++)
        *known = f->places[i].device == st->st_dev && f->places[i].number == st->st_ino;
    if (*known)
        return GR_OK;
    if (!grow(&f->places, f->place_count, &f->place_room, sizeof *f->places))
        return no_memory(f);
    f->places[f->place_count++] = (place){st->st_dev, st->st_ino};
    return GR_OK;
}

static gr_status walk(finder *f, const char *inside, int depth);

static gr_status take_file(finder *f, const char *path, const char *name)
{
    if (gr_image_ending(name))
        return add_file(f, path);
    leave_out(f, path, name);
    return GR_OK;
}

/* Takes one entry of a folder: `path` from the folder of the search on, `full` with that. */
static gr_status take(finder *f, const char *path, const char *full, const char *name, int depth)
{
    struct stat st, target;
    if (lstat(full, &st) != 0)
        return GR_OK; /* gone since it was listed */
    bool link = S_ISLNK(st.st_mode);
    if (stat(full, &target) != 0) {
        f->dead_links += link;
        return GR_OK;
    }
    if (S_ISDIR(target.st_mode) && link) {
        if (!grow(&f->links, f->link_count, &f->link_room, sizeof *f->links))
            return no_memory(f);
        f->links[f->link_count++] = path;
        return GR_OK;
    }
    if (S_ISDIR(target.st_mode)) {
        bool known;
        gr_status status = visit(f, &target, &known);
        if (status != GR_OK || known)
            return status;
        return depth < DEEPEST
                   ? walk(f, path, depth + 1)
                   : gr_fail(f->err, GR_INVALID, "%s: is too deep, %d folders in each other are enough", full, DEEPEST);
    }
    return take_file(f, path, name);
}

/* Lists the images below `inside` (relative, "" for the folder itself), and links to folders. */
static gr_status walk(finder *f, const char *inside, int depth)
{
    char *here = gr_path_join(f->folder, inside);
    if (here == NULL)
        return no_memory(f);
    DIR *dir = opendir(here);
    if (dir == NULL) {
        gr_status status = gr_fail(f->err, GR_INVALID, "%s: the folder cannot be read: %s", inside[0] != '\0' ? here : f->folder,
                                   strerror(errno));
        gr_free(here);
        return status;
    }
    gr_status status = GR_OK;
    for (struct dirent *entry; status == GR_OK && (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        const char *path = gr_arena_join(f->arena, inside, inside[0] != '\0' ? "/" : "", entry->d_name);
        if (path != NULL && entry->d_type == DT_REG) {
            status = take_file(f, path, entry->d_name); /* the list says what it is: no look at each of many files */
            continue;
        }
        char *full = path != NULL ? gr_path_join(f->folder, path) : NULL;
        status = full != NULL ? take(f, path, full, entry->d_name, depth) : no_memory(f);
        gr_free(full);
    }
    closedir(dir);
    gr_free(here);
    return status;
}

/* Follows the links that were met, in the order of their names, and those met on the way: each folder once, so that circles
 * end, and what is found does not depend on the order in which the system lists a folder. */
static gr_status follow_links(finder *f)
{
    gr_status status = GR_OK;
    f->following = true;
    while (status == GR_OK && f->link_count > 0) {
        int64_t least = 0;
        for (int64_t i = 1; i < f->link_count; i++)
            if (strcmp(f->links[i], f->links[least]) < 0)
                least = i;
        const char *path = f->links[least];
        f->links[least] = f->links[--f->link_count];
        char *full = gr_path_join(f->folder, path);
        struct stat st;
        bool known = false;
        if (full == NULL)
            return no_memory(f);
        if (stat(full, &st) == 0)
            status = visit(f, &st, &known);
        gr_free(full);
        int depth = 1;
        for (const char *c = path; (c = strchr(c, '/')) != NULL; c++)
            depth++;
        f->known_links += known;
        if (status == GR_OK && !known)
            status = walk(f, path, depth);
    }
    return status;
}

static gr_status find(finder *f)
{
    struct stat st;
    bool known;
    gr_status status = stat(f->folder, &st) == 0 ? visit(f, &st, &known) : GR_OK;
    if (status == GR_OK)
        status = walk(f, "", 0);
    return status == GR_OK ? follow_links(f) : status;
}

gr_status gr_image_files_find(const char *folder, gr_arena *arena, gr_image_files *out, gr_error *err)
{
    finder f = {.folder = folder, .arena = arena, .err = err};
    const char *left_out = NULL;
    *out = (gr_image_files){0};
    gr_status status = find(&f);
    if (status == GR_OK)
        status = describe(&f, &left_out);
    if (status == GR_OK && f.count == 0)
        status = gr_fail(err, GR_INVALID, "%s: there is no picture in it by the names' ends (.png, .jpg, .webp, .tif)%s%s",
                         folder, left_out != NULL ? ", only " : "", left_out != NULL ? left_out : "");
    int64_t *order = status == GR_OK ? gr_names_sort(f.files, f.count) : NULL;
    const char **items = order != NULL ? gr_arena_alloc(arena, (size_t)f.count, sizeof *items) : NULL;
    for (int64_t i = 0; items != NULL && i < f.count; i++)
        items[i] = f.files[order[i]];
    if (status == GR_OK && items == NULL)
        status = no_memory(&f);
    if (status == GR_OK)
        *out = (gr_image_files){items, f.count, left_out};
    gr_free(order);
    gr_free(f.files);
    gr_free(f.links);
    gr_free(f.places);
    return status;
}

char *gr_image_files_prefix(const char *folder, const char *path)
{
    gr_text out = {0};
    char *above = gr_path_folder(path);
    char *from = above != NULL ? realpath(above, NULL) : NULL, *to = realpath(folder, NULL);
    size_t length = from != NULL ? strlen(from) : 0;
    if (from == NULL || to == NULL)
        out.failed = true;
    else if (strcmp(from, to) == 0)
        gr_text_printf(&out, "%s", "");
    else if (strcmp(from, "/") != 0 && gr_starts_with(to, from) && to[length] == '/')
        gr_text_printf(&out, "%s/", to + length + 1);
    else
        gr_text_printf(&out, "%s/", to);
    free(from); /* the system's own blocks */
    free(to);
    gr_free(above);
    if (out.failed) {
        gr_text_free(&out);
        return NULL;
    }
    return out.data;
}
