/* What `grimace explain` is asked of all its images together: how pictures look, sheets, means, trials. */
#ifndef GR_CLI_EXPLAIN_SET_H
#define GR_CLI_EXPLAIN_SET_H

#include "base/base.h"
#include "cli/pictures.h"
#include "grimace/explain.h"

typedef struct gr_cli_explain_set {
    const char *colours, *opacity, *scale, *mean, *label; /* options as given; NULL: not */
    bool sheet, check;
    /* What gr_cli_explain_set_open makes of them. */
    gr_explain_look look;
    gr_explain_faces faces;
    const char **truth, **values; /* [count]; NULL: none */
    double *points;
    const char *column; /* of the true class; NULL: not known */
    gr_arena *arena;
} gr_cli_explain_set;

/* Do the words mean something? Fails: GR_INVALID. */
gr_status gr_cli_explain_set_check(gr_cli_explain_set *set, const char *manifest, gr_error *err) GR_MUST_CHECK;
/* Looks up what the manifest of `pictures` (BORROWED) says of the images; `model` is the run or model on the command line,
 * whose config names the column of classes. Fails: GR_INVALID (no such column), GR_NOMEM. */
gr_status gr_cli_explain_set_open(gr_cli_explain_set *set, const char *model, const gr_cli_pictures *pictures,
                                  gr_error *err) GR_MUST_CHECK;
void gr_cli_explain_set_close(gr_cli_explain_set *set);

#endif
