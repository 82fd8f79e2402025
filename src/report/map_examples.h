/* Examples of a run with heat maps. */
#ifndef GR_REPORT_MAP_EXAMPLES_H
#define GR_REPORT_MAP_EXAMPLES_H

#include "grimace/loader.h"
#include "report/run_files.h"

enum { GR_MAP_EXAMPLES = 64 };

/* One example. */
typedef struct gr_map_example {
    int64_t row;      /* of the run's table */
    gr_sample sample; /* without a path: the picture is not there */
    gr_image picture; /* as the network read it */
    float *map;       /* [size, size]; NULL: it could not be explained */
    int size;
    double sum, peak[2]; /* peak: where the map is largest, as shares of width and height; NaN: there is no map */
} gr_map_example;

typedef struct gr_map_examples {
    gr_map_example each[GR_MAP_EXAMPLES];
    int count;
    int told[GR_MAP_EXAMPLES]; /* which of them each sample of the explainer is */
    double largest;            /* size of a number of all maps */
    bool is_signed;
    gr_arena *arena;
} gr_map_examples;

/* Adds a row of the run's table; beyond GR_MAP_EXAMPLES it is left out. Never fails. */
void gr_map_examples_add(gr_map_examples *examples, int64_t row);
/* Looks the examples up in the run's manifest. Fails: GR_INVALID (no manifest), GR_NOMEM. */
gr_status gr_map_examples_find(const gr_run_files *run, gr_map_examples *examples, gr_error *err) GR_MUST_CHECK;
/* Has each that is there explained by the fold that tested it. Fails: GR_INVALID, GR_NOMEM, GR_IO. */
gr_status gr_map_examples_explain(const gr_run_files *run, const char *method, gr_map_examples *examples,
                                  gr_error *err) GR_MUST_CHECK;
/* Frees what was made by gr_alloc; NULL is fine. */
void gr_map_examples_free(gr_map_examples *examples);

#endif
