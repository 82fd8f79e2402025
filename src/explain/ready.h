/* Samples as a model is asked about them: with the landmarks that it turns faces upright by. */
#ifndef GR_EXPLAIN_READY_H
#define GR_EXPLAIN_READY_H

#include <signal.h>

#include "base/base.h"
#include "grimace/sample.h"
#include "learners/card_record.h"

typedef struct gr_ready {
    gr_arena *arena;
    gr_sample *own;           /* copies, where the model wants landmarks */
    const gr_sample *samples; /* [count]: these, or those that were given */
    const char **problems;    /* [count]: why a sample cannot be asked about; NULL: it can */
} gr_ready;

/* Makes samples[count] (BORROWED for its life) ready for the model at `path` with this card. GIVES *out (gr_ready_close,
 * also when it fails). Fails: GR_INVALID (a run of landmarks that is not there or not that of then; landmarks that no sample
 * has), GR_INTERRUPTED, GR_NOMEM, GR_IO. */
gr_status gr_ready_open(const gr_card *card, const char *path, const gr_sample *samples, int64_t count,
                        const volatile sig_atomic_t *stop, gr_ready *out, gr_error *err) GR_MUST_CHECK;
void gr_ready_close(gr_ready *ready);

#endif
