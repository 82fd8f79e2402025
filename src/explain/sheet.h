/* A contact sheet of a folder of maps. */
#ifndef GR_EXPLAIN_SHEET_H
#define GR_EXPLAIN_SHEET_H

#include <stdbool.h>

#include "grimace/base.h"

/* One image of the sheet. */
typedef struct gr_sheet_image {
    const char *name;      /* of its files */
    const char *predicted; /* the class that the model predicts; NULL: none */
    const char *truth;     /* "" or NULL: not known */
    double confidence;     /* NaN: none */
} gr_sheet_image;

typedef struct gr_sheet {
    const char *dir;
    const gr_sheet_image *images; /* [count] */
    int64_t count;
    const char *const *methods; /* [method_count] */
    int method_count, size;
} gr_sheet;

/* Can sheets be drawn here? Fails: GR_IO (no cairo, no font), GR_NOMEM. */
gr_status gr_sheet_check(gr_error *err) GR_MUST_CHECK;
/* Is the prediction known to be wrong? Never fails. */
bool gr_sheet_wrong(const gr_sheet_image *image);
/* Writes order[count]: wrong ones first, then the others, the surest first in each, the earlier first among equals. Fails:
 * GR_NOMEM. */
gr_status gr_sheet_order(const gr_sheet_image *images, int64_t count, int64_t *order, gr_error *err) GR_MUST_CHECK;
/* Writes DIR/sheet.png from the pictures in DIR, and sheet-2.png ... where one would be too high. Fails: GR_INVALID, GR_IO,
 * GR_NOMEM. */
gr_status gr_sheet_write(const gr_sheet *sheet, gr_error *err) GR_MUST_CHECK;

#endif
