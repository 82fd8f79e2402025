/* Numbers of detectors. COCO's average precision is the mean of the monotone precision at the recalls 0, 0.01 .. 1; VOC's
 * the area under it. */
#include "grimace/boxes.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

enum { COCO_MOST = 100, LIMITS = 10, RECALLS = 101 };

typedef struct hit {
    double score;
    int64_t order; /* images in their order, boxes in theirs */
    bool right;
} hit;

typedef struct hits {
    hit *data;
    int64_t count;
    uint8_t *taken; /* true boxes of the image under way */
    double *precision, *recall;
} hits;

double gr_box_iou(const gr_plain_box *a, const gr_plain_box *b)
{
    double w = fmin(a->x + a->width, b->x + b->width) - fmax(a->x, b->x);
    double h = fmin(a->y + a->height, b->y + b->height) - fmax(a->y, b->y);
    if (!(w > 0 && h > 0))
        return 0;
    return w * h / (a->width * a->height + b->width * b->height - w * h);
}

/* The true box for a found one, or -1. COCO's: the best that is free, of equal ones the last. */
static int64_t match_coco(const gr_box_image *image, const gr_plain_box *box, double limit, const uint8_t *taken)
{
    double best = fmin(limit, 1 - 1e-10);
    int64_t match = -1;
    for (int64_t t = 0; t < image->truth_count; t++) {
        double iou = gr_box_iou(box, &image->truths[t]);
        if (taken[t] || iou < best)
            continue;
        best = iou;
        match = t;
    }
    return match;
}

/* VOC's: the best of all, the first of equal ones; lost where another has taken it. */
static int64_t match_voc(const gr_box_image *image, const gr_plain_box *box, double limit, const uint8_t *taken)
{
    double best = -1;
    int64_t match = -1;
    for (int64_t t = 0; t < image->truth_count; t++) {
        double iou = gr_box_iou(box, &image->truths[t]);
        if (iou > best) {
            best = iou;
            match = t;
        }
    }
    return match >= 0 && best >= limit && !taken[match] ? match : -1;
}

static int by_score(const void *pa, const void *pb)
{
    const hit *a = pa, *b = pb;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

/* All found boxes of all images (at most `most` of each), right or wrong, the highest score first. Returns how many are
 * right. */
static int64_t judge(const gr_box_image *images, int64_t count, bool voc, double limit, int64_t most, hits *h)
{
    int64_t right = 0;
    h->count = 0;
    for (int64_t i = 0; i < count; i++) {
        const gr_box_image *image = &images[i];
        memset(h->taken, 0, (size_t)image->truth_count);
        for (int64_t f = 0; f < image->found_count && f < most; f++) {
            const gr_scored_box *found = &image->found[f];
            int64_t match = (voc ? match_voc : match_coco)(image, &found->box, limit, h->taken);
            if (match >= 0)
                h->taken[match] = 1;
            right += match >= 0;
            h->data[h->count] = (hit){found->score, h->count, match >= 0};
            h->count++;
        }
    }
    if (h->count > 1)
        qsort(h->data, (size_t)h->count, sizeof *h->data, by_score);
    return right;
}

/* Recall and monotone precision behind each found box. */
static void walk(hits *h, int64_t truths)
{
    int64_t tp = 0;
    for (int64_t i = 0; i < h->count; i++) {
        tp += h->data[i].right;
        h->recall[i] = (double)tp / (double)truths;
        h->precision[i] = (double)tp / ((double)(i + 1) + DBL_EPSILON);
    }
    for (int64_t i = h->count - 1; i > 0; i--)
        h->precision[i - 1] = fmax(h->precision[i - 1], h->precision[i]);
}

static double coco_area(const hits *h)
{
    double sum = 0;
    int64_t at = 0;
    for (int r = 0; r < RECALLS; r++) {
        double least = r == RECALLS - 1 ? 1.0 : r * 0.01; /* numpy's linspace */
        while (at < h->count && h->recall[at] < least)
            at++;
        sum += at < h->count ? h->precision[at] : 0;
    }
    return sum / RECALLS;
}

static double voc_area(const hits *h)
{
    double sum = 0, last = 0;
    for (int64_t i = 0; i < h->count; i++) {
        sum += (h->recall[i] - last) * h->precision[i];
        last = h->recall[i];
    }
    return sum;
}

static double sum_of_best(const gr_box_image *image)
{
    double sum = 0;
    for (int64_t t = 0; t < image->truth_count; t++) {
        double best = 0;
        for (int64_t f = 0; f < image->found_count; f++)
            best = fmax(best, gr_box_iou(&image->found[f].box, &image->truths[t]));
        sum += best;
    }
    return sum;
}

static void count_all(const gr_box_image *images, int64_t count, hits *h, gr_box_numbers *out)
{
    double ious = 0;
    for (int64_t i = 0; i < count; i++) {
        out->truths += images[i].truth_count;
        out->found += images[i].found_count;
        out->empty += images[i].found_count == 0;
        ious += sum_of_best(&images[i]);
    }
    out->matched = judge(images, count, false, 0.5, INT64_MAX, h);
    double truths = (double)out->truths;
    out->recall = out->truths > 0 ? (double)out->matched / truths : NAN;
    out->precision = out->found > 0 ? (double)out->matched / (double)out->found : NAN;
    out->mean_iou = out->truths > 0 ? ious / truths : NAN;
}

gr_status gr_box_numbers_of(const gr_box_image *images, int64_t count, gr_box_numbers *out, gr_error *err)
{
    int64_t found = 0, most = 0;
    for (int64_t i = 0; i < count; i++) {
        found += images[i].found_count;
        most = images[i].truth_count > most ? images[i].truth_count : most;
    }
    hits h = {gr_alloc((size_t)found, sizeof(hit)), 0, gr_alloc((size_t)most, 1), gr_alloc((size_t)found, sizeof(double)),
              gr_alloc((size_t)found, sizeof(double))};
    *out = (gr_box_numbers){.images = count, .ap = NAN, .ap50 = NAN, .ap75 = NAN, .voc = NAN};
    bool room = h.data != NULL && h.taken != NULL && h.precision != NULL && h.recall != NULL;
    if (room)
        count_all(images, count, &h, out);
    if (room && out->truths > 0) {
        double sum = 0;
        for (int l = 0; l < LIMITS; l++) {
            double limit = l == LIMITS - 1 ? 0.95 : 0.5 + l * ((0.95 - 0.5) / (LIMITS - 1)); /* numpy's linspace */
            judge(images, count, false, limit, COCO_MOST, &h);
            walk(&h, out->truths);
            double area = coco_area(&h);
            sum += area;
            out->ap50 = l == 0 ? area : out->ap50;
            out->ap75 = l == 5 ? area : out->ap75;
        }
        out->ap = sum / LIMITS;
        judge(images, count, true, 0.5, INT64_MAX, &h);
        walk(&h, out->truths);
        out->voc = voc_area(&h);
    }
    gr_free(h.data);
    gr_free(h.taken);
    gr_free(h.precision);
    gr_free(h.recall);
    return room ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the numbers of %lld boxes", (long long)found);
}
