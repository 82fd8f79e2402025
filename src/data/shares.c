/* Boxes and landmarks that are shares of the picture's width and height, as YOLO and others write them, where pixels are
 * meant. */
#include <math.h>
#include <string.h>

#include "data/manifest_reader.h"
#include "grimace/image.h"

enum { PICTURES_TRIED = 4 };

/* Nothing that is marked in pixels stays within so many of the corner in every picture. */
static const double corner = 2.0;

static bool is_tiny(const gr_box *b)
{
    return b->x < corner && b->y < corner && b->width < corner && b->height < corner;
}

static bool boxes_are_tiny(const gr_manifest *m, int64_t *first, int64_t *count)
{
    *count = 0;
    for (int64_t r = 0; m->boxes != NULL && r < m->rows; r++) {
        if (m->boxes[r].width <= 0.0)
            continue;
        if (!is_tiny(&m->boxes[r]))
            return false;
        *first = (*count)++ == 0 ? r : *first;
    }
    for (int64_t r = 0; m->marked != NULL && r < m->rows; r++)
        for (int64_t i = m->marked[r]; i < m->marked[r + 1]; i++) {
            if (!is_tiny(&m->marks[i].box))
                return false;
            *first = (*count)++ == 0 ? r : *first;
        }
    return *count > 0;
}

static bool landmarks_are_near(const gr_manifest *m, int64_t *first, int64_t *count)
{
    *count = 0;
    for (int64_t i = 0; m->landmarks != NULL && i < m->rows * 2 * m->landmark_count; i++) {
        if (isnan(m->landmarks[i]))
            continue;
        if (!((double)m->landmarks[i] < corner))
            return false;
        *first = *count == 0 ? i / (2 * m->landmark_count) : *first;
        *count += i % 2;
    }
    return *count > 0;
}

/* A picture from row `row` on that is larger than the corner; false where the first few are not, or cannot be read. */
static bool find_larger(const gr_manifest *m, int64_t row, gr_image *size, int64_t *which)
{
    for (int64_t r = row; r < m->rows && r < row + PICTURES_TRIED; r++) {
        gr_image image = {0};
        bool larger = gr_image_read(m->paths[r], &image, NULL) == GR_OK && image.width > corner && image.height > corner;
        *size = (gr_image){image.width, image.height, NULL};
        gr_image_free(&image);
        *which = r;
        if (larger)
            return true;
    }
    return false;
}

gr_status gr_manifest_refuse_shares(const gr_manifest_reader *rd)
{
    const gr_manifest *m = rd->m;
    char said[600];
    bool usable;
    int64_t first = 0, count = 0, which = 0;
    gr_image size;
    if (rd->options->skip_files)
        return GR_OK;
    if (boxes_are_tiny(m, &first, &count) && find_larger(m, first, &size, &which)) {
        snprintf(said, sizeof said,
                 "all boxes are smaller than 2 pixels, while %.200s has %d x %d: shares of its width and height, it seems; "
                 "pixels would "
                 "be right, such as share x %d",
                 m->images[which], size.width, size.height, size.width);
        gr_status status = gr_manifest_problem(rd, m->lines[first], "box_x", &usable, said);
        if (status != GR_OK)
            return status;
    }
    if (landmarks_are_near(m, &first, &count) && find_larger(m, first, &size, &which)) {
        snprintf(said, sizeof said,
                 "all landmarks lie within 2 pixels of the corner, while %.200s has %d x %d: shares of its width and "
                 "height, it seems; "
                 "pixels would be right, such as share x %d",
                 m->images[which], size.width, size.height, size.width);
        return gr_manifest_problem(rd, m->lines[first], "lm1_x", &usable, said);
    }
    return GR_OK;
}
