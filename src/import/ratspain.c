/* RatsPain's folder to a manifest. Its owners send the images on request and do not publish their layout, so the importer
 * takes the two layouts that folders by animal and label can have, and refuses to guess anything else. */
#include <string.h>
#include <strings.h>

#include "import/files.h"
#include "formats/csv.h"
#include "grimace/import.h"

/* NULL ends a list. Bare numbers name a label only where no folder of a path has a word: animals may be numbered too. */
static const char *const pain_words[] = {"pain", "painful", "moderate", "severe", NULL};
static const char *const no_pain_words[] = {"no pain", "no_pain", "no-pain", "nopain", "non-pain", "painless", NULL};
static const char *const pain_numbers[] = {"1", "2", NULL}, *const no_pain_numbers[] = {"0", NULL};

/* The import under way; paths are relative to the data set's folder. */
typedef struct importer {
    const char *folder;
    const gr_import_options *options;
    gr_arena *arena;
    gr_image_files files;
    gr_error *err;
} importer;

static gr_status no_memory(const importer *im)
{
    return gr_fail(im->err, GR_NOMEM, "%s: no memory to list its images", im->folder);
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

static gr_status write_manifest(importer *im, const char *path, gr_import_counts *counts)
{
    gr_text out = {0};
    char *prefix = gr_image_files_prefix(im->folder, path);
    const char **animals = gr_alloc((size_t)im->files.count, sizeof *animals);
    gr_status status = GR_OK;
    if (prefix == NULL)
        status = gr_fail(im->err, GR_INVALID, "%s: its folder is not there", path);
    else if (animals == NULL)
        status = no_memory(im);
    gr_text_printf(&out, "image,animal,pain\n");
    for (int64_t i = 0; status == GR_OK && i < im->files.count; i++) {
        int label;
        const char *file = im->files.items[i];
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
    int64_t *order = status == GR_OK ? gr_names_sort(animals, counts->images) : NULL;
    for (int64_t i = 0; order != NULL && i < counts->images; i++)
        counts->animals += i == 0 || strcmp(animals[order[i]], animals[order[i - 1]]) != 0;
    if (status == GR_OK && (out.failed || order == NULL || counts->images < im->files.count))
        status = no_memory(im);
    if (status == GR_OK)
        status = gr_file_write(path, out.data, out.size, im->err);
    gr_free(order);
    gr_free(animals);
    gr_free(prefix);
    gr_text_free(&out);
    return status;
}

gr_status gr_import_ratspain(const char *folder, const char *path, const gr_import_options *options,
                             gr_import_counts *counts, gr_error *err)
{
    *counts = (gr_import_counts){0};
    importer im = {.folder = folder, .options = options, .arena = gr_arena_create(), .err = err};
    if (im.arena == NULL)
        return no_memory(&im);
    gr_status status = gr_image_files_find(folder, im.arena, &im.files, err);
    if (status == GR_OK && im.files.left_out != NULL)
        snprintf(counts->left_out, sizeof counts->left_out, "%s", im.files.left_out);
    if (status == GR_OK)
        status = write_manifest(&im, path, counts);
    gr_arena_destroy(im.arena);
    return status;
}
