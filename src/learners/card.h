/* The card of a model file: what lets it stand alone. */
#ifndef GR_LEARNERS_CARD_H
#define GR_LEARNERS_CARD_H

#include "learners/card_record.h"

/* Sets the card as a note of `weights`. Fails: GR_INVALID (a class that is no UTF-8), GR_NOMEM. */
gr_status gr_card_write(const gr_card *card, gr_weights *weights, gr_error *err) GR_MUST_CHECK;
/* Reads it back; `path` is for sentences, and where a detector is named from. Gives *card (gr_card_free). Fails: GR_INVALID (none,
 * damaged), GR_NOMEM. */
gr_status gr_card_read(const gr_weights *weights, const char *path, gr_card *card, gr_error *err) GR_MUST_CHECK;
/* The same from the note's text, and to it, for model files that hold no tensors. GIVES the text. Fails: likewise. */
gr_status gr_card_text(const gr_card *card, gr_text *out, gr_error *err) GR_MUST_CHECK;
gr_status gr_card_parse(const char *text, const char *path, gr_card *card, gr_error *err) GR_MUST_CHECK;
void gr_card_free(gr_card *card);

#endif
