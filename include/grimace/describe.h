/* Descriptors of every face of a table, as columns of a new table. */
#ifndef GRIMACE_DESCRIBE_H
#define GRIMACE_DESCRIBE_H

#include <stdbool.h>
#include <stdint.h>

#include "grimace/base.h"
#include "grimace/text.h"

/* All strings are BORROWED during the call. */
typedef struct gr_describe_options {
    const char *manifest; /* a table with image,lm1_x,lm1_y,...: a manifest, or predictions of landmarks */
    const char *set;      /* as gr_descriptor_set_open takes it */
    const char *out;      /* the table to write */
    bool force;           /* over one that is there */
} gr_describe_options;

typedef struct gr_describe_report {
    int64_t rows;
    int descriptors;
    int64_t missing, degenerate; /* empty values: a landmark is not known; there is no such angle or ratio */
    gr_text notices;             /* a sentence a line, among them where the first of both are */
} gr_describe_report;

/* Writes image, the table's other columns but those of landmarks, then one of each descriptor, empty where it has no value.
 * A relative image path that names a file is spelt from the new table's folder on. GIVES report->notices
 * (gr_describe_report_free), also when it fails.
 * Fails: GR_INVALID (the set; a table without landmarks, with fewer than the set needs, with a cell that is no number, with
 * a column of a descriptor's name; `out` is there), GR_IO, GR_NOMEM. */
gr_status gr_describe_table(const gr_describe_options *options, gr_describe_report *report, gr_error *err) GR_MUST_CHECK;
void gr_describe_report_free(gr_describe_report *report);

#endif
