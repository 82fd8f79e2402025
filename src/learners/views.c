#include "learners/views.h"

#include <stddef.h>
#include <string.h>

/* Where pixel (x, y) of a view comes from: column and row are each `most`, x and y times a factor, added up. */
typedef struct view {
    char name[12];
    struct {
        int most, x, y;
    } column, row;
} view;

/* Turned against the clock, as by torchvision's and Pillow's rotate. */
static const view views[] = {
    {"hflip", {1, -1, 0}, {0, 0, 1}},
    {"vflip", {0, 1, 0}, {1, 0, -1}},
    {"rotate_90", {1, 0, -1}, {0, 1, 0}},
    {"rotate_180", {1, -1, 0}, {1, 0, -1}},
    {"rotate_270", {0, 0, 1}, {1, -1, 0}},
};
enum { VIEWS = sizeof views / sizeof views[0] };

const char *gr_view_name(int i, char *room)
{
    (void)room;
    return i >= 0 && i < VIEWS ? views[i].name : NULL;
}

int gr_view_find(const char *name)
{
    for (int i = 0; i < VIEWS; i++)
        if (strcmp(views[i].name, name) == 0)
            return i;
    return -1;
}

void gr_view_make(int which, const float *from, int64_t n, int64_t side, int64_t channels, float *to)
{
    const view *v = &views[which];
    int64_t most = side - 1;
    for (int64_t i = 0; i < n; i++, from += side * side * channels)
        for (int64_t y = 0; y < side; y++)
            for (int64_t x = 0; x < side; x++, to += channels) {
                int64_t column = v->column.most * most + v->column.x * x + v->column.y * y;
                int64_t row = v->row.most * most + v->row.x * x + v->row.y * y;
                memcpy(to, from + (row * side + column) * channels, (size_t)channels * sizeof *to);
            }
}
