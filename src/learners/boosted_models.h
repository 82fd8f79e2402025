/* What boosted trees from files say of rows: answers, margins, and what each number contributes to them. */
#ifndef GR_LEARNERS_BOOSTED_MODELS_H
#define GR_LEARNERS_BOOSTED_MODELS_H

#include <signal.h>

#include "grimace/loader.h"
#include "learners/booster.h"
#include "learners/model_files.h"
#include "learners/target.h"

/* How trees with this card answer. Never fails. */
gr_boost_options gr_boosted_options(const gr_card *card);
/* As gr_learner.predict; samples need `numbers`, as many as files->card.number_count. Fails: also GR_INVALID where one has
 * none. */
gr_status gr_boosted_predict(const gr_model_files *files, const gr_target *target, gr_loader *loader, const int64_t *order,
                             int64_t count, float *predictions, const volatile sig_atomic_t *stop,
                             gr_error *err) GR_MUST_CHECK;
/* As gr_learner.seen and gr_learner.see: what a backbone reads of an image. */
int gr_boosted_seen(const gr_card *card);
gr_status gr_boosted_see(const gr_model_files *files, gr_loader *loader, const int64_t *order, int64_t count, float *numbers,
                         const volatile sig_atomic_t *stop, gr_error *err) GR_MUST_CHECK;
/* Writes features[count, gr_card_features] of rows numbers[count, card->number_count]. Never fails. */
void gr_boosted_features(const gr_card *card, const float *numbers, int64_t count, float *features);
/* Writes values[count, margins, F + 1] of rows features[count, F], F being gr_card_features, by model `index`: TreeSHAP's
 * shares, 0 of what it does not read, the bias last. Fails: GR_INVALID, GR_NOMEM, GR_FAILED. */
gr_status gr_boosted_explain(const gr_model_files *files, int index, const float *features, int64_t count, float *values,
                             gr_error *err) GR_MUST_CHECK;

#endif
