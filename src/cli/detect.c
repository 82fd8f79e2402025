/* grimace detect: boxes of faces in pictures, and how detectors compare. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/detections.h"

const char gr_help_detect[] =
    "usage: grimace detect DETECTOR IMAGE... [--all] [--draw DIR] [--out CSV] [--force]\n"
    "       grimace detect DETECTOR --manifest CSV [--all] [--draw DIR] [--out CSV] [--force]\n"
    "       grimace detect --compare DETECTOR,DETECTOR... --manifest CSV [--out CSV [--force]]\n"
    "\n"
    "Writes the manifest's rows, or image, with box_x,box_y,box_w,box_h,box_score,detector: the best box of each image,\n"
    "empty cells where there is none. DETECTOR is an OpenCV cascade (.xml; Haar or LBP), a chain of detectors (.yaml) or a "
    "model\n"
    "of the task boxes (.safetensors, or RUN). A cascade's boxes are those of OpenCV's detectMultiScale, to the pixel; the\n"
    "best has the most neighbours, then the largest area. An image that cannot be read has an empty box and the reason in "
    "a\n"
    "last column, error, which is there only then; the exit status is then 1 (2 where none can be read).\n"
    "\n"
    "--compare prints, for each detector, the share of images in which it finds nothing, the milliseconds an image without\n"
    "reading it, and, against the manifest's boxes, recall and precision at IoU 0.5, the mean IoU, COCO's average precision "
    "(ap,\n"
    "ap50, ap75) and VOC's.\n"
    "\n"
    "  --manifest CSV   the images of a table with a column `image`\n"
    "  --all            a row for every box, the best first\n"
    "  --draw DIR       the pictures, too, with their boxes drawn, as PNG into that folder\n"
    "  --scale F        from one size of box to the next (1.1)\n"
    "  --neighbors N    how many windows must agree on a box (3); 0: every window is one\n"
    "  --min-size N     no box with sides below N pixels\n"
    "  --max-size N     no box with sides above N pixels\n"
    "  --threads N      how many threads (all cores)\n"
    "  --out CSV        write there instead of the standard output\n"
    "  --force          overwrite that file when it is there already, draw into a folder that holds files\n";

enum { COMPARED_MAX = 32 };

typedef struct command {
    const char *manifest_path, *out, *compare, *draw;
    const char *scale, *neighbours, *min_size, *max_size, *threads;
    bool all, force;
    gr_detect_options options;
    gr_manifest manifest;
    const char *const *images, *const *paths;
    int64_t count, across; /* images, boxes that reach over their edges */
    gr_finder *finders[COMPARED_MAX];
    int finder_count;
    gr_detections found;
} command;

static gr_status whole_option(const char *name, const char *text, int64_t most, int *to, gr_error *err)
{
    int64_t value;
    if (text == NULL)
        return GR_OK;
    gr_status status = gr_cli_number(name, text, 0, most, &value, err);
    if (status == GR_OK)
        *to = (int)value;
    return status;
}

static gr_status read_options(command *c, gr_error *err)
{
    int64_t threads = 0;
    gr_status status = GR_OK;
    c->options = gr_detect_defaults();
    if (c->scale != NULL &&
        (!gr_parse_double(c->scale, &c->options.scale) || c->options.scale < 1.001 || c->options.scale > 10))
        return gr_fail(err, GR_INVALID, "--scale: '%.40s' is no number from 1.001 to 10", c->scale);
    status = whole_option("--neighbors", c->neighbours, 1000000, &c->options.neighbours, err);
    if (status == GR_OK)
        status = whole_option("--min-size", c->min_size, GR_IMAGE_SIDE_MAX, &c->options.min_size, err);
    if (status == GR_OK)
        status = whole_option("--max-size", c->max_size, GR_IMAGE_SIDE_MAX, &c->options.max_size, err);
    if (status == GR_OK && c->options.max_size > 0 && c->options.max_size < c->options.min_size)
        status =
            gr_fail(err, GR_INVALID, "--max-size: %d is below --min-size, %d", c->options.max_size, c->options.min_size);
    if (status == GR_OK && c->threads != NULL)
        status = gr_cli_number("--threads", c->threads, 1, 1024, &threads, err);
    gr_threads_set((int)threads);
    return status;
}

static gr_status open_one(command *c, const char *path, gr_error *err)
{
    gr_status status = gr_any_finder_open(path, &c->options, &c->finders[c->finder_count], err);
    c->finder_count += status == GR_OK;
    return status;
}

/* The detectors of a list with commas. */
static gr_status open_list(command *c, const char *list, gr_error *err)
{
    gr_status status = GR_OK;
    while (status == GR_OK && *list != '\0') {
        size_t length = strcspn(list, ",");
        char *path = gr_strdup(list);
        if (path == NULL)
            return gr_fail(err, GR_NOMEM, "no memory for a list of detectors");
        path[length] = '\0';
        if (c->finder_count == COMPARED_MAX)
            status = gr_fail(err, GR_INVALID, "--compare: has more than %d detectors", COMPARED_MAX);
        else if (length == 0)
            status = gr_fail(err, GR_INVALID, "--compare: names nothing between two commas; a detector would be right");
        else
            status = open_one(c, path, err);
        gr_free(path);
        list += length + (list[length] == ',');
    }
    return status;
}

static gr_status load_images(command *c, int count, char **words, gr_error *err)
{
    static const char *const faces[] = {"face=box"};
    gr_manifest_options options = {.absent_files = true, /* told of like any other that cannot be read */
                                   .marks = faces,
                                   .mark_count = 1,
                                   .marks_if_there = true,
                                   .whole = true};
    if (c->manifest_path == NULL) {
        c->images = c->paths = (const char *const *)words;
        c->count = count;
        return GR_OK;
    }
    gr_status status = gr_manifest_load(c->manifest_path, &options, &c->manifest, err);
    c->images = c->manifest.images;
    c->paths = c->manifest.paths;
    c->count = c->manifest.rows;
    if (status == GR_OK && c->compare != NULL) /* else the table's own boxes are not looked at */
        status = gr_manifest_boxes_check(&c->manifest, &c->across, err);
    return status;
}

/* To the file --out, or to stdout. Frees the text. */
static gr_status write_text(const command *c, gr_text *text, gr_error *err)
{
    gr_status status = GR_OK;
    if (text->failed)
        status = gr_fail(err, GR_NOMEM, "no memory for a table of boxes");
    else if (c->out != NULL)
        status = gr_file_write(c->out, text->data, text->size, err);
    else
        fwrite(text->data, 1, text->size, stdout); /* main looks at stdout's state */
    gr_text_free(text);
    return status;
}

/* The one sentence of images that could not be read: the first, and how many. */
static gr_status tell_problems(const command *c, gr_error *err)
{
    const gr_detections *d = &c->found;
    int64_t first = 0;
    if (d->broken == 0)
        return GR_OK;
    while (d->problems[first] == NULL)
        first++;
    char where[512] = "";
    if (c->manifest_path != NULL)
        snprintf(where, sizeof where, "%s:%lld: image: ", c->manifest_path, (long long)c->manifest.lines[first]);
    return gr_fail(err, d->broken < d->count ? GR_FAILED : GR_INVALID,
                   "%s%s: %.600s; %lld of %lld images could not be read%s", where, c->paths[first], d->problems[first],
                   (long long)d->broken, (long long)d->count, c->compare == NULL ? ", the column error says why" : "");
}

/* Where the table is not on stdout: how many faces there are, and how long that took. */
static void tell_count(const command *c)
{
    const gr_detections *d = &c->found;
    int64_t read = d->count - d->broken, empty = gr_detections_empty(d, 0);
    printf("%s: %lld image%s, %lld without a face", c->out, (long long)read, read == 1 ? "" : "s", (long long)empty);
    if (read > 0)
        printf(", %.1f ms an image", 1000 * d->seconds[0] / (double)read);
    printf("\n");
}

static gr_status detect(command *c, gr_error *err)
{
    gr_text text = {0};
    gr_status status = gr_detections_make((const gr_finder *const *)c->finders, c->finder_count, c->paths, c->count,
                                          gr_cli_stop(), &c->found, err);
    if (status != GR_OK)
        return status;
    const gr_manifest *manifest = c->manifest_path != NULL ? &c->manifest : NULL;
    if (c->compare == NULL) {
        gr_detections_csv(&c->found, manifest, c->images, c->all, &text);
        if (c->draw != NULL && c->found.broken < c->found.count)
            status = gr_detections_draw(&c->found, c->paths, c->draw, c->all, gr_cli_stop(), err);
    } else {
        gr_text shown = {0};
        status = gr_detections_compare(&c->found, manifest, false, &shown, err);
        if (status == GR_OK)
            gr_cli_print(&shown, "--out CSV has all of them");
        gr_text_free(&shown);
        if (status == GR_OK && c->out != NULL)
            status = gr_detections_compare(&c->found, manifest, true, &text, err);
    }
    if (status == GR_OK && (c->compare == NULL || c->out != NULL))
        status = write_text(c, &text, err);
    if (status == GR_OK && c->compare == NULL && c->out != NULL)
        tell_count(c);
    gr_text_free(&text);
    return status == GR_OK ? tell_problems(c, err) : status;
}

static gr_status check_words(const command *c, int words, gr_error *err)
{
    if (c->compare != NULL && words > 0)
        return gr_fail(err, GR_INVALID,
                       "detect: --compare names the detectors, and --manifest the images; nothing else would be right");
    if (c->compare != NULL && c->manifest_path == NULL)
        return gr_fail(err, GR_INVALID, "detect: --compare needs --manifest, a table of images");
    if (c->compare != NULL && c->all)
        return gr_fail(err, GR_INVALID, "detect: --compare counts all boxes anyway; --all would be wrong");
    if (c->compare != NULL && c->draw != NULL)
        return gr_fail(err, GR_INVALID, "detect: --draw draws what one detector finds; --compare has several");
    if (c->compare != NULL)
        return GR_OK;
    if (words < 1)
        return gr_fail(err, GR_INVALID, "detect: no detector is named; usage: grimace detect DETECTOR IMAGE...");
    if (c->manifest_path != NULL && words > 1)
        return gr_fail(err, GR_INVALID, "detect: images and --manifest are both given; one of them is right");
    if (c->manifest_path == NULL && words < 2)
        return gr_fail(err, GR_INVALID, "detect: no image is named; give images, or --manifest with a table of them");
    return GR_OK;
}

static gr_status may_draw(const command *c, gr_error *err)
{
    if (gr_path_exists(c->draw) && !gr_is_folder(c->draw))
        return gr_fail(err, GR_INVALID, "%s: is no folder; the name of a new one would be right", c->draw);
    if (!c->force && gr_folder_holds(c->draw))
        return gr_fail(err, GR_INVALID, "%s: holds files already; a new folder would be right, or --force", c->draw);
    return GR_OK;
}

gr_status gr_cmd_detect(int argc, char **argv, gr_error *err)
{
    command c = {0};
    const gr_cli_option options[] = {{"--manifest", &c.manifest_path, NULL},
                                     {"--out", &c.out, NULL},
                                     {"--compare", &c.compare, NULL},
                                     {"--draw", &c.draw, NULL},
                                     {"--scale", &c.scale, NULL},
                                     {"--neighbors", &c.neighbours, NULL},
                                     {"--min-size", &c.min_size, NULL},
                                     {"--max-size", &c.max_size, NULL},
                                     {"--threads", &c.threads, NULL},
                                     {"--all", NULL, &c.all},
                                     {"--force", NULL, &c.force}};
    gr_status status = gr_cli_parse(&argc, argv, options, sizeof options / sizeof options[0], err);
    if (status == GR_OK)
        status = check_words(&c, argc - 1, err);
    if (status == GR_OK)
        status = read_options(&c, err);
    if (status == GR_OK && c.out != NULL && c.manifest_path != NULL && gr_same_path(c.out, c.manifest_path))
        status = gr_fail(err, GR_INVALID, "detect: --out: %s is what is read, and would be lost; another name would be right",
                         c.out);
    if (status == GR_OK && c.out != NULL)
        status = gr_cli_may_write(c.out, c.force, err);
    if (status == GR_OK && c.draw != NULL)
        status = may_draw(&c, err);
    if (status == GR_OK)
        status = c.compare != NULL ? open_list(&c, c.compare, err) : open_one(&c, argv[1], err);
    if (status == GR_OK && c.finder_count == 0)
        status = gr_fail(err, GR_INVALID, "--compare: names no detector");
    if (status == GR_OK)
        status = load_images(&c, argc - 2, argv + 2, err);
    if (status == GR_OK)
        status = detect(&c, err);
    char across[GR_BOXES_ACROSS];
    if (c.across > 0 && (status == GR_OK || status == GR_FAILED))
        printf("notice: %s: %s\n", c.manifest_path, gr_manifest_boxes_across(c.across, across));
    if ((status == GR_OK || status == GR_FAILED) &&
        (c.out != NULL || c.compare != NULL)) /* else the table itself is on stdout */
        gr_cli_notices(c.manifest.notices);
    gr_detections_free(&c.found);
    gr_manifest_free(&c.manifest);
    for (int i = 0; i < c.finder_count; i++)
        gr_finder_close(c.finders[i]);
    return status;
}
