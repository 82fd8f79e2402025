/* A checkpoint is a safetensors file: arrays as F32 tensors, the rest as one JSON note, and a note with the CRC-32 of both, for
 * a disk can hand back other bits than it was given. */
#include "learners/checkpoint.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

#include "formats/json.h"

static const char state_key[] = "grimace.checkpoint", crc_key[] = "crc32";
enum { FORMAT = 1 };

static uint32_t crc_of(uint32_t crc, const void *bytes, size_t size)
{
    return (uint32_t)crc32_z(crc, bytes, size);
}

static json_t *progress_to_json(const gr_progress *p)
{
    char fingerprint[32];
    snprintf(fingerprint, sizeof fingerprint, "%016llx", (unsigned long long)p->fingerprint);
    return json_pack("{s:i, s:s, s:b, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:f, s:I, s:I, s:I, s:f, s:o, s:s, s:I}", "format", FORMAT,
                     "fingerprint", fingerprint, "finished", p->finished, "epoch", (json_int_t)p->at.epoch, "step",
                     (json_int_t)p->at.step, "images", (json_int_t)p->at.images, "correct", (json_int_t)p->at.correct, "loss",
                     p->at.loss, "ce", p->at.ce, "prsc", p->at.prsc, "seconds", p->at.seconds, "optim_steps",
                     (json_int_t)p->optim_steps, "schedule_epoch", (json_int_t)p->schedule_epoch, "schedule_bad_epochs",
                     (json_int_t)p->schedule_bad_epochs, "schedule_lr", p->schedule_lr, "schedule_best",
                     gr_json_real(p->schedule_best), "metrics", p->metrics, "schedule_cooling",
                     (json_int_t)p->schedule_cooling);
}

static bool json_to_progress(const json_t *json, gr_progress *p, const char **metrics)
{
    json_int_t cooling = 0; /* which older checkpoints do not have */
    json_int_t epoch, step, images, correct, optim_steps, schedule_epoch, bad_epochs;
    const char *fingerprint;
    json_t *best;
    int format, finished;
    if (json_unpack((json_t *)json, "{s:i, s:s, s:b, s:I, s:I, s:I, s:I, s:F, s:F, s:F, s:F, s:I, s:I, s:I, s:F, s:o, s:s, s?:I}",
                    "format", &format, "fingerprint", &fingerprint, "finished", &finished, "epoch", &epoch, "step", &step,
                    "images", &images, "correct", &correct, "loss", &p->at.loss, "ce", &p->at.ce, "prsc", &p->at.prsc,
                    "seconds", &p->at.seconds, "optim_steps", &optim_steps, "schedule_epoch", &schedule_epoch,
                    "schedule_bad_epochs", &bad_epochs, "schedule_lr", &p->schedule_lr, "schedule_best", &best, "metrics",
                    metrics, "schedule_cooling", &cooling) != 0)
        return false;
    p->fingerprint = strtoull(fingerprint, NULL, 16);
    p->finished = finished != 0;
    p->at.epoch = epoch;
    p->at.step = step;
    p->at.images = images;
    p->at.correct = correct;
    p->optim_steps = optim_steps;
    p->schedule_epoch = schedule_epoch;
    p->schedule_bad_epochs = bad_epochs;
    p->schedule_cooling = cooling;
    p->schedule_best = json_is_number(best) ? json_number_value(best) : INFINITY;
    return format == FORMAT && epoch >= 0 && step >= 0 && images >= 0 && correct >= 0 && optim_steps >= 0;
}

static gr_status set_notes(gr_weights *weights, const gr_progress *progress, uint32_t crc, gr_error *err)
{
    gr_text text = {0};
    json_t *json = progress_to_json(progress);
    gr_json_line(&text, json);
    json_decref(json);
    gr_status status = text.failed ? gr_fail(err, GR_NOMEM, "no memory for the state") : GR_OK;
    char sum[16];
    if (status == GR_OK) {
        snprintf(sum, sizeof sum, "%08x", crc_of(crc, text.data, text.size));
        status = gr_weights_set_note(weights, state_key, text.data, err);
    }
    if (status == GR_OK)
        status = gr_weights_set_note(weights, crc_key, sum, err);
    gr_text_free(&text);
    return status;
}

gr_status gr_checkpoint_write(const char *path, const gr_progress *progress, const gr_floats *arrays, int count,
                              gr_error *err)
{
    gr_weights *weights = gr_weights_create();
    gr_status status = weights != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for its content");
    uint32_t crc = 0;
    for (int i = 0; i < count && status == GR_OK; i++) {
        if (arrays[i].count == 0)
            continue;
        int64_t size = (int64_t)arrays[i].count;
        gr_shape shape = gr_shape_make(1, &size);
        crc = crc_of(crc, arrays[i].data, arrays[i].count * sizeof(float));
        status = gr_weights_lend(weights, arrays[i].name, GR_F32, &shape, arrays[i].data, err);
    }
    if (status == GR_OK)
        status = set_notes(weights, progress, crc, err);
    if (status != GR_OK)
        gr_error_prefix(err, "%s", path);
    else
        status = gr_weights_write(path, weights, err);
    gr_weights_destroy(weights);
    return status;
}

gr_status gr_checkpoint_read(const char *path, gr_checkpoint *checkpoint, gr_error *err)
{
    *checkpoint = (gr_checkpoint){0};
    gr_status status = gr_weights_read(path, &checkpoint->weights, err);
    if (status != GR_OK)
        return status;
    const gr_weights *weights = checkpoint->weights;
    const char *state = gr_weights_note(weights, state_key), *sum = gr_weights_note(weights, crc_key);
    uint32_t crc = 0;
    for (int i = 0; i < gr_weights_count(weights); i++) {
        const gr_tensor *tensor = gr_weights_at(checkpoint->weights, i);
        crc = crc_of(crc, tensor->data, (size_t)gr_shape_elements(&tensor->shape) * gr_type_size(tensor->type));
    }
    json_t *json = state != NULL ? json_loads(state, 0, NULL) : NULL;
    const char *metrics = NULL;
    char expected[16];
    if (state != NULL)
        snprintf(expected, sizeof expected, "%08x", crc_of(crc, state, strlen(state)));
    bool good = sum != NULL && state != NULL && strcmp(sum, expected) == 0 &&
                json_to_progress(json, &checkpoint->progress, &metrics);
    if (good) {
        checkpoint->metrics = gr_strdup(metrics); /* a copy */
        checkpoint->progress.metrics = checkpoint->metrics;
    }
    json_decref(json);
    if (good && checkpoint->metrics != NULL)
        return GR_OK;
    gr_checkpoint_free(checkpoint);
    if (good)
        return gr_fail(err, GR_NOMEM, "%s: no memory for its content", path);
    return gr_fail(err, GR_INVALID,
                   "%s: is damaged or no checkpoint of this version of grimace; remove it to train this fold anew", path);
}

void gr_checkpoint_free(gr_checkpoint *checkpoint)
{
    gr_weights_destroy(checkpoint->weights);
    gr_free(checkpoint->metrics);
    *checkpoint = (gr_checkpoint){0};
}

gr_status gr_checkpoint_take(const gr_checkpoint *checkpoint, const char *path, const gr_floats *array, gr_error *err)
{
    if (array->count == 0)
        return GR_OK;
    const gr_tensor *tensor = gr_weights_find(checkpoint->weights, array->name);
    if (tensor == NULL || tensor->type != GR_F32 || (size_t)gr_shape_elements(&tensor->shape) != array->count)
        return gr_fail(err, GR_INVALID, "%s: holds no \"%s\" of %zu numbers, so it belongs to another run", path, array->name,
                       array->count);
    memcpy(array->data, tensor->data, array->count * sizeof(float));
    return GR_OK;
}
