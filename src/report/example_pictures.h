/* The pictures of examples, as JPEG, with heat maps where a model can still be asked. */
#ifndef GR_REPORT_EXAMPLE_PICTURES_H
#define GR_REPORT_EXAMPLE_PICTURES_H

#include "grimace/text.h"
#include "report/page_run.h"

enum { GR_EXAMPLE_ROOM = 64 }; /* most pictures at once */

typedef struct gr_example_picture {
    gr_text picture, heat; /* JPEG; empty: not there */
    int width, height;     /* of both */
    double peak[2];        /* where the map is largest, as shares of width and height; NaN: there is none */
    double left, top,
        scale;      /* pixel (x, y) of the decoded image stands at ((x - left) scale, (y - top) scale); without maps */
    double *points; /* [point_count, 2], where the manifest says its landmarks are; NaN: not known; owned */
    int point_count;
    char class_name[80]; /* whose map it is, cut; "": not of a class */
} gr_example_picture;

typedef struct gr_example_pictures {
    int count;
    gr_example_picture *each; /* [count] */
    int missing;              /* pictures that cannot be read today */
    int unexplained;          /* pictures without a map: the model that tested them is not there any more */
    const char *method;       /* of the maps: "attention"; NULL: there are none */
    gr_error why;             /* why there are none */
} gr_example_pictures;

/* Reads images[count] as the run's manifest names them, and explains them by the run's models: by attention where they have
 * it, Grad-CAM of other networks, occlusion of other learners. *out GIVES (gr_example_pictures_free). What cannot be read or
 * explained is left out. Without `maps` nothing is explained. Fails: GR_NOMEM. */
gr_status gr_example_pictures_make(const gr_page_run *run, const char *const *images, int count, bool maps,
                                   gr_example_pictures *out, gr_error *err) GR_MUST_CHECK;
void gr_example_pictures_free(gr_example_pictures *pictures);

#endif
