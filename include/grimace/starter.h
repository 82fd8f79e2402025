/* A config to begin with. */
#ifndef GRIMACE_STARTER_H
#define GRIMACE_STARTER_H

#include <stdbool.h>
#include <stdint.h>

#include "grimace/text.h"

/* What is known of a data set; all BORROWED. */
typedef struct gr_starter {
    const char *name, *manifest; /* the run's name; the table, from the config's folder on */
    const char *label, *group;   /* its columns; group NULL: none */
    bool scores;                 /* the label is numbers, no classes */
    bool whole;                  /* the classes are whole numbers */
    const char *const *classes;  /* [class_count], the last one positive; of scores there are none */
    int class_count;
    const char *scheme, *why; /* of split.scheme, and a comment on it */
    int folds;                /* 0: the scheme has no such number */
    int64_t images;
    int side; /* about how many pixels a picture has on a side */
} gr_starter;

/* Appends a config in YAML, with a comment behind what was guessed, that trains a small network from random weights on `from`
 * (BORROWED). Memory shortage sticks in out->failed. Never fails. */
void gr_starter_config(const gr_starter *from, gr_text *out);

#endif
