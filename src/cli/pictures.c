/* The images of a command line, and what is said of those that cannot be read. */
#include "cli/pictures.h"

#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "data/manifest_points.h"

enum { WHERE_SIZE = 512 };

void gr_cli_pictures_close(gr_cli_pictures *r)
{
    gr_free(r->images);
    gr_free(r->samples);
    gr_free(r->where);
    gr_free(r->points);
    gr_manifest_free(&r->manifest);
    *r = (gr_cli_pictures){0};
}

static bool make_request(gr_cli_pictures *r, int64_t count)
{
    r->count = count;
    r->images = gr_alloc((size_t)count, sizeof *r->images);
    r->samples = gr_alloc((size_t)count, sizeof *r->samples);
    return r->images != NULL && r->samples != NULL;
}

static gr_status from_manifest(gr_cli_pictures *r, const char *path, gr_error *err)
{
    gr_manifest_options options = {.absent_files = true}; /* told of like any other that cannot be read */
    gr_status status = gr_manifest_load(path, &options, &r->manifest, err);
    if (status != GR_OK)
        return status;
    const gr_manifest *m = &r->manifest;
    int landmarks;
    r->points = gr_manifest_points(m, &landmarks);
    if ((landmarks > 0 && r->points == NULL) || !make_request(r, m->rows) ||
        (r->where = gr_alloc((size_t)m->rows, WHERE_SIZE)) == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a list of %lld images", (long long)m->rows);
    for (int64_t i = 0; i < m->rows; i++) {
        gr_sample *s = &r->samples[i];
        char *where = r->where + i * WHERE_SIZE;
        snprintf(where, WHERE_SIZE, "%s:%lld: image", path, (long long)m->lines[i]);
        *s = (gr_sample){.path = m->paths[i], .where = where, .has_box = m->boxes != NULL && m->boxes[i].width > 0};
        if (s->has_box)
            memcpy(s->box, (double[4]){m->boxes[i].x, m->boxes[i].y, m->boxes[i].width, m->boxes[i].height}, sizeof s->box);
        s->points = r->points != NULL ? r->points + i * 2 * landmarks : NULL;
        s->point_count = landmarks;
        r->images[i] = m->images[i];
    }
    return GR_OK;
}

static gr_status from_words(gr_cli_pictures *r, int count, char **words, gr_error *err)
{
    if (!make_request(r, count))
        return gr_fail(err, GR_NOMEM, "no memory for a list of %d images", count);
    for (int i = 0; i < count; i++) {
        r->images[i] = words[i];
        r->samples[i] = (gr_sample){.path = words[i]};
    }
    return GR_OK;
}

gr_status gr_cli_pictures_check(int argc, char **argv, const char *manifest, gr_error *err)
{
    if (manifest != NULL && argc > 2)
        return gr_fail(err, GR_INVALID, "%s: images and --manifest are both given; one of them is right", argv[0]);
    if (manifest == NULL && argc < 3)
        return gr_fail(err, GR_INVALID, "%s: no image is named; give images, or --manifest with a table of them", argv[0]);
    return GR_OK;
}

gr_status gr_cli_pictures_open(int argc, char **argv, const char *manifest, gr_cli_pictures *out, gr_error *err)
{
    *out = (gr_cli_pictures){0};
    return manifest != NULL ? from_manifest(out, manifest, err) : from_words(out, argc - 2, argv + 2, err);
}

gr_status gr_cli_pictures_problems(const gr_cli_pictures *r, const char *const *problems, gr_error *err)
{
    int64_t first = -1, broken = 0;
    for (int64_t i = r->count - 1; i >= 0; i--)
        if (problems[i] != NULL) {
            first = i;
            broken++;
        }
    if (broken == 0)
        return GR_OK;
    const gr_sample *s = &r->samples[first];
    return gr_fail(err, broken < r->count ? GR_FAILED : GR_INVALID,
                   "%s%s%s: %.600s; %lld of %lld images could not be read, the column error says why",
                   s->where != NULL ? s->where : "", s->where != NULL ? ": " : "", s->path, problems[first],
                   (long long)broken, (long long)r->count);
}
