/* Frames go through the models in pieces: as many as a quarter of a gigabyte holds, in whole batches, so that a frame's
 * numbers are those of its picture among the pictures of all. */
#include "grimace/predict_video.h"

#include <string.h>

#include "base/base.h"
#include "formats/csv.h"
#include "run/apply/guide.h"
#include "run/apply/predictor.h"

enum { BATCH = 32, MOST = 256 };
#define PIECE_BYTES ((size_t)256 << 20)

typedef struct piece {
    gr_image images[MOST];
    gr_video_frame frames[MOST];
    gr_sample samples[MOST];
    const char *names[MOST];
    int64_t count;
    float *predictions;
} piece;

static void empty(piece *p)
{
    for (int64_t i = 0; i < p->count; i++)
        gr_image_free(&p->images[i]);
    p->count = 0;
}

static int64_t capacity(const piece *p)
{
    size_t bytes = (size_t)p->images[0].width * (size_t)p->images[0].height * 3;
    int64_t fit = p->count > 0 ? (int64_t)(PIECE_BYTES / bytes) / BATCH * BATCH : MOST;
    return fit < BATCH ? BATCH : fit < MOST ? fit : MOST;
}

/* Fills the piece from time `*k` on; *more is false at the video's end. */
static gr_status fill(gr_video *video, gr_moment rate, int64_t *k, piece *p, bool *more, const volatile sig_atomic_t *stop,
                      gr_error *err)
{
    gr_status status = GR_OK;
    *more = true;
    while (status == GR_OK && *more && p->count < capacity(p)) {
        if (stop != NULL && *stop)
            return gr_fail(err, GR_INTERRUPTED, "stopped before the predictions were done");
        status = gr_video_at(video, gr_rate_time(rate, (gr_moment){0, 1}, *k), &p->frames[p->count], more, err);
        if (status == GR_OK && *more)
            status = gr_video_picture(video, &p->images[p->count], err);
        if (status == GR_OK && *more) {
            p->count++;
            ++*k;
        }
    }
    return status;
}

/* Rows of `table` without their first cell, the picture's name "f", which becomes video, time and frame. */
static void put_rows(const char *path, const piece *p, const gr_text *table, gr_text *out)
{
    const char *line = table->data;
    out->failed = out->failed || table->failed;
    if (line == NULL || out->failed)
        return;
    const char *end = strchr(line, '\n');
    if (out->size == 0)
        gr_text_printf(out, "video,time,frame%.*s\n", (int)(end - line - 5), line + 5); /* behind "image" */
    for (int64_t i = 0; i < p->count && end != NULL && !out->failed; i++) {
        line = end + 1;
        end = strchr(line, '\n');
        gr_csv_put(out, path, ',');
        gr_text_printf(out, "%.6f,%lld%.*s\n", p->frames[i].time, (long long)p->frames[i].number,
                       end != NULL ? (int)(end - line - 1) : 0, line + 1);
    }
}

/* Where the models want those of a run first. */
static gr_status find_landmarks(const gr_predictor *predictor, const char *path, piece *p, gr_arena *arena,
                                const volatile sig_atomic_t *stop, gr_error *err)
{
    const char *problems[MOST] = {0};
    const gr_model_files *files = gr_predictor_files(predictor);
    const gr_guide_images images = {
        .count = p->count, .samples = p->samples, .problems = problems, .all = true, .arena = arena, .stop = stop};
    gr_status status = gr_guide_ready(&files->card, files->first, &images, err);
    for (int64_t i = 0; status == GR_OK && i < p->count; i++)
        if (problems[i] != NULL)
            status = gr_fail(err, GR_INVALID, "%s: frame %lld: %s", path, (long long)p->frames[i].number, problems[i]);
    return status;
}

static gr_status predict(gr_predictor *predictor, const char *path, piece *p, const volatile sig_atomic_t *stop,
                         gr_text *out, gr_error *err)
{
    if (p->count == 0)
        return GR_OK;
    for (int64_t i = 0; i < p->count; i++) {
        p->samples[i] = (gr_sample){.path = path, .image = &p->images[i]};
        p->names[i] = "f";
    }
    gr_arena *arena = gr_arena_create();
    gr_status status = arena != NULL ? find_landmarks(predictor, path, p, arena, stop, err)
                                     : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    if (status == GR_OK)
        status = gr_predictor_run(predictor, p->samples, p->count, p->predictions, stop, err);
    gr_arena_destroy(arena);
    gr_text table = {0};
    if (status == GR_OK) {
        gr_predictor_csv(predictor, p->names, p->count, p->predictions, NULL, &table);
        put_rows(path, p, &table, out);
        if (out->failed)
            status = gr_fail(err, GR_NOMEM, "no memory for the predictions");
    }
    gr_text_free(&table);
    return status;
}

/* Of an open video. */
static gr_status predict_all(gr_predictor *predictor, gr_video *video, const char *path, gr_moment rate, piece *p,
                             const volatile sig_atomic_t *stop, gr_text *out, int64_t *frames, gr_error *err)
{
    gr_status status = GR_OK;
    bool more = true;
    for (int64_t k = 0; status == GR_OK && more;) {
        status = fill(video, rate, &k, p, &more, stop, err);
        if (status != GR_OK && status != GR_FAILED)
            break;
        gr_error broken = {0}, *told = status == GR_FAILED ? &broken : err;
        gr_status predicted = predict(predictor, path, p, stop, out, told);
        if (predicted == GR_OK)
            *frames += p->count;
        else if (status == GR_FAILED)
            *err = broken;
        status = predicted != GR_OK ? predicted : status;
        empty(p);
    }
    return status;
}

gr_status gr_predictor_video(gr_predictor *predictor, const char *path, gr_moment rate, const gr_video_options *options,
                             const volatile sig_atomic_t *stop, gr_text *out, int64_t *frames, gr_text *notices,
                             gr_error *err)
{
    *frames = 0;
    gr_video *video;
    gr_status status = gr_video_open(path, options, &video, err);
    if (status != GR_OK)
        return status;
    piece *p = gr_alloc(1, sizeof *p);
    if (p != NULL)
        p->predictions = gr_alloc(MOST * gr_predictor_width(predictor), sizeof *p->predictions);
    if (p == NULL || p->predictions == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for the predictions");
    else
        status = predict_all(predictor, video, path, rate, p, stop, out, frames, err);
    const char *said = gr_video_notices(video);
    gr_text_add(notices, said, strlen(said));
    if (p != NULL) {
        empty(p);
        gr_free(p->predictions);
    }
    gr_free(p);
    gr_video_close(video);
    return status;
}
