#include "import/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { DEEPEST = 8, MOST_FILES = 1000000 };

/* The search under way. */
typedef struct finder {
    const char *folder;
    gr_arena *arena;
    const char **files;
    int64_t count, room;
    gr_error *err;
} finder;

static gr_status no_memory(const finder *f)
{
    return gr_fail(f->err, GR_NOMEM, "%s: no memory to list its images", f->folder);
}

static bool is_image(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL && name[0] != '.' &&
           (strcasecmp(dot, ".png") == 0 || strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0);
}

static gr_status add_file(finder *f, const char *path)
{
    if (!gr_utf8_valid(path, strlen(path)))
        return gr_fail(f->err, GR_INVALID, "%s: the name of an image in it is not valid UTF-8", f->folder);
    if (f->count == MOST_FILES)
        return gr_fail(f->err, GR_INVALID, "%s: holds more than %d images", f->folder, MOST_FILES);
    if (f->count == f->room) {
        int64_t room = f->room > 0 ? 2 * f->room : 1024;
        const char **grown = gr_realloc(f->files, (size_t)room, sizeof *grown);
        if (grown == NULL)
            return no_memory(f);
        f->files = grown;
        f->room = room;
    }
    f->files[f->count++] = path;
    return GR_OK;
}

/* Lists the images below `inside` (relative, "" for the folder itself). Linked folders are not entered: no loops. */
static gr_status walk(finder *f, const char *inside, int depth)
{
    char *here = gr_path_join(f->folder, inside);
    if (here == NULL)
        return no_memory(f);
    DIR *dir = opendir(here);
    if (dir == NULL) {
        gr_status status = gr_fail(f->err, GR_INVALID, "%s: the folder cannot be read: %s", here, strerror(errno));
        gr_free(here);
        return status;
    }
    gr_status status = GR_OK;
    for (struct dirent *entry; status == GR_OK && (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        const char *path = gr_arena_printf(f->arena, "%s%s%s", inside, inside[0] != '\0' ? "/" : "", entry->d_name);
        char *full = path != NULL ? gr_path_join(f->folder, path) : NULL;
        struct stat st;
        if (full == NULL)
            status = no_memory(f);
        else if (lstat(full, &st) == 0 && S_ISDIR(st.st_mode))
            status = depth < DEEPEST ? walk(f, path, depth + 1)
                                     : gr_fail(f->err, GR_INVALID, "%s: is too deep, %d folders in each other are enough",
                                               full, DEEPEST);
        else if (is_image(entry->d_name))
            status = add_file(f, path);
        gr_free(full);
    }
    closedir(dir);
    gr_free(here);
    return status;
}

gr_status gr_image_files_find(const char *folder, gr_arena *arena, gr_image_files *out, gr_error *err)
{
    finder f = {.folder = folder, .arena = arena, .err = err};
    *out = (gr_image_files){0};
    gr_status status = walk(&f, "", 0);
    if (status == GR_OK && f.count == 0)
        status = gr_fail(err, GR_INVALID, "%s: there is no .png or .jpg file in it", folder);
    int64_t *order = status == GR_OK ? gr_names_sort(f.files, f.count) : NULL;
    const char **items = order != NULL ? gr_arena_alloc(arena, (size_t)f.count, sizeof *items) : NULL;
    for (int64_t i = 0; items != NULL && i < f.count; i++)
        items[i] = f.files[order[i]];
    if (status == GR_OK && items == NULL)
        status = no_memory(&f);
    if (status == GR_OK)
        *out = (gr_image_files){items, f.count};
    gr_free(order);
    gr_free(f.files);
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
