/* Panels that go from a bias to a margin, feature by feature: of an animal, or of an image. */
#ifndef GR_REPORT_WATERFALL_H
#define GR_REPORT_WATERFALL_H

#include "report/figure.h"

enum { GR_WATERFALL_MOST = 12 }; /* panels */

/* All BORROWED. */
typedef struct gr_waterfall {
    const char *name, *more; /* more: behind the name in the text alternative; "" */
    const char *const *features; /* [width] */
    int width;
    double bias;
    const double *shares; /* [width] */
} gr_waterfall;

/* Neither fails; shortage sticks in the page's texts. */
double gr_waterfall_height(int panels, double width);
/* Draws panel `index` of `panels`, and adds rows "name,feature,share,reached" to the page's numbers. */
void gr_waterfall_draw(gr_page *page, int index, int panels, const gr_waterfall *w);

#endif
