/* Explanations as files: the numbers and the pictures are written by threads of their own while the next images are
 * explained; the table comes last, so that where it is all else is. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "explain/folder_names.h"
#include "explain/means.h"
#include "explain/npy.h"
#include "explain/overlay.h"
#include "explain/panels.h"
#include "explain/sheet.h"
#include "formats/csv.h"
#include "grimace/explain.h"

enum { THREADS = 2, JOBS = 16 };

/* What one explanation leaves to be written; buffers are used again. */
typedef struct job {
    bool filled;
    const char *name;
    char method[64];
    gr_image picture;
    float *map, *cells;
    int size, rows, columns;
    bool is_signed;
} job;

/* What is known of one method's maps. */
typedef struct method_maps {
    const char *name; /* NULL: none came yet */
    double largest;
    bool is_signed;
} method_maps;

struct gr_explain_folder {
    const char *dir;
    const char *const *images;
    int64_t count;
    int methods, size;
    gr_explain_look look;
    gr_overlay as;         /* the look of single pictures */
    method_maps *maps;     /* [methods] */
    gr_sheet_image *sheet; /* [count]; a name NULL: could not be read */
    gr_means *means;       /* NULL: not wanted */
    gr_arena *arena;
    const char **names;    /* [count] */
    const char **rows;     /* [count, methods], of the table; NULL: none yet */
    const char **problems; /* [count] */
    bool made;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t threads[THREADS];
    int running;
    job jobs[JOBS];
    bool ended;
    gr_error error; /* the first of the threads' */
};

/* ---- the threads
 * -------------------------------------------------------------------------------------------------------------- */

static gr_status write_numbers(const char *dir, const job *j, const char *ending, const float *numbers, int rows,
                               int columns, gr_error *err)
{
    gr_text path = {0};
    gr_text_printf(&path, "%s/%s.%s.%s", dir, j->name, j->method, ending);
    gr_status status = path.failed ? gr_fail(err, GR_NOMEM, "no memory for the name of a file")
                                   : gr_npy_write(path.data, numbers, rows, columns, err);
    gr_text_free(&path);
    return status;
}

static gr_status write_job(const char *dir, const job *j, gr_overlay overlay, gr_error *err)
{
    gr_text path = {0};
    gr_text_printf(&path, "%s/%s.%s.png", dir, j->name, j->method);
    overlay.picture = &j->picture;
    overlay.map = j->map;
    overlay.size = j->size;
    overlay.is_signed = j->is_signed;
    gr_status status = path.failed ? gr_fail(err, GR_NOMEM, "no memory for the name of a file")
                                   : gr_overlay_write(path.data, &overlay, err);
    gr_text_free(&path);
    if (status == GR_OK)
        status = write_numbers(dir, j, "npy", j->map, j->size, j->size, err);
    if (status == GR_OK && j->rows > 0)
        status = write_numbers(dir, j, "cells.npy", j->cells, j->rows, j->columns, err);
    return status;
}

static void free_job(job *j)
{
    gr_image_free(&j->picture);
    gr_free(j->map);
    gr_free(j->cells);
    *j = (job){0};
}

/* The index of a filled or an empty place, -1: there is none. */
static int find(const gr_explain_folder *f, bool filled)
{
    for (int i = 0; i < JOBS; i++)
        if (f->jobs[i].filled == filled)
            return i;
    return -1;
}

static void *work(void *ctx)
{
    gr_explain_folder *f = ctx;
    pthread_mutex_lock(&f->lock);
    for (;;) {
        int at = find(f, true);
        if (at < 0 && f->ended)
            break;
        if (at < 0) {
            pthread_cond_wait(&f->changed, &f->lock);
            continue;
        }
        job mine = f->jobs[at];
        f->jobs[at] = (job){0};
        pthread_cond_broadcast(&f->changed);
        bool wanted = f->error.status == GR_OK;
        pthread_mutex_unlock(&f->lock);
        gr_error err = {0};
        gr_status status = wanted ? write_job(f->dir, &mine, f->as, &err) : GR_OK;
        free_job(&mine);
        pthread_mutex_lock(&f->lock);
        if (status != GR_OK && f->error.status == GR_OK)
            f->error = err;
    }
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

/* Waits until all is written. */
static void end_threads(gr_explain_folder *f)
{
    pthread_mutex_lock(&f->lock);
    f->ended = true;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
    for (; f->running > 0; f->running--)
        pthread_join(f->threads[f->running - 1], NULL);
}

/* ---- the folder
 * --------------------------------------------------------------------------------------------------------------- */

/* Is nothing in the folder, or is it not there? */
static gr_status check_empty(const char *dir, gr_error *err)
{
    DIR *folder = opendir(dir);
    if (folder == NULL)
        return errno == ENOENT ? GR_OK
                               : gr_fail(err, GR_INVALID, "%s: is no folder that can be read: %s", dir, strerror(errno));
    gr_status status = GR_OK;
    for (struct dirent *entry; status == GR_OK && (entry = readdir(folder)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = gr_fail(err, GR_INVALID, "%s: holds files already, such as %.80s; --force writes among them", dir,
                             entry->d_name);
    closedir(folder);
    return status;
}

/* What the pictures shall look like, and what is made of all of them. */
static gr_status take_look(gr_explain_folder *f, const gr_explain_look *look, gr_error *err)
{
    f->look = look != NULL ? *look : (gr_explain_look){0};
    f->as.opacity = f->look.opacity;
    const char *colours = f->look.colours;
    if (colours != NULL && (!gr_colour_map_find(colours, &f->as.colours) || f->as.colours == GR_DIVERGING))
        return gr_fail(err, GR_INVALID, "--colours: there are no colours \"%.40s\"; viridis or cividis would be right",
                       colours);
    gr_status status = f->look.sheet ? gr_sheet_check(err) : GR_OK;
    if (status == GR_OK && f->look.mean_of != NULL)
        status = gr_means_open(f->look.mean_of, f->look.values, f->count, f->methods, &f->means, err);
    return status;
}

gr_status gr_explain_folder_open(const char *dir, bool force, const char *const *images, int64_t count, int method_count,
                                 const gr_explain_look *look, gr_explain_folder **out, gr_error *err)
{
    *out = NULL;
    gr_status status = force && (gr_is_folder(dir) || !gr_path_exists(dir)) ? GR_OK : check_empty(dir, err);
    if (status != GR_OK)
        return status;
    gr_explain_folder *f = gr_alloc(1, sizeof *f);
    if (f == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a folder");
    f->dir = dir;
    f->images = images;
    f->count = count;
    f->methods = method_count;
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->changed, NULL);
    f->arena = gr_arena_create();
    f->names = gr_alloc((size_t)count, sizeof *f->names);
    f->rows = gr_alloc((size_t)count * (size_t)method_count, sizeof *f->rows);
    f->problems = gr_alloc((size_t)count, sizeof *f->problems);
    f->maps = gr_alloc((size_t)method_count, sizeof *f->maps);
    f->sheet = gr_alloc((size_t)count, sizeof *f->sheet);
    if (f->arena == NULL || f->names == NULL || f->rows == NULL || f->problems == NULL || f->maps == NULL ||
        f->sheet == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for the names of %lld images", (long long)count);
    if (status == GR_OK)
        status = gr_folder_names(images, count, f->arena, f->names, err);
    if (status == GR_OK)
        status = take_look(f, look, err);
    for (int t = 0; status == GR_OK && t < THREADS; t++) {
        if (pthread_create(&f->threads[t], NULL, work, f) != 0)
            status = gr_fail(err, GR_IO, "a thread cannot be started");
        else
            f->running++;
    }
    if (status == GR_OK)
        *out = f;
    else
        gr_explain_folder_close(f);
    return status;
}

void gr_explain_folder_close(gr_explain_folder *f)
{
    if (f == NULL)
        return;
    end_threads(f);
    for (int i = 0; i < JOBS; i++)
        free_job(&f->jobs[i]);
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->changed);
    gr_free(f->names);
    gr_free(f->rows);
    gr_free(f->problems);
    gr_free(f->maps);
    gr_free(f->sheet);
    gr_means_close(f->means);
    gr_arena_destroy(f->arena);
    gr_free(f);
}

/* A table of before would tell of files that are written over. */
static gr_status make(gr_explain_folder *f, gr_error *err)
{
    if (f->made)
        return GR_OK;
    gr_status status = gr_make_folders(f->dir, err);
    char *table = gr_path_join(f->dir, "index.csv");
    if (status == GR_OK && table == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for the name of a file");
    if (status == GR_OK && unlink(table) != 0 && errno != ENOENT)
        status = gr_fail(err, GR_INVALID, "%s: cannot be written: %s", table, strerror(errno));
    gr_free(table);
    f->made = status == GR_OK;
    return status;
}

/* ---- adding
 * ------------------------------------------------------------------------------------------------------------------- */

static void put_number(gr_text *row, double value)
{
    gr_text_printf(row, isfinite(value) ? "%.17g," : ",", value);
}

/* Behind the image, without the end of the line. */
static const char *row_of(gr_explain_folder *f, const gr_explanation *e)
{
    gr_text row = {0};
    gr_csv_put(&row, e->fold, ',');
    gr_csv_put(&row, e->class_name, ',');
    put_number(&row, e->probability);
    put_number(&row, e->logit);
    gr_csv_put(&row, e->method, ',');
    gr_csv_put(&row, e->layer, ',');
    if (isfinite(e->sum))
        gr_text_printf(&row, "%.17g", e->sum);
    const char *kept = row.failed ? NULL : gr_arena_strndup(f->arena, row.data, row.size);
    gr_text_free(&row);
    return kept;
}

static float *copy(const float *numbers, size_t count)
{
    float *to = gr_alloc(count, sizeof *to);
    if (to != NULL)
        memcpy(to, numbers, count * sizeof *to);
    return to;
}

/* Hands it to the threads; waits while they are behind. */
static gr_status hand_over(gr_explain_folder *f, const gr_explanation *e, gr_error *err)
{
    size_t pixels = (size_t)e->size * (size_t)e->size, cells = (size_t)e->cell_rows * (size_t)e->cell_columns;
    job j = {.filled = true,
             .name = f->names[e->sample],
             .size = e->size,
             .rows = e->cell_rows,
             .columns = e->cell_columns,
             .is_signed = e->is_signed};
    snprintf(j.method, sizeof j.method, "%s", e->method);
    j.map = copy(e->map, pixels);
    j.cells = e->cells != NULL ? copy(e->cells, cells) : NULL;
    gr_status status = gr_image_make(e->size, e->size, &j.picture, err);
    if (status == GR_OK && (j.map == NULL || (e->cells != NULL && j.cells == NULL)))
        status = gr_fail(err, GR_NOMEM, "no memory for a map");
    if (status != GR_OK) {
        free_job(&j);
        return status;
    }
    memcpy(j.picture.pixels, e->picture->pixels, 3 * pixels);
    pthread_mutex_lock(&f->lock);
    int at;
    while ((at = find(f, false)) < 0)
        pthread_cond_wait(&f->changed, &f->lock);
    f->jobs[at] = j;
    pthread_cond_broadcast(&f->changed);
    if (f->error.status != GR_OK)
        status = gr_fail(err, f->error.status, "%s", f->error.text);
    pthread_mutex_unlock(&f->lock);
    return status;
}

/* Notes what is asked of all images together of one by method `m`. */
static gr_status note(gr_explain_folder *f, const gr_explanation *e, int m, gr_error *err)
{
    method_maps *maps = &f->maps[m];
    gr_sheet_image *image = &f->sheet[e->sample];
    double largest = f->look.same_scale ? gr_overlay_largest(e->map, (int64_t)e->size * e->size) : 0.0;
    if (maps->name == NULL && (maps->name = gr_arena_strdup(f->arena, e->method)) == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the table");
    maps->largest = largest > maps->largest ? largest : maps->largest;
    maps->is_signed = e->is_signed;
    f->size = e->size;
    *image = (gr_sheet_image){.name = f->names[e->sample],
                              .confidence = e->confidence,
                              .truth = f->look.truth != NULL ? f->look.truth[e->sample] : NULL};
    if (e->predicted != NULL && (image->predicted = gr_arena_strdup(f->arena, e->predicted)) == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the table");
    return f->means != NULL ? gr_means_add(f->means, m, e, err) : GR_OK;
}

gr_status gr_explain_folder_add(void *folder, const gr_explanation *e, gr_error *err)
{
    gr_explain_folder *f = folder;
    if (e->problem != NULL) {
        f->problems[e->sample] = gr_arena_strdup(f->arena, e->problem);
        return f->problems[e->sample] != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the table");
    }
    gr_status status = make(f, err);
    if (status != GR_OK)
        return status;
    const char **row = f->rows + e->sample * f->methods;
    while (*row != NULL)
        row++;
    if ((*row = row_of(f, e)) == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the table");
    status = note(f, e, (int)(row - f->rows - e->sample * f->methods), err);
    return status == GR_OK ? hand_over(f, e, err) : status;
}

const char *gr_explain_folder_problem(const gr_explain_folder *f, int64_t i)
{
    return f->problems[i];
}

/* ---- behind the last image
 * ------------------------------------------------------------------------------------------------ */

/* All pictures once more, now that the largest number of a method is known. */
static gr_status repaint(const gr_explain_folder *f, gr_error *err)
{
    gr_status status = GR_OK;
    for (int64_t i = 0; i < f->count; i++)
        for (int m = 0; status == GR_OK && m < f->methods && f->rows[i * f->methods + m] != NULL; m++) {
            gr_overlay as = f->as;
            as.scale = f->maps[m].largest;
            as.is_signed = f->maps[m].is_signed;
            status = gr_panels_repaint(&(gr_panels){f->dir, f->names[i], f->maps[m].name, f->size}, &as, err);
        }
    return status;
}

static gr_status write_sheet(const gr_explain_folder *f, gr_error *err)
{
    gr_sheet_image *images = gr_alloc((size_t)f->count, sizeof *images);
    const char **methods = gr_alloc((size_t)f->methods, sizeof *methods);
    gr_sheet sheet = {.dir = f->dir, .images = images, .methods = methods, .method_count = f->methods, .size = f->size};
    gr_status status = images != NULL && methods != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a contact sheet");
    for (int m = 0; status == GR_OK && m < f->methods; m++)
        methods[m] = f->maps[m].name;
    for (int64_t i = 0; status == GR_OK && i < f->count; i++)
        if (f->sheet[i].name != NULL)
            images[sheet.count++] = f->sheet[i];
    if (status == GR_OK && sheet.count > 0)
        status = gr_sheet_write(&sheet, err);
    gr_free(images);
    gr_free(methods);
    return status;
}

/* What was asked of all images together. */
static gr_status make_of_all(const gr_explain_folder *f, gr_error *err)
{
    gr_status status = f->look.same_scale ? repaint(f, err) : GR_OK;
    if (status == GR_OK && f->look.sheet)
        status = write_sheet(f, err);
    if (status == GR_OK && f->means != NULL && f->size > 0)
        status = gr_means_write(f->means, f->dir, &f->as, err);
    return status;
}

/* ---- the table
 * ---------------------------------------------------------------------------------------------------------------- */

gr_status gr_explain_folder_finish(gr_explain_folder *f, gr_error *err)
{
    bool broken = false;
    gr_text table = {0};
    end_threads(f);
    if (f->error.status != GR_OK)
        return gr_fail(err, f->error.status, "%s", f->error.text);
    gr_status status = make_of_all(f, err);
    if (status != GR_OK)
        return status;
    for (int64_t i = 0; i < f->count; i++)
        broken = broken || f->problems[i] != NULL;
    gr_text_printf(&table, "image,fold,class,probability,logit,method,layer,sum%s\n", broken ? ",error" : "");
    for (int64_t i = 0; i < f->count; i++) {
        if (f->problems[i] != NULL) {
            gr_csv_put(&table, f->images[i], ',');
            gr_text_printf(&table, ",,,,,,,");
            gr_csv_put(&table, f->problems[i], '\n');
        }
        for (int m = 0; m < f->methods && f->rows[i * f->methods + m] != NULL; m++) {
            gr_csv_put(&table, f->images[i], ',');
            gr_text_printf(&table, "%s%s\n", f->rows[i * f->methods + m], broken ? "," : "");
        }
    }
    status = make(f, err);
    char *path = gr_path_join(f->dir, "index.csv");
    if (status == GR_OK && (path == NULL || table.failed))
        status = gr_fail(err, GR_NOMEM, "no memory for the table");
    if (status == GR_OK)
        status = gr_file_write(path, table.data, table.size, err);
    gr_free(path);
    gr_text_free(&table);
    return status;
}
