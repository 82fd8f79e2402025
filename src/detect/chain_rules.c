/* What the boxes of two parts of a face are asked, after Sotocinal et al. 2011: ears stand above eyes, sizes and distances
 * are in proportion. Places are the middles of boxes; lengths are counted in the second part's width. */
#include <math.h>
#include <string.h>

#include "detect/steps.h"

static double middle_x(const gr_found *a)
{
    return a->x + a->width / 2.0;
}
static double middle_y(const gr_found *a)
{
    return a->y + a->height / 2.0;
}

static bool between(double x, double low, double high)
{
    return x >= low && x <= high;
}

static bool above(const gr_found *a, const gr_found *b, double low, double high)
{
    (void)low;
    (void)high;
    return middle_y(a) < middle_y(b);
}

static bool left_of(const gr_found *a, const gr_found *b, double low, double high)
{
    (void)low;
    (void)high;
    return middle_x(a) < middle_x(b);
}

static bool size(const gr_found *a, const gr_found *b, double low, double high)
{
    return between((double)a->width / b->width, low, high);
}

static bool distance(const gr_found *a, const gr_found *b, double low, double high)
{
    return between(hypot(middle_x(a) - middle_x(b), middle_y(a) - middle_y(b)) / b->width, low, high);
}

/* The line through both middles is at most so many degrees off the horizontal. */
static bool level(const gr_found *a, const gr_found *b, double low, double high)
{
    double angle = atan2(fabs(middle_y(a) - middle_y(b)), fabs(middle_x(a) - middle_x(b)));
    return between(angle * 57.29577951308232, low, high);
}

static bool overlap(const gr_found *a, const gr_found *b, double low, double high)
{
    double w = fmin(a->x + a->width, b->x + b->width) - fmax(a->x, b->x);
    double h = fmin(a->y + a->height, b->y + b->height) - fmax(a->y, b->y), shared = w > 0 && h > 0 ? w * h : 0;
    return between(shared / ((double)a->width * a->height + (double)b->width * b->height - shared), low, high);
}

static const struct {
    const char *name;
    int numbers;
    gr_chain_holds *holds;
} rules[] = {{"above", 0, above},       {"left_of", 0, left_of}, {"size", 2, size},
             {"distance", 2, distance}, {"level", 1, level},     {"overlap", 1, overlap}};

gr_chain_holds *gr_chain_rule_named(const char *name, int *numbers)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (strcmp(rules[i].name, name) == 0) {
            *numbers = rules[i].numbers;
            return rules[i].holds;
        }
    return NULL;
}

const char *gr_chain_rule_names(void)
{
    return "above, left_of, size, distance, level or overlap";
}
