/* Scenes on disk: pictures or films rendered in parallel, the table of boxes last, so that a folder with a table is whole.
 */
#include "synth/cage_private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "grimace/image.h"
#include "video/avi_write.h"

enum { QUALITY = 92, BATCH = 32 };

typedef struct job {
    const gr_cage_plan *plan;
    const char *folder;
    gr_cage_truth (*truth)[GR_CAGE_RATS]; /* of every view */
    /* Of the views that are being rendered. */
    int first, room;
    uint8_t **bytes;
    size_t *size;
    gr_error *errors;
} job;

/* Views that lie in one file. */
static int views_of_file(const gr_cage_plan *plan)
{
    return plan->frames > 0 ? plan->frames : 1;
}

/* Below the folder. */
static void file_name(const gr_cage_view *view, char name[96])
{
    if (view->frame < 0)
        snprintf(name, 96, "images/cage%d_s%d_%d.jpg", view->cage, view->session, view->index);
    else
        snprintf(name, 96, "videos/rat%d_s%d_%d.avi", view->rat[0].animal, view->session, view->index);
}

/* ---- rendering ---- */

static void render_one(void *ctx, int64_t index, int thread)
{
    (void)thread;
    job *j = ctx;
    const gr_cage_plan *plan = j->plan;
    gr_error *err = &j->errors[index];
    gr_image image = {0};
    gr_status status = gr_image_make(plan->width, plan->height, &image, err);
    if (status == GR_OK)
        status = gr_cage_render(&plan->views[j->first + index], plan->width, plan->height, image.pixels,
                                j->truth[j->first + index], err);
    if (status == GR_OK)
        status = gr_jpeg_encode(&image, QUALITY, &j->bytes[index], &j->size[index], err);
    err->status = status;
    gr_image_free(&image);
}

static gr_status write_bytes(const job *j, const gr_cage_view *view, const void *bytes, size_t size, gr_error *err)
{
    char name[96];
    file_name(view, name);
    char *path = gr_path_join(j->folder, name);
    gr_status status = path != NULL ? gr_file_put(path, bytes, size, err) : gr_fail(err, GR_NOMEM, "no memory for a path");
    gr_free(path);
    return status;
}

static gr_status write_film(const job *j, int count, gr_error *err)
{
    const gr_cage_plan *plan = j->plan;
    gr_text film = {0};
    gr_status status = gr_avi_encode((const uint8_t *const *)j->bytes, j->size, count, plan->width, plan->height,
                                     (uint32_t)lroundf(plan->rate * 1000), 1000, &film, err);
    if (status == GR_OK)
        status = write_bytes(j, &plan->views[j->first], film.data, film.size, err);
    gr_text_free(&film);
    return status;
}

/* Renders n views from j->first on and writes their files. */
static gr_status do_batch(job *j, int n, gr_error *err)
{
    gr_status status = GR_OK;
    memset(j->errors, 0, (size_t)n * sizeof(*j->errors));
    memset(j->bytes, 0, (size_t)n * sizeof(*j->bytes));
    gr_parallel_for(n, render_one, j);
    for (int i = 0; status == GR_OK && i < n; i++)
        if (j->errors[i].status != GR_OK)
            status = gr_fail(err, j->errors[i].status, "%s", j->errors[i].text);
    if (status == GR_OK && j->plan->frames > 0)
        status = write_film(j, n, err);
    for (int i = 0; status == GR_OK && j->plan->frames == 0 && i < n; i++)
        status = write_bytes(j, &j->plan->views[j->first + i], j->bytes[i], j->size[i], err);
    for (int i = 0; i < n; i++)
        gr_image_bytes_free(j->bytes[i]);
    return status;
}

static gr_status render_all(job *j, gr_synth_progress progress, void *ctx, int *begun, gr_error *err)
{
    int total = j->plan->count;
    for (j->first = 0; j->first < total; j->first += j->room) {
        int n = total - j->first < j->room ? total - j->first : j->room;
        *begun = j->first + n;
        gr_status status = do_batch(j, n, err);
        if (status != GR_OK)
            return status;
        if (progress != NULL && !progress(ctx, j->first + n, total))
            return gr_fail(err, GR_INTERRUPTED, "%s: stopped after %d of %d pictures", j->folder, j->first + n, total);
    }
    return GR_OK;
}

/* ---- tables ---- */

static void put_boxes_header(gr_text *out)
{
    for (int part = 0; part < GR_CAGE_PARTS; part++)
        for (int i = 0; i < 4; i++)
            gr_text_printf(out, ",%s_%c", gr_cage_part_name((gr_cage_part)part), "xywh"[i]);
}

/* Boxes as they are cut out: whole pixels within the picture. */
static void put_boxes(gr_text *out, const gr_cage_plan *plan, const gr_cage_truth *truth, gr_cage_counts *counts)
{
    for (int part = 0; part < GR_CAGE_PARTS; part++) {
        const gr_cage_box *b = &truth->box[part];
        if (!b->seen) {
            gr_text_printf(out, ",,,,");
            continue;
        }
        int left = gr_floor(b->x), top = gr_floor(b->y), right = (int)ceilf(b->x + b->w), bottom = (int)ceilf(b->y + b->h);
        right = right < plan->width ? right : plan->width;
        bottom = bottom < plan->height ? bottom : plan->height;
        gr_text_printf(out, ",%d,%d,%d,%d", left, top, right - left, bottom - top);
        counts->part[part]++;
    }
}

static void put_lead(gr_text *out, const gr_cage_plan *plan, const gr_cage_view *view)
{
    char name[96];
    file_name(view, name);
    if (plan->frames > 0)
        gr_text_printf(out, "%s,%d,%.6f", name, view->frame, (double)((float)view->frame / plan->rate));
    else
        gr_text_printf(out, "%s", name);
    gr_text_printf(out, ",cage%d,s%d", view->cage, view->session);
}

/* Rows of one view: one for each face, or one without. */
static void put_view(gr_text *out, const job *j, int index, gr_cage_counts *counts)
{
    const gr_cage_plan *plan = j->plan;
    const gr_cage_view *view = &plan->views[index];
    int faces = 0;
    for (int i = 0; i < view->rats; i++) {
        const gr_cage_rat *rat = &view->rat[i];
        const gr_cage_truth *truth = &j->truth[index][i];
        if (!truth->box[GR_CAGE_FACE].seen)
            continue;
        put_lead(out, plan, view);
        gr_text_printf(out, ",rat%d,%d,%d", rat->animal, rat->score > 0, rat->score);
        put_boxes(out, plan, truth, counts);
        gr_text_printf(out, ",%.2f", (double)truth->open);
        for (int au = 0; au < GR_SYNTH_AUS; au++)
            gr_text_printf(out, ",%d", rat->level[au]);
        gr_text_printf(out, ",%.2f,%.2f,%.2f\n", (double)rat->params.yaw, (double)rat->params.pitch,
                       (double)rat->params.roll);
        faces++;
    }
    counts->pictures++;
    counts->faces += faces;
    if (faces > 0)
        return;
    counts->empty++;
    put_lead(out, plan, view);
    gr_text_printf(out, ",,,");
    for (int i = 0; i < 4 * GR_CAGE_PARTS + 1 + GR_SYNTH_AUS + 3; i++)
        gr_text_printf(out, ",");
    gr_text_printf(out, "\n");
}

static gr_status write_text(const char *path, gr_text *text, gr_error *err)
{
    gr_status status = text->failed ? gr_fail(err, GR_NOMEM, "%s: no memory to write it", path)
                                    : gr_file_write(path, text->data, text->size, err);
    gr_text_free(text);
    return status;
}

static gr_status write_manifest(const job *j, const char *path, gr_cage_counts *counts, gr_error *err)
{
    gr_text out = {0};
    gr_text_printf(&out, "%s,cage,session,animal,pain,score", j->plan->frames > 0 ? "video,frame,time" : "image");
    put_boxes_header(&out);
    gr_text_printf(&out, ",open,au_orbital,au_ear,au_nose_cheek,au_whisker,yaw,pitch,roll\n");
    for (int i = 0; i < j->plan->count; i++)
        put_view(&out, j, i, counts);
    return write_text(path, &out, err);
}

/* The films with what is known of each: what `data frames --table` reads. */
static gr_status write_films(const job *j, gr_error *err)
{
    char *path = gr_path_join(j->folder, "videos/videos.csv");
    gr_text out = {0};
    gr_text_printf(&out, "video,cage,session,animal,pain,score\n");
    for (int i = 0; i < j->plan->count; i += j->plan->frames) {
        const gr_cage_view *view = &j->plan->views[i];
        const gr_cage_rat *rat = &view->rat[0];
        char name[96];
        file_name(view, name);
        gr_text_printf(&out, "%s,cage%d,s%d,rat%d,%d,%d\n", strchr(name, '/') + 1, view->cage, view->session, rat->animal,
                       rat->score > 0, rat->score);
    }
    gr_status status = path != NULL ? write_text(path, &out, err) : gr_fail(err, GR_NOMEM, "no memory for a path");
    gr_text_free(&out);
    gr_free(path);
    return status;
}

/* ---- the folder ---- */

/* Calls visit with the path of each file of the set's first `count` views. */
static gr_status each_file(const job *j, int count, gr_status (*visit)(const char *path, gr_error *err), gr_error *err)
{
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < count; i += views_of_file(j->plan)) {
        char name[96];
        file_name(&j->plan->views[i], name);
        char *path = gr_path_join(j->folder, name);
        status = path != NULL ? visit(path, err) : gr_fail(err, GR_NOMEM, "no memory for a path");
        gr_free(path);
    }
    return status;
}

static gr_status must_be_new(const char *path, gr_error *err)
{
    return gr_path_exists(path) ? gr_fail(err, GR_INVALID, "%s: is there already; --force overwrites it", path) : GR_OK;
}

static gr_status take_away(const char *path, gr_error *err)
{
    (void)err;
    (void)unlink(path);
    return GR_OK;
}

/* Room for the batch; a film is one. */
static bool make_room(job *j)
{
    j->room = j->plan->frames > 0 ? j->plan->frames : BATCH;
    j->truth = gr_alloc((size_t)j->plan->count, sizeof(*j->truth));
    j->bytes = gr_alloc((size_t)j->room, sizeof(*j->bytes));
    j->size = gr_alloc((size_t)j->room, sizeof(*j->size));
    j->errors = gr_alloc((size_t)j->room, sizeof(*j->errors));
    return j->truth != NULL && j->bytes != NULL && j->size != NULL && j->errors != NULL;
}

/* What is there already is refused, folders are made, and while files are replaced no table describes them. */
static gr_status prepare(const job *j, const char *table, bool force, gr_error *err)
{
    gr_status status = force ? GR_OK : must_be_new(table, err);
    if (status == GR_OK && !force)
        status = each_file(j, j->plan->count, must_be_new, err);
    char *below = gr_path_join(j->folder, j->plan->frames > 0 ? "videos" : "images");
    if (status == GR_OK)
        status = below != NULL ? gr_make_folders(below, err) : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK && unlink(table) != 0 && errno != ENOENT)
        status = gr_fail(err, GR_INVALID, "%s: cannot be replaced: %s", table, strerror(errno));
    gr_free(below);
    return status;
}

gr_status gr_cage_write(const gr_cage_plan *plan, const char *folder, bool force, gr_synth_progress progress, void *ctx,
                        gr_cage_counts *counts, gr_error *err)
{
    job j = {.plan = plan, .folder = folder};
    int begun = 0;
    *counts = (gr_cage_counts){0};
    char *table = gr_path_join(folder, plan->frames > 0 ? "boxes.csv" : "manifest.csv");
    gr_status status = table != NULL && make_room(&j)
                           ? prepare(&j, table, force, err)
                           : gr_fail(err, GR_NOMEM, "%s: no memory for %d pictures", folder, plan->count);
    if (status == GR_OK)
        status = render_all(&j, progress, ctx, &begun, err);
    if (status == GR_OK && plan->frames > 0)
        status = write_films(&j, err);
    if (status == GR_OK)
        status = gr_files_sync(folder, err);
    if (status == GR_OK)
        status = write_manifest(&j, table, counts, err);
    /* A set that was not finished leaves nothing behind. */
    gr_error ignored = {0};
    if (status != GR_OK && begun > 0)
        (void)each_file(&j, begun, take_away, &ignored);
    gr_free(j.truth);
    gr_free(j.bytes);
    gr_free(j.size);
    gr_free(j.errors);
    gr_free(table);
    return status;
}
