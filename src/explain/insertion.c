/* Insertion (Petsiuk et al. 2018): the pixels that a map calls the most important ones come sharp first into a blurred
 * picture, and the answer is followed: a high area says that they suffice. */
#include "explain/curve.h"

static const char *const columns[] = {"insertion"};

/* Of the side. */
static const double sigma = 1.0 / 16.0;

static gr_status run(const gr_trial_images *images, const gr_trial_maps *maps, double *numbers, gr_error *err)
{
    const gr_subject *s = images->subject;
    float *blurred = gr_alloc((size_t)(images->n * s->pixels), sizeof *blurred);
    gr_status status = blurred != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for blurred pictures");
    for (int64_t i = 0; status == GR_OK && i < images->n; i++)
        status = gr_curve_blur(images->pixels + i * s->pixels, s->size, s->channels, sigma * (double)s->size,
                               blurred + i * s->pixels, err);
    if (status == GR_OK)
        status = gr_curve_draw(images, maps, blurred, images->pixels, numbers, err);
    gr_free(blurred);
    return status;
}

const gr_trial gr_insertion_trial = {
    .name = "insertion",
    .summary = "area below the answer while the most important pixels come sharp into a blurred picture; high is good",
    .columns = columns,
    .column_count = 1,
    .points = GR_CURVE_POINTS,
    .run = run,
};
