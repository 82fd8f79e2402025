/* Boxes and landmarks that are numbers of pixels by their form, but hardly by their meaning. */
#include <math.h>

#include "data/checker.h"

/* Numbers that all end within 100, in pictures twice as large at least. */
static const double percent = 100.0, larger = 200.0;

static bool is_larger(const gr_image_facts *f)
{
    return f->problem == NULL && f->width >= larger && f->height >= larger;
}

static void check_pixels(gr_checker *ck)
{
    const gr_manifest *m = &ck->out->manifest;
    bool others = false; /* where no box is larger, something else is wrong, which is said elsewhere */
    for (int64_t r = 0; r < m->rows; r++)
        others = others || m->boxes[r].width >= 2.0 || m->boxes[r].height >= 2.0;
    for (int64_t r = 0; others && r < m->rows; r++) {
        const gr_box *b = &m->boxes[r];
        if (b->width > 0.0 && (b->width < 2.0 || b->height < 2.0))
            gr_check_found(ck, false, "%s:%lld: box_w: the box has only %g x %g pixels", m->path, (long long)m->lines[r],
                           b->width, b->height);
    }
}

static void check_percent(gr_checker *ck)
{
    const gr_manifest *m = &ck->out->manifest;
    int64_t boxes = 0, points = 0;
    bool of_boxes = m->boxes != NULL, of_points = m->landmarks != NULL;
    for (int64_t r = 0; r < m->rows; r++) {
        const gr_box *b = of_boxes ? &m->boxes[r] : NULL;
        if (b != NULL && b->width > 0.0) {
            of_boxes = is_larger(&ck->out->facts[r]) && b->x + b->width <= percent && b->y + b->height <= percent;
            boxes++;
        }
        for (int i = 0; of_points && i < 2 * m->landmark_count; i++) {
            double at = (double)m->landmarks[r * 2 * m->landmark_count + i];
            of_points = isnan(at) || (at <= percent && is_larger(&ck->out->facts[r]));
            points += !isnan(at);
        }
    }
    if (of_boxes && boxes > 0)
        gr_check_found(
            ck, false,
            "%s: box_x: all boxes end within 100, while every picture has 200 x 200 pixels or more: percent of its "
            "width and height? Pixels would be right",
            m->path);
    if (of_points && points > 0)
        gr_check_found(
            ck, false,
            "%s: lm1_x: all landmarks lie within 100, while every picture has 200 x 200 pixels or more: percent of "
            "its width and height? Pixels would be right",
            m->path);
}

/* Boxes that are to be found: beyond their pictures, or all within 2 pixels (shares of the sides) or 100 (percent). */
static void check_marks(gr_checker *ck)
{
    const gr_manifest *m = &ck->out->manifest;
    int64_t boxes = 0, across = 0;
    double most = 0.0;
    bool all_larger = true;
    char said[GR_BOXES_ACROSS];
    for (int64_t r = 0; r < m->rows; r++) {
        const gr_image_facts *f = &ck->out->facts[r];
        for (int64_t i = m->marked[r]; i < m->marked[r + 1]; i++) {
            const gr_box *b = &m->marks[i].box;
            boxes++;
            most = fmax(most, fmax(b->x + b->width, b->y + b->height));
            all_larger = all_larger && is_larger(f);
        }
        gr_error beyond = {0};
        if (f->problem == NULL && gr_manifest_boxes_within(m, r, f->width, f->height, &across, &beyond) != GR_OK)
            gr_check_found(ck, true, "%s", beyond.text);
    }
    if (across > 0)
        gr_check_found(ck, false, "%s: %s", m->path, gr_manifest_boxes_across(across, said));
    if (boxes > 0 && all_larger && most <= percent)
        gr_check_found(
            ck, false,
            "%s: data.boxes: all boxes end within %g, while every picture has 200 x 200 pixels or more: %s of its "
            "width and height? Pixels would be right",
            m->path, most <= 2.0 ? 2.0 : percent, most <= 2.0 ? "shares" : "percent");
}

/* Kinds of which no row has a box: nothing can be learnt of them. */
static void check_kinds(gr_checker *ck)
{
    const gr_manifest *m = &ck->out->manifest;
    for (int k = 0; k < m->kind_count; k++) {
        bool there = false;
        for (int64_t i = 0; !there && i < m->marked[m->rows]; i++)
            there = m->marks[i].kind == k;
        if (!there)
            gr_check_found(ck, true,
                           "%s: no row has a box of the kind %.80s; boxes in pixels, or data.boxes without it, would be right",
                           m->path, m->kinds[k]);
    }
}

void gr_check_boxes(gr_checker *ck)
{
    const gr_manifest *m = &ck->out->manifest;
    if (m->marked != NULL)
        check_marks(ck);
    if (m->marked != NULL && !ck->extra)
        check_kinds(ck);
    if (m->boxes != NULL)
        check_pixels(ck);
    check_percent(ck);
}
