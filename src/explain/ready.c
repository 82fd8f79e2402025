#include "explain/ready.h"

#include <string.h>

#include "run/apply/guide.h"

/* Copies of the samples with their maps. */
static gr_status guide(const gr_card *card, const char *path, int64_t count, const volatile sig_atomic_t *stop,
                       gr_ready *out, gr_error *err)
{
    const char **paths = gr_arena_alloc(out->arena, (size_t)count, sizeof *paths);
    out->own = gr_arena_alloc(out->arena, (size_t)count, sizeof *out->own);
    if (paths == NULL || out->own == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the images");
    memcpy(out->own, out->samples, (size_t)count * sizeof *out->own);
    for (int64_t i = 0; i < count; i++)
        paths[i] = out->own[i].path;
    out->samples = out->own;
    const gr_guide_images images = {.count = count,
                                    .samples = out->own,
                                    .names = paths,
                                    .paths = paths,
                                    .problems = out->problems,
                                    .all = true,
                                    .arena = out->arena,
                                    .stop = stop};
    return gr_guide_ready(card, path, &images, err);
}

gr_status gr_ready_open(const gr_card *card, const char *path, const gr_sample *samples, int64_t count,
                        const volatile sig_atomic_t *stop, gr_ready *out, gr_error *err)
{
    *out = (gr_ready){.arena = gr_arena_create(), .samples = samples};
    out->problems = out->arena != NULL ? gr_arena_alloc(out->arena, (size_t)count, sizeof *out->problems) : NULL;
    if (out->problems == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the images");
    for (int64_t i = 0; i < count; i++)
        out->problems[i] = NULL;
    return card->guide.upright != NULL ? guide(card, path, count, stop, out, err) : GR_OK;
}

void gr_ready_close(gr_ready *ready)
{
    gr_arena_destroy(ready->arena);
    *ready = (gr_ready){0};
}
