/* What a card says of what is done before an image goes its way: faces cut out by a detector, or turned upright. */
#ifndef GR_LEARNERS_CARD_GUIDE_H
#define GR_LEARNERS_CARD_GUIDE_H

#include "formats/json.h"
#include "learners/card_record.h"

/* Adds `crop`, `upright` and `landmarks_from` to the card's JSON; their files are named from the model's folder on, so that
 * they can move together. Never fails. */
void gr_card_put_guide(json_t *json, const gr_card *card);
/* Reads them of the model at `path`. false: they are damaged, or memory is short. */
bool gr_card_read_guide(const json_t *json, const char *path, gr_card *card);
/* Do two models ask for the same? Never fails. */
bool gr_card_same_guide(const gr_card *a, const gr_card *b);

#endif
