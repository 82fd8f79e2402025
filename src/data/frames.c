/* One video after the other, its windows side by side in time: the frame of the next time is looked at, judged and handed to
 * the threads that write pictures. */
#include "grimace/frames.h"

#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "data/frame_table.h"
#include "data/picture_writer.h"

typedef struct extraction {
    const gr_frames_options *o;
    gr_frames_report *report;
    gr_error *err;
    gr_frame_plan plan;
    gr_picture_writer *writer;
    char *manifest, *images; /* paths */
    gr_atomic_file rows;
    gr_text line;
    uint8_t *kept; /* the brightness of the last kept picture of this video, [kept_count]; NULL: none yet */
    size_t kept_count;
    int broken; /* videos that are damaged or cut off */
    gr_error first_break;
} extraction;

static gr_status no_memory(const extraction *x)
{
    return gr_fail(x->err, GR_NOMEM, "%s: no memory for its frames", x->o->out);
}

/* ---- before anything is written
 * -------------------------------------------------------------------------------------------- */

static gr_status look_at_folder(const extraction *x)
{
    if (!gr_path_exists(x->o->out))
        return GR_OK;
    if (!gr_is_folder(x->o->out))
        return gr_fail(x->err, GR_INVALID, "%s: is no folder; the name of a new one would be right", x->o->out);
    if (x->o->force)
        return GR_OK;
    return !gr_folder_holds(x->o->out)
               ? GR_OK
               : gr_fail(x->err, GR_INVALID, "%s: holds files already; a new folder would be right, or --force", x->o->out);
}

/* The sentence of a video that the table names begins with where. */
static void tell_line(const extraction *x, int video)
{
    const gr_frame_window *w = &x->plan.windows[x->plan.videos[video].first];
    if (w->row >= 0)
        gr_error_prefix(x->err, "%s:%lld: video", x->o->table, (long long)x->plan.csv->line[w->row]);
}

static gr_status open_video(const extraction *x, int number, gr_video **video)
{
    gr_status status = gr_video_open(x->plan.videos[number].path, &x->o->video, video, x->err);
    if (status != GR_OK)
        tell_line(x, number);
    return status;
}

/* A name that is wrong is found before hours of work: all but the last are closed again. *last GIVES. */
static gr_status try_videos(const extraction *x, gr_video **first)
{
    *first = NULL;
    for (int i = x->plan.video_count - 1; i >= 0; i--) {
        gr_status status = open_video(x, i, first);
        if (status != GR_OK || i == 0)
            return status;
        gr_video_close(*first);
        *first = NULL;
    }
    return GR_OK;
}

static gr_status begin_manifest(extraction *x)
{
    if (x->manifest == NULL || x->images == NULL)
        return no_memory(x);
    gr_status status = gr_make_folders(x->images, x->err);
    if (status == GR_OK && x->o->force && gr_path_exists(x->manifest) && unlink(x->manifest) != 0)
        status = gr_fail(x->err, GR_INVALID, "%s: cannot be replaced", x->manifest);
    if (status == GR_OK)
        status = gr_atomic_begin(&x->rows, x->manifest, x->err);
    if (status != GR_OK)
        return status;
    gr_text_printf(&x->line, "image,video,time,frame");
    for (int i = 0; i < x->plan.carried_count; i++) {
        gr_text_add(&x->line, ",", 1);
        gr_csv_put_joined(&x->line, "", x->plan.csv->header[x->plan.carried[i]]);
    }
    gr_text_add(&x->line, "\n", 1);
    if (x->line.failed)
        return no_memory(x);
    fwrite(x->line.data, 1, x->line.size, x->rows.stream);
    return GR_OK;
}

/* ---- one picture
 * ----------------------------------------------------------------------------------------------------------- */

/* Is the picture worth keeping? Counts why not. */
static gr_status judge(extraction *x, const gr_image *image, bool *keep)
{
    const gr_frames_options *o = x->o;
    bool exposed = o->exposure[0] > 0 || o->exposure[1] > 0;
    *keep = true;
    if (!exposed && o->sharp <= 0 && o->different <= 0)
        return GR_OK;
    uint8_t *grey;
    gr_status status = gr_image_grey(image, &grey, x->err);
    if (status != GR_OK)
        return status;
    size_t count = (size_t)image->width * (size_t)image->height;
    double mean = exposed ? gr_grey_mean(grey, count) : 0;
    int64_t *why = NULL;
    if (exposed && (mean < o->exposure[0] || mean > o->exposure[1]))
        why = &x->report->dark;
    else if (o->sharp > 0 && gr_grey_sharpness(grey, image->width, image->height) < o->sharp)
        why = &x->report->blurred;
    else if (o->different > 0 && x->kept != NULL && x->kept_count == count &&
             gr_grey_difference(grey, x->kept, count) < o->different)
        why = &x->report->same;
    if (why != NULL) {
        ++*why;
        *keep = false;
        gr_free(grey);
        return GR_OK;
    }
    gr_free(x->kept);
    x->kept = grey;
    x->kept_count = count;
    return GR_OK;
}

static gr_status put_row(extraction *x, const gr_frame_source *source, const gr_frame_window *w, const gr_video_frame *frame,
                         const char *name)
{
    gr_text *line = &x->line;
    line->size = 0;
    gr_csv_put(line, name, ',');
    gr_csv_put(line, source->name, ',');
    gr_text_printf(line, "%.6f,%lld", frame->time, (long long)frame->number);
    for (int i = 0; i < x->plan.carried_count; i++) {
        gr_text_add(line, ",", 1);
        gr_csv_put_joined(line, "", gr_csv_field(x->plan.csv, w->row, x->plan.carried[i]));
    }
    gr_text_add(line, "\n", 1);
    if (line->failed)
        return no_memory(x);
    fwrite(line->data, 1, line->size, x->rows.stream); /* a short write shows at commit */
    return GR_OK;
}

/* Picture number `number` of the video. */
static gr_status keep_picture(extraction *x, gr_video *video, const gr_frame_source *source, const gr_frame_window *w,
                              const gr_video_frame *frame, int64_t number)
{
    gr_image image;
    bool keep;
    gr_status status = gr_video_picture(video, &image, x->err);
    if (status == GR_OK)
        status = judge(x, &image, &keep);
    if (status != GR_OK || !keep) {
        gr_image_free(&image);
        return status;
    }
    gr_text name = {0};
    gr_text_printf(&name, "images/%s_%06lld.%s", source->stem, (long long)number, x->o->jpg > 0 ? "jpg" : "png");
    char *path = name.failed ? NULL : gr_path_join(x->o->out, name.data);
    if (path != NULL)
        status = gr_picture_writer_add(x->writer, path, &image, x->err);
    else
        status = no_memory(x);
    if (status == GR_OK)
        status = put_row(x, source, w, frame, name.data);
    x->report->written += status == GR_OK;
    gr_image_free(&image);
    gr_free(path);
    gr_text_free(&name);
    return status;
}

/* ---- one video
 * ------------------------------------------------------------------------------------------------------------- */

/* The window whose next time comes first, -1 when all are through. steps[count]: the times that each had. */
static int next_window(const gr_frame_plan *plan, const gr_frame_source *source, const int64_t *steps, gr_moment *at)
{
    int best = -1;
    for (int i = 0; i < source->count; i++) {
        const gr_frame_window *w = &plan->windows[source->first + i];
        if (best >= 0 && gr_moment_compare(w->start, *at) >= 0)
            break; /* those behind begin later still */
        gr_moment next = gr_rate_time(w->rate, w->start, steps[i]);
        if (w->end.den != 0 && gr_moment_compare(next, w->end) >= 0)
            continue;
        if (best < 0 || gr_moment_compare(next, *at) < 0) {
            best = i;
            *at = next;
        }
    }
    return best;
}

static void tell_progress(const extraction *x, int number, const gr_video *video, double done)
{
    if (x->o->progress == NULL)
        return;
    const gr_frames_progress at = {.video = number + 1,
                                   .videos = x->plan.video_count,
                                   .name = x->plan.videos[number].name,
                                   .done = done,
                                   .total = gr_video_seconds(video),
                                   .written = x->report->written};
    x->o->progress(x->o->progress_ctx, &at);
}

/* Remembers the first video that breaks off; the others go on. */
static gr_status note_break(extraction *x, int number)
{
    tell_line(x, number);
    if (x->broken++ == 0)
        x->first_break = *x->err;
    *x->err = (gr_error){0};
    return GR_OK;
}

/* `steps` are zeros. */
static gr_status take_times(extraction *x, int number, gr_video *video, int64_t *steps)
{
    const gr_frame_source *source = &x->plan.videos[number];
    int64_t last = -1;
    gr_moment at;
    for (int64_t k = 0;; k++) {
        int i = next_window(&x->plan, source, steps, &at);
        if (i < 0)
            return GR_OK;
        if (x->o->stop != NULL && *x->o->stop)
            return gr_fail(x->err, GR_INTERRUPTED, "%s: stopped after %lld pictures; there is no manifest of them",
                           x->o->out, (long long)x->report->written);
        gr_video_frame frame;
        bool there;
        gr_status status = gr_video_at(video, at, &frame, &there, x->err);
        if (status == GR_FAILED)
            return note_break(x, number);
        if (status != GR_OK || !there)
            return status;
        steps[i]++;
        x->report->times++;
        x->report->again += frame.number == last;
        last = frame.number;
        status = keep_picture(x, video, source, &x->plan.windows[source->first + i], &frame, k);
        if (status != GR_OK)
            return status;
        tell_progress(x, number, video, frame.time);
    }
}

/* `video` is TAKEN. */
static gr_status take_video(extraction *x, int number, gr_video *video)
{
    const gr_frame_source *source = &x->plan.videos[number];
    int64_t *steps = gr_alloc((size_t)source->count, sizeof *steps);
    gr_status status = steps != NULL ? take_times(x, number, video, steps) : no_memory(x);
    for (int i = 0; status == GR_OK && i < source->count; i++)
        if (steps[i] == 0)
            gr_text_printf(&x->report->notices, "%s:%lld: begins behind the last frame of %s: no picture\n", x->o->table,
                           (long long)x->plan.csv->line[x->plan.windows[source->first + i].row], source->name);
    const char *said = gr_video_notices(video);
    gr_text_add(&x->report->notices, said, strlen(said));
    x->report->videos += status == GR_OK;
    gr_free(steps);
    gr_free(x->kept);
    x->kept = NULL;
    gr_video_close(video);
    return status;
}

static gr_status take_all(extraction *x, gr_video **first)
{
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < x->plan.video_count; i++) {
        gr_video *video = i == 0 ? *first : NULL;
        *first = NULL;
        if (i > 0)
            status = open_video(x, i, &video);
        if (status == GR_OK)
            status = take_video(x, i, video);
    }
    if (status == GR_OK)
        status = gr_picture_writer_finish(x->writer, x->err);
    if (status == GR_OK)
        status = gr_files_sync(x->images, x->err);
    return status;
}

/* ---- all of it
 * ------------------------------------------------------------------------------------------------------------- */

static gr_status extract(extraction *x)
{
    gr_video *first = NULL;
    int threads = x->o->video.threads > 0 ? x->o->video.threads : gr_threads_get();
    const gr_frame_wish wish = {x->o->videos, x->o->video_count, x->o->table, x->o->rate, x->o->rate_by};
    gr_status status = gr_frame_plan_make(&wish, &x->plan, x->err);
    if (status == GR_OK)
        status = look_at_folder(x);
    if (status == GR_OK)
        status = try_videos(x, &first);
    if (status == GR_OK)
        status = gr_picture_writer_create(threads, x->o->jpg, &x->writer, x->err);
    if (status == GR_OK)
        status = begin_manifest(x);
    if (status == GR_OK)
        status = take_all(x, &first);
    gr_video_close(first);
    gr_picture_writer_destroy(x->writer);
    if (status == GR_OK)
        status = gr_atomic_commit(&x->rows, x->err);
    if (status == GR_OK && x->broken > 0)
        status = x->broken == 1
                     ? gr_fail(x->err, GR_FAILED, "%s", x->first_break.text)
                     : gr_fail(x->err, GR_FAILED, "%s (the first of %d such videos)", x->first_break.text, x->broken);
    return status;
}

gr_status gr_frames_extract(const gr_frames_options *options, gr_frames_report *report, gr_error *err)
{
    *report = (gr_frames_report){0};
    extraction x = {.o = options, .report = report, .err = err};
    x.manifest = gr_path_join(options->out, "manifest.csv");
    x.images = gr_path_join(options->out, "images");
    gr_status status = extract(&x);
    gr_atomic_abort(&x.rows);
    gr_text_free(&x.line);
    gr_free(x.manifest);
    gr_free(x.images);
    gr_free(x.kept);
    gr_frame_plan_free(&x.plan);
    return status;
}

void gr_frames_report_free(gr_frames_report *report)
{
    gr_text_free(&report->notices);
    *report = (gr_frames_report){0};
}
