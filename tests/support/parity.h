/* Whole networks against numbers that other software made (tests/parity/make_*.py): weights and images come from their names
 * by the same formula on both sides, so that a reference is its results alone. */
#ifndef GR_TEST_PARITY_H
#define GR_TEST_PARITY_H

#include "support/support.h"
#include "grimace/models.h"
#include "grimace/weights.h"

/* The reference file at `path`; the test program fails without it. The caller owns it. */
gr_weights *test_parity_open(const char *path);
/* The tensor "KEY.SUFFIX" of the reference; the test fails without it. */
const gr_tensor *test_parity_want(const gr_weights *reference, const char *key, const char *suffix);
/* Is `got` within `limit` of the tensor "KEY.SUFFIX" (test_close)? Says which it was if not. */
bool test_parity_matches(const gr_weights *reference, const char *key, const char *suffix, const float *got, double limit);

/* Models are made and filled in PyTorch's names, which must fit without a rest: a state_dict is known to fill the whole
 * model. The numbers are those of fill in torch_common.py. */
gr_model *test_parity_model(const gr_model_options *options);
void test_parity_fill(const gr_model *model, const gr_model_options *options, gr_params *params);
/* Takes dropout and stochastic depth out of a graph, before it is compiled. */
void test_parity_never_drop(gr_graph *g);

/* Is the gradient of every parameter, after a backward pass, the one whose fingerprint "KEY.gradients" holds
 * (torch_common.py's fingerprints), within `limit` of its norm or of a thousandth of the largest norm? norms: batch norms'
 * own too. */
bool test_parity_gradients(const gr_weights *reference, const char *key, const gr_model *model,
                           const gr_model_options *options, const gr_params *params, bool norms, double limit);

#endif
