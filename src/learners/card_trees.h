/* What the card of boosted trees has beside that of other models. */
#ifndef GR_LEARNERS_CARD_TREES_H
#define GR_LEARNERS_CARD_TREES_H

#include "formats/json.h"
#include "learners/card_record.h"

/* Adds card->numbers, kept, chosen, set and frozen to `json`. What memory is short for is left out, and the text is refused
 * later. */
void gr_card_put_trees(json_t *json, const gr_card *card);
/* Reads them into `card`, whose arena is there, of the file `path`; every field may lie. false: it is no card of this version,
 * or memory is short. */
bool gr_card_read_trees(const json_t *json, const char *path, gr_card *card);

/* The features of trees, what `kept` counts: descriptors of the numbers, or these themselves. Never fail. */
int gr_card_features(const gr_card *card);
const char *gr_card_feature(const gr_card *card, int i);
/* How many of card->numbers are columns of a table: all, or, where a backbone reads images, none. Never fails. */
int gr_card_columns(const gr_card *card);

#endif
