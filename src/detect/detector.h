/* The record of a kind of detector: a new one is a file in this folder that fills it, and a line in table.h. */
#ifndef GR_DETECT_DETECTOR_H
#define GR_DETECT_DETECTOR_H

#include "detect/grey.h"
#include "grimace/detect.h"

typedef struct gr_detector {
    const char *name;           /* of the kind: "cascade" */
    const char *const *endings; /* of its files, NULL behind the last */
    /* Gives *state. `name` is what its boxes are said to be found by; both strings are BORROWED for the state's life. */
    gr_status (*open)(const char *path, const char *name, const gr_detect_options *options, void **state, gr_error *err);
    bool learnt; /* a network's boxes have kinds and scores from 0 to 1: it obeys options->kind and least */
    bool colour; /* it looks at colours: grey is not made */
    /* Adds what it finds to *out, in any order that does not depend on threads. `image` and `grey` are the same picture. */
    gr_status (*find)(const void *state, const gr_image *image, const gr_grey *grey, gr_found_list *out, gr_error *err);
    void (*free)(void *state);
    /* The files beside its own that its boxes follow from, by their index (of a folder all); NULL behind the last. NULL: there are
     * none. */
    const char *(*file)(const void *state, int index);
} gr_detector;

#endif
