#include "fitting/pictures.h"

#include "base/base.h"

gr_box gr_fit_widened(const gr_box *b, int width, int height)
{
    gr_box wide = *b;
    if (b->width * height > b->height * width)
        wide.height = b->width * height / width;
    else
        wide.width = b->height * width / height;
    wide.x -= (wide.width - b->width) / 2;
    wide.y -= (wide.height - b->height) / 2;
    return wide;
}

static double common(double a, double a_length, double b, double b_length)
{
    double low = a > b ? a : b, high = a + a_length < b + b_length ? a + a_length : b + b_length;
    return high > low ? high - low : 0;
}

bool gr_fit_overlaps(const gr_fit_pictures *p, int64_t index, const gr_box *box, double iou)
{
    for (int64_t i = p->first[index]; i < p->first[index + 1]; i++) {
        const gr_box *b = &p->boxes[i];
        double both = common(b->x, b->width, box->x, box->width) * common(b->y, b->height, box->y, box->height);
        if (both > iou * (b->width * b->height + box->width * box->height - both))
            return true;
    }
    return false;
}

typedef struct sharing {
    const gr_fit_pictures *pictures;
    gr_fit_work *work;
    void *ctx;
    int64_t first;
    gr_status *statuses; /* [PASS], of the pictures from `first` on */
    gr_error *errors;
} sharing;

/* Pictures between two looks at what failed: few, so that a failure is told soon; each thread takes its range of them. */
enum { PASS = 64 };

static void share(void *ctx, int64_t i, int thread)
{
    sharing *s = ctx;
    gr_grey grey = {0};
    s->statuses[i] = s->pictures->read(s->pictures->ctx, s->first + i, &grey, &s->errors[i]);
    if (s->statuses[i] == GR_OK)
        s->statuses[i] = s->work(s->ctx, s->first + i, &grey, thread, &s->errors[i]);
    gr_grey_free(&grey);
}

gr_status gr_fit_each(const gr_fit_pictures *pictures, gr_fit_work *work, void *ctx, gr_error *err)
{
    sharing s = {.pictures = pictures, .work = work, .ctx = ctx};
    gr_status status = GR_OK;
    s.statuses = gr_alloc(PASS, sizeof *s.statuses);
    s.errors = gr_alloc(PASS, sizeof *s.errors);
    if (s.statuses == NULL || s.errors == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory to read pictures");
    for (; status == GR_OK && s.first < pictures->count; s.first += PASS) {
        int64_t n = pictures->count - s.first < PASS ? pictures->count - s.first : PASS;
        for (int64_t i = 0; i < n; i++)
            s.errors[i] = (gr_error){0};
        gr_parallel_for(n, share, &s);
        for (int64_t i = 0; status == GR_OK && i < n; i++)
            if ((status = s.statuses[i]) != GR_OK)
                gr_fail(err, status, "%s", s.errors[i].text);
    }
    gr_free(s.statuses);
    gr_free(s.errors);
    return status;
}
