/* The images of a command line: IMAGE... or --manifest CSV, behind RUN|MODEL. */
#ifndef GR_CLI_PICTURES_H
#define GR_CLI_PICTURES_H

#include "grimace/loader.h"
#include "grimace/manifest.h"

typedef struct gr_cli_pictures {
    gr_manifest manifest; /* empty: they are words of the command line */
    const char **images;  /* [count], names for the output */
    gr_sample *samples;   /* [count] */
    char *where;          /* texts of all samples */
    float *points;        /* the table's landmarks; NULL: it has none */
    int64_t count;
} gr_cli_pictures;

/* Are there words argv[2..argc), or a manifest, and not both? Fails: GR_INVALID. */
gr_status gr_cli_pictures_check(int argc, char **argv, const char *manifest, gr_error *err) GR_MUST_CHECK;
/* GIVES *out (gr_cli_pictures_close, also when it fails): them, or the rows of the table. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_cli_pictures_open(int argc, char **argv, const char *manifest, gr_cli_pictures *out,
                               gr_error *err) GR_MUST_CHECK;
void gr_cli_pictures_close(gr_cli_pictures *pictures);
/* The one sentence of images that could not be read, for which problems[count] are not NULL: the first, and how many. Fails:
 * GR_FAILED (some), GR_INVALID (all). */
gr_status gr_cli_pictures_problems(const gr_cli_pictures *pictures, const char *const *problems,
                                   gr_error *err) GR_MUST_CHECK;

#endif
