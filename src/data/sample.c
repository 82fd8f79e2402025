/* A sample's way from its file to the cache. */
#include "data/sample.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "image/warp.h"

static gr_status copy_image(const gr_image *in, gr_image *out, gr_error *err)
{
    gr_status status = gr_image_make(in->width, in->height, out, err);
    if (status == GR_OK)
        memcpy(out->pixels, in->pixels, (size_t)in->width * (size_t)in->height * 3);
    return status;
}

gr_status gr_sample_picture(const gr_sample *s, bool fast_dct, gr_image *out, gr_error *err)
{
    return s->image != NULL ? copy_image(s->image, out, err) : gr_image_read_by(s->path, fast_dct, out, err);
}

/* Leaves the sample's box of the image, or what the cutter finds. */
static gr_status cut_out(const gr_sample_road *l, const gr_sample *s, gr_cached_image *out, gr_error *err)
{
    double box[4];
    memcpy(box, s->box, sizeof box);
    gr_image cut = {0};
    gr_status status = s->has_box ? GR_OK : l->cutter->cut(l->cutter->ctx, &out->image, box, err);
    if (status == GR_OK)
        status = gr_image_crop(&out->image, box, &cut, err);
    gr_image_free(&out->image);
    out->image = cut;
    out->origin.map = gr_map_shift(-rint(box[0]), -rint(box[1])); /* as gr_image_crop rounds */
    return status;
}

/* Leaves the square that the sample's map takes from the image. */
static gr_status turn(const gr_sample *s, gr_cached_image *out, gr_error *err)
{
    gr_image turned = {0};
    gr_status status = gr_image_warp(&out->image, &s->map, s->side, s->side, &turned, err);
    gr_image_free(&out->image);
    out->image = turned;
    out->origin.map = s->map;
    return status;
}

gr_status gr_sample_decode(const gr_sample_road *l, const gr_sample *s, gr_cached_image *out, gr_error *err)
{
    gr_image *image = &out->image;
    gr_status status = gr_sample_picture(s, l->fast_dct, image, err);
    out->origin = (gr_origin){.width = image->width, .height = image->height, .map = gr_map_identity()};
    if (status == GR_OK && (s->side > 0 || s->has_box || l->cutter != NULL)) {
        status = s->side > 0 ? turn(s, out, err) : cut_out(l, s, out, err);
        if (status != GR_OK)
            gr_error_prefix(err, "%s", s->path);
    }
    if (status == GR_OK) {
        status = gr_transforms_prepare(l->list, l->fixed, image, &out->origin.map, err);
        if (status != GR_OK)
            gr_error_prefix(err, "%s: %s", s->path, l->list_key);
    }
    if (status != GR_OK)
        gr_image_free(image);
    return status;
}

static const char *key_text(gr_arena *arena, const gr_sample *s, const char *before, const char *cutter)
{
    const gr_map *m = &s->map;
    if (s->side > 0)
        return gr_arena_printf(arena, "%s| %d %.17g %.17g %.17g %.17g %.17g %.17g |%s", before, s->side, m->xx, m->xy, m->x, m->yx,
                               m->yy, m->y, s->path);
    if (s->has_box)
        return gr_arena_printf(arena, "%s| %.17g %.17g %.17g %.17g |%s", before, s->box[0], s->box[1], s->box[2], s->box[3],
                               s->path);
    return gr_arena_printf(arena, "%s|%s|%s", before, cutter, s->path);
}

gr_status gr_sample_keys(const gr_sample_road *l, const gr_sample *samples, int64_t count, gr_arena **arena, gr_cache_key **out,
                         gr_error *err)
{
    gr_text fixed = {0};
    char cutter[24] = "";
    if (l->fast_dct)
        gr_text_printf(&fixed, "fast_dct ");
    for (int i = 0; i < l->fixed; i++)
        gr_text_printf(&fixed, "%s %.17g %.17g %.17g %.17g ", gr_transform_name(l->list[i].kind), l->list[i].a, l->list[i].b,
                       l->list[i].c, l->list[i].d);
    if (l->cutter != NULL)
        snprintf(cutter, sizeof cutter, "%016llx", (unsigned long long)l->cutter->key);
    *arena = gr_arena_create();
    *out = gr_alloc((size_t)count, sizeof **out);
    bool good = !fixed.failed && *arena != NULL && *out != NULL;
    for (int64_t i = 0; i < count && good; i++) {
        const gr_sample *s = &samples[i];
        gr_cache_key *key = &(*out)[i];
        const char *before = fixed.data != NULL ? fixed.data : "";
        key->text = key_text(*arena, s, before, cutter);
        good = key->text != NULL;
        if (good)
            key->hash = gr_hash_text(0, key->text);
    }
    gr_text_free(&fixed);
    return good ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a loader of %lld samples", (long long)count);
}
