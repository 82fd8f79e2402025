/* RUN/about.json: which program made a run, on which machine, when, how long, and of which manifest. Nothing of a run
 * follows from it. */
#ifndef GR_RUN_ABOUT_H
#define GR_RUN_ABOUT_H

#include <jansson.h>

#include "base/base.h"
#include "grimace/config.h"

/* A session of work on a run. Zero-initialise it; gr_about_free works on a zeroed one. */
typedef struct gr_about {
    char *path;
    json_t *before;    /* the sessions that the file had */
    json_t *session;   /* this one */
    json_t *manifests; /* [{"file", "sha256"}] */
    double start;
} gr_about;

/* Begins a session of the run of `config` in `folder`, behind those that about.json has, and writes the file. `command`
 * (NULL: none) and `threads` are for it. A file that cannot be read as one of ours is begun anew. Fails: GR_IO, GR_NOMEM,
 * GR_INVALID. */
gr_status gr_about_begin(gr_about *about, const gr_config *config, const char *folder, const char *command, int threads,
                         gr_error *err) GR_MUST_CHECK;
/* Writes the file again, with the time up to now and how the session ended: "done", "stopped", or NULL while it goes on.
 * Does nothing before gr_about_begin. Fails: GR_IO, GR_NOMEM, GR_INVALID. */
gr_status gr_about_write(gr_about *about, const char *end, gr_error *err) GR_MUST_CHECK;
void gr_about_free(gr_about *about);

#endif
