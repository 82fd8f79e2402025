/* model.json: XGBoost's own file of a model, which XGBoost reads, with grimace's card among its attributes, and the margins
 * of a few rows, by which a library of another version shows that it reads the file as it was meant. XGBoost 1.7 takes a
 * file of 3.x without a word and answers wrongly (it writes base_score as "[0.5]"): such a file is translated, or refused.
 */
#ifndef GR_LEARNERS_BOOSTED_FILE_H
#define GR_LEARNERS_BOOSTED_FILE_H

#include "learners/booster.h"
#include "learners/card.h"

/* Is it the name of such a file? Never fails. */
bool gr_boosted_is_file(const char *path);
/* Writes it. probes[2, columns]: rows whose margins the file keeps. Fails: GR_INVALID, GR_IO, GR_NOMEM, GR_FAILED. */
gr_status gr_boosted_save(const gr_xgboost *x, const gr_boost_options *options, void *booster, const gr_card *card,
                          const float *probes, const char *path, gr_error *err) GR_MUST_CHECK;
/* Reads the card. Needs no library. GIVES *card (gr_card_free). Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_boosted_card(const char *path, gr_card *card, gr_error *err) GR_MUST_CHECK;
/* GIVES *booster (x->XGBoosterFree). Fails: GR_INVALID (damaged; of a version that this library reads otherwise), GR_NOMEM,
 * GR_FAILED. */
gr_status gr_boosted_load(const gr_xgboost *x, const gr_boost_options *options, const char *path, int columns,
                          void **booster, gr_error *err) GR_MUST_CHECK;

#endif
