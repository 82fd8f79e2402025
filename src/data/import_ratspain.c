/* RatsPain's folder to a manifest. Its owners send the images on request and do not publish their layout, so the importer
 * takes the two layouts that folders by animal and label can have, and refuses to guess anything else. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/base.h"
#include "formats/csv.h"
#include "grimace/import.h"

enum { DEEPEST = 8, MOST_FILES = 1000000 };

/* NULL ends a list. Bare numbers name a label only where no folder of a path has a word: animals may be numbered too. */
static const char *const pain_words[] = {"pain", "painful", "moderate", "severe", NULL};
static const char *const no_pain_words[] = {"no pain", "no_pain", "no-pain", "nopain", "non-pain", "painless", NULL};
static const char *const pain_numbers[] = {"1", "2", NULL}, *const no_pain_numbers[] = {"0", NULL};

/* The import under way; paths are relative to the data set's folder. */
typedef struct importer {
    const char *folder;
    const gr_import_options *options;
    gr_arena *arena;
    const char **files;
    int64_t count, room;
    gr_error *err;
} importer;

static gr_status no_memory(const importer *im)
{
    return gr_fail(im->err, GR_NOMEM, "%s: no memory to list its images", im->folder);
}

static bool is_image(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL && name[0] != '.' &&
           (strcasecmp(dot, ".png") == 0 || strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0);
}

static gr_status add_file(importer *im, const char *path)
{
    if (im->count == MOST_FILES)
        return gr_fail(im->err, GR_INVALID, "%s: holds more than %d images, RatsPain has 1138", im->folder, MOST_FILES);
    if (im->count == im->room) {
        int64_t room = im->room > 0 ? 2 * im->room : 1024;
        const char **grown = gr_realloc(im->files, (size_t)room, sizeof *grown);
        if (grown == NULL)
            return no_memory(im);
        im->files = grown;
        im->room = room;
    }
    im->files[im->count++] = path;
    return GR_OK;
}

/* Lists the images below `inside` (relative, "" for the folder itself). Linked folders are not entered: no loops. */
static gr_status walk(importer *im, const char *inside, int depth)
{
    char *here = gr_path_join(im->folder, inside);
    if (here == NULL)
        return no_memory(im);
    DIR *dir = opendir(here);
    if (dir == NULL) {
        gr_status status = gr_fail(im->err, GR_INVALID, "%s: the folder cannot be read: %s", here, strerror(errno));
        gr_free(here);
        return status;
    }
    gr_status status = GR_OK;
    for (struct dirent *entry; status == GR_OK && (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        const char *path = gr_arena_printf(im->arena, "%s%s%s", inside, inside[0] != '\0' ? "/" : "", entry->d_name);
        char *full = path != NULL ? gr_path_join(im->folder, path) : NULL;
        struct stat st;
        if (full == NULL)
            status = no_memory(im);
        else if (lstat(full, &st) == 0 && S_ISDIR(st.st_mode))
            status = depth < DEEPEST ? walk(im, path, depth + 1)
                                     : gr_fail(im->err, GR_INVALID, "%s: is too deep, animal and label are enough", full);
        else if (is_image(entry->d_name))
            status = add_file(im, path);
        gr_free(full);
    }
    closedir(dir);
    gr_free(here);
    return status;
}

static bool is_among(const char *name, size_t length, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strlen(*words) == length && strncasecmp(name, *words, length) == 0)
            return true;
    return false;
}

/* What a folder's name says: 1 pain, 0 no pain, -1 neither. The user's own names come first and switch the usual ones off.
 */
static int label_of(const importer *im, const char *name, size_t length, bool numbers)
{
    const char *const no_pain[] = {im->options->no_pain, NULL}, *const pain[] = {im->options->pain, NULL};
    if (is_among(name, length, no_pain[0] != NULL ? no_pain : numbers ? no_pain_numbers : no_pain_words))
        return 0;
    return is_among(name, length, pain[0] != NULL ? pain : numbers ? pain_numbers : pain_words) ? 1 : -1;
}

/* Reads the label off the folders of a path, and the animal: the first folder that names no label. Returns how many name
 * one. */
static int read_folders(const importer *im, const char *path, bool numbers, int *label, const char **animal, size_t *length)
{
    int named = 0;
    *animal = NULL;
    for (const char *part = path, *slash; (slash = strchr(part, '/')) != NULL; part = slash + 1) {
        int said = label_of(im, part, (size_t)(slash - part), numbers);
        if (said >= 0) {
            *label = said;
            named++;
        } else if (*animal == NULL) {
            *animal = part;
            *length = (size_t)(slash - part);
        }
    }
    return named;
}

static gr_status read_path(const importer *im, const char *path, const char **animal, int *label)
{
    size_t length = 0;
    int named = read_folders(im, path, false, label, animal, &length);
    if (named == 0)
        named = read_folders(im, path, true, label, animal, &length);
    if (named > 1)
        return gr_fail(im->err, GR_INVALID, "%s/%s: %d of its folders name a label, one is right", im->folder, path, named);
    if (named == 0)
        return gr_fail(im->err, GR_INVALID,
                       "%s/%s: no folder of its path says whether it shows pain; names like pain and no_pain are known, "
                       "others are told with --pain NAME --no-pain NAME",
                       im->folder, path);
    if (*animal == NULL)
        return gr_fail(im->err, GR_INVALID, "%s/%s: no folder of its path names the animal; rat1/pain/x.png is right",
                       im->folder, path);
    *animal = gr_arena_strndup(im->arena, *animal, length);
    return *animal != NULL ? GR_OK : no_memory(im);
}

/* What stands before the relative paths in the manifest at `path`: GIVES "", "sub/folder/" or an absolute folder and '/'. */
static char *image_prefix(const char *folder, const char *path)
{
    gr_buffer out = {0};
    char *above = gr_path_folder(path);
    char *from = above != NULL ? realpath(above, NULL) : NULL, *to = realpath(folder, NULL);
    size_t length = from != NULL ? strlen(from) : 0;
    if (from == NULL || to == NULL)
        out.failed = true;
    else if (strcmp(from, to) == 0)
        gr_buffer_printf(&out, "%s", "");
    else if (strcmp(from, "/") != 0 && gr_starts_with(to, from) && to[length] == '/')
        gr_buffer_printf(&out, "%s/", to + length + 1);
    else
        gr_buffer_printf(&out, "%s/", to);
    free(from); /* the system's own blocks */
    free(to);
    gr_free(above);
    if (out.failed) {
        gr_buffer_free(&out);
        return NULL;
    }
    return out.data;
}

static gr_status write_manifest(importer *im, const char *path, gr_import_counts *counts)
{
    gr_buffer out = {0};
    char *prefix = image_prefix(im->folder, path);
    int64_t *order = gr_names_sort(im->files, im->count);
    const char **animals = gr_alloc((size_t)im->count, sizeof *animals);
    gr_status status = GR_OK;
    if (prefix == NULL)
        status = gr_fail(im->err, GR_INVALID, "%s: its folder is not there", path);
    else if (order == NULL || animals == NULL)
        status = no_memory(im);
    gr_buffer_printf(&out, "image,animal,pain\n");
    for (int64_t i = 0; status == GR_OK && i < im->count; i++) {
        int label;
        const char *file = im->files[order[i]];
        status = read_path(im, file, &animals[i], &label);
        char *image = status == GR_OK ? gr_arena_printf(im->arena, "%s%s", prefix, file) : NULL;
        if (status != GR_OK || image == NULL)
            break;
        gr_csv_put(&out, image, ',');
        gr_csv_put(&out, animals[i], ',');
        gr_csv_put(&out, label == 1 ? "1" : "0", '\n');
        counts->images++;
        counts->pain += label;
    }
    gr_free(order);
    order = status == GR_OK ? gr_names_sort(animals, counts->images) : NULL;
    for (int64_t i = 0; order != NULL && i < counts->images; i++)
        counts->animals += i == 0 || strcmp(animals[order[i]], animals[order[i - 1]]) != 0;
    if (status == GR_OK && (out.failed || order == NULL || counts->images < im->count))
        status = no_memory(im);
    if (status == GR_OK)
        status = gr_file_write(path, out.data, out.size, im->err);
    gr_free(order);
    gr_free(animals);
    gr_free(prefix);
    gr_buffer_free(&out);
    return status;
}

gr_status gr_import_ratspain(const char *folder, const char *path, const gr_import_options *options,
                             gr_import_counts *counts, gr_error *err)
{
    *counts = (gr_import_counts){0};
    importer im = {.folder = folder, .options = options, .arena = gr_arena_create(), .err = err};
    if (im.arena == NULL)
        return no_memory(&im);
    gr_status status = walk(&im, "", 0);
    if (status == GR_OK && im.count == 0)
        status =
            gr_fail(err, GR_INVALID, "%s: there is no .png or .jpg file in it; folders like rat1/pain are right", folder);
    if (status == GR_OK)
        status = write_manifest(&im, path, counts);
    gr_free(im.files);
    gr_arena_destroy(im.arena);
    return status;
}
