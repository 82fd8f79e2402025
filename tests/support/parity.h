/* Whole networks against numbers that other software made (tests/parity/make_*.py): weights and images come from their names
 * by the same formula on both sides, so that a reference is its results alone. */
#ifndef GR_TEST_PARITY_H
#define GR_TEST_PARITY_H

#include "support/support.h"
#include "grimace/models.h"
#include "grimace/weights.h"

/* The reference file at `path`; the test program fails without it. The caller owns it. */
gr_weights *test_parity_open(const char *path);
/* The one of a test program: opened by cmocka's setup (0, or -1 when it cannot be read), dropped by its teardown. */
int test_parity_begin(const char *path);
int test_parity_end(void **state);
const gr_weights *test_parity_reference(void);
/* Another one in its place; gives the one that was there, whose owner the caller is now. */
gr_weights *test_parity_swap(gr_weights *other);
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

/* ---- a network under test ------------------------------------------------------------------------------------------------- */

/* A filled network whose parameters several plans share. */
typedef struct test_subject {
    const char *key; /* what the program's reference calls it */
    gr_model_options options;
    gr_model *model;
    gr_params *params;
    gr_workspace *workspace;
} test_subject;
/* With a loss where one is given, and then without dropout; norms: batch norms see the batch in training, else running
 * statistics. */
test_subject test_parity_subject(const char *key, const gr_model_options *options, const gr_loss_options *loss, bool norms);
void test_parity_subject_free(test_subject *s);
/* A plan for `batch` images, which are in its input before the first pass (test_parity_images): for training with the subject's
 * loss, else for its logits; `keep` (NULL: none but these) is kept too. */
gr_plan *test_parity_plan(const test_subject *s, int64_t batch, bool training, bool fusion, const gr_value *const *keep,
                          int keep_count);

/* Puts the images of test_fill's first stream into a plan's input, where each pass may leave something else. */
void test_parity_images(const test_subject *s, gr_plan *plan, int64_t batch);

/* Are the logits of two images the reference's KEY.logits? */
bool test_parity_inference(const test_subject *s, bool fusion);
/* Is the loss of a training plan's forward pass, labels 0, 1, ... in turn, the reference's KEY.WHAT? */
bool test_parity_loss(const test_subject *s, gr_plan *plan, int64_t batch, const char *what);
/* Are the loss of a training step and the gradient of every parameter the reference's? */
bool test_parity_training(const test_subject *s, int64_t batch, bool norms, bool fusion);

#endif
