/* Drawing the rows of a table of predictions again: as they are, an image with all its rows, or whole groups; and shuffling what is
 * true among them. */
#ifndef GR_EVAL_DRAW_H
#define GR_EVAL_DRAW_H

#include <stdbool.h>

#include "base/base.h"
#include "grimace/eval.h"

/* Zero-initialise it: then each row is on its own. */
typedef struct gr_draw {
    int64_t rows;
    int64_t *group; /* [rows], numbered from 0 in the order of appearance; NULL unless asked for */
    int64_t group_count;
    /* Where images have several predictions (repeated cross-validation) with one truth each: [rows], numbered likewise, since
     * predictions of one image are not independent; else NULL, and each row is on its own. */
    int64_t *image;
    int64_t image_count;
} gr_draw;

/* Is the same true of two rows? */
typedef bool (*gr_same_truth)(const void *ctx, int64_t a, int64_t b);

/* Numbers images[rows] (NULL: each row is on its own) and, with `by_group`, groups[rows]; both BORROWED. GIVES (gr_draw_free, also
 * on failure). Fails: GR_INVALID (`by_group` without groups), GR_NOMEM. */
gr_status gr_draw_open(int64_t rows, const char *const *images, const char *const *groups, bool by_group, gr_same_truth same,
                       const void *ctx, gr_draw *out, gr_error *err) GR_MUST_CHECK;
void gr_draw_free(gr_draw *draw);

/* Draws weights[rows] with replacement: whole groups where they are numbered, else images with all their rows. draws[rows] is
 * scratch. The stream is that of (seed, GR_FOR_BOOTSTRAP, 0, sample). Never fails. */
void gr_draw_weights(const gr_draw *draw, uint64_t seed, uint64_t sample, int32_t *draws, int32_t *weights);

/* What is shuffled: the rows in which images appear first, group by group. */
typedef struct gr_deck {
    int64_t *source; /* [rows]: whose truth each row has now */
    int64_t *rows, *first;
    int64_t count;
} gr_deck;

/* GIVES (gr_deck_free, also on failure), not shuffled yet. Fails: GR_NOMEM. */
gr_status gr_deck_open(const gr_draw *draw, gr_deck *out, gr_error *err) GR_MUST_CHECK;
void gr_deck_free(gr_deck *deck);
/* Shuffles over all images, or within each group where they are numbered, from where the last shuffle left off; each row has its
 * image's source. The stream is that of (seed, GR_FOR_BOOTSTRAP, 1, shuffle). Never fails. */
void gr_deck_shuffle(gr_deck *deck, const gr_draw *draw, uint64_t seed, uint64_t shuffle);

#endif
