/* A batch in blocks: the bits that several ranks come to are those of one, and they are nearly those of the whole batch. */
#include "support/support.h"
#include "support/ranks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "graph/blocks.h"

enum { SIZE = 6, CHANNELS = 4, CLASSES = 3, MOST = 16, BLOCKS = 4 };

/* A network with everything that looks at more than one image: batch norms that stay lazy and one behind a sum, dropout, a weighted
 * cross-entropy, and a second loss that not all targets are known of. */
typedef struct net {
    gr_graph *graph;
    gr_value *image, *labels, *scores, *loss;
} net;

static net make_net(void)
{
    static const float weights[CLASSES] = {0.5f, 2.0f, 1.25f};
    gr_graph *g = gr_graph_create();
    net n = {.graph = g};
    n.image = gr_input(g, "image", GR_F32, gr_shape4(1, SIZE, SIZE, CHANNELS));
    n.labels = gr_input(g, "labels", GR_I32, gr_shape1(1));
    n.scores = gr_input(g, "scores", GR_F32, gr_shape2(1, 1));
    gr_conv2d_args wide = {.out = 16, .kernel = {3, 3}, .pad = {1, 1}};
    gr_value *x = gr_relu(g, gr_batch_norm(g, gr_conv2d(g, n.image, "c1", wide), "b1"), "r1");
    gr_value *y = gr_relu(g, gr_batch_norm(g, gr_conv2d(g, x, "c2", wide), "b2"), "r2");
    y = gr_batch_norm(g, gr_conv2d(g, y, "c3", wide), "b3");
    y = gr_stochastic_depth(g, y, "depth", 0.25);
    y = gr_relu(g, gr_add(g, y, x, "sum"), "r3");
    y = gr_dropout(g, gr_global_avg_pool(g, y, "pool"), "dropout", 0.3);
    gr_value *logits = gr_dense(g, y, "classifier", CLASSES, GR_INIT_UNIFORM_FAN_IN);
    gr_value *score = gr_dense(g, y, "score", 1, GR_INIT_UNIFORM_FAN_IN);
    n.loss = gr_weighted_sum(g, gr_cross_entropy(g, logits, n.labels, "ce", weights), gr_mse_loss(g, score, n.scores, "mse"),
                             "loss", 0.5);
    gr_error err = {0};
    if (gr_graph_status(g, &err) != GR_OK)
        fail_msg("%s", err.text);
    return n;
}

/* Images [begin, begin + n of the plan) of a batch. */
static void fill(const net *n, gr_plan *plan, int64_t begin)
{
    float *image = gr_plan_data(plan, n->image), *scores = gr_plan_data(plan, n->scores);
    int32_t *labels = (int32_t *)(void *)gr_plan_data(plan, n->labels);
    const int64_t each = SIZE * SIZE * CHANNELS;
    for (int64_t i = 0; i < gr_plan_batch(plan); i++) {
        uint32_t at = (uint32_t)(begin + i);
        for (int64_t k = 0; k < each; k++)
            image[i * each + k] = 1.5f + test_number(11, at * (uint32_t)each + (uint32_t)k);
        labels[i] = at % 5 == 4 ? -1 : (int32_t)(at * 7 % CLASSES);
        scores[i] = at % 3 == 1 ? NAN : test_number(12, at);
    }
}

/* What a step leaves. */
typedef struct outcome {
    float *gradients, *values; /* values: running statistics too */
    float loss;
} outcome;

static outcome take(const gr_params *params, float loss)
{
    outcome o = {.loss = loss};
    o.gradients = malloc(params->count * sizeof(float));
    o.values = malloc(params->count * sizeof(float));
    memcpy(o.gradients, params->gradients, params->count * sizeof(float));
    memcpy(o.values, params->values, params->count * sizeof(float));
    return o;
}

static void forget(outcome *o)
{
    free(o->gradients);
    free(o->values);
}

static outcome whole(int64_t images)
{
    net n = make_net();
    test_run run = test_compile(n.graph, n.loss, NULL, 0, images, true);
    fill(&n, run.plan, 0);
    gr_plan_forward(run.plan, 5, 9);
    float loss = gr_plan_data(run.plan, n.loss)[0];
    gr_plan_backward(run.plan);
    outcome o = take(run.params, loss);
    test_run_destroy(&run);
    gr_graph_destroy(n.graph);
    return o;
}

typedef struct cut {
    int64_t images;
    outcome of[TEST_MOST_RANKS];
} cut;

/* A full batch first, whose numbers must leave no trace, then the one that counts. */
static void cut_work(void *ctx, gr_peers *peers)
{
    cut *c = ctx;
    net n = make_net();
    gr_params *params = NULL;
    gr_blocks *blocks = NULL;
    gr_error err = {0};
    gr_plan_options options = {.batch = MOST, .training = true, .loss = n.loss};
    if (gr_params_create(n.graph, 3, true, &params, &err) != GR_OK ||
        gr_blocks_create(n.graph, params, &options, BLOCKS, peers, &blocks, &err) != GR_OK)
        abort();
    float *before = malloc(params->count * sizeof(float)), loss = 0.0f;
    memcpy(before, params->values, params->count * sizeof(float));
    for (int pass = 0; pass < 2; pass++) {
        int64_t images = pass == 0 ? MOST : c->images;
        int first, own = gr_blocks_own(blocks, &first);
        memcpy(params->values, before, params->count * sizeof(float));
        if (gr_blocks_open(blocks, images, &err) != GR_OK)
            abort();
        for (int i = 0; i < own; i++)
            if (gr_blocks_plan(blocks, i) != NULL)
                fill(&n, gr_blocks_plan(blocks, i), gr_block_begin(images, BLOCKS, first + i));
        gr_blocks_forward(blocks, 5, 9);
        if (gr_blocks_plan(blocks, 0) != NULL)
            loss = gr_plan_data(gr_blocks_plan(blocks, 0), n.loss)[0];
        gr_blocks_backward(blocks);
    }
    c->of[peers != NULL ? peers->rank : 0] = take(params, loss);
    free(before);
    gr_blocks_destroy(blocks);
    gr_params_destroy(params);
    gr_graph_destroy(n.graph);
}

/* |a - b| is small beside the largest of each parameter's gradients. */
static bool near(const net *n, const float *a, const float *b)
{
    bool good = true;
    for (int i = 0; i < gr_graph_parameter_count(n->graph); i++) {
        const gr_parameter *p = gr_graph_parameter(n->graph, i);
        if (!test_close(a + p->offset, b + p->offset, (int64_t)p->count, 1e-4)) {
            print_error("%s\n", p->name);
            good = false;
        }
    }
    return good;
}

/* Each parameter's bits; between parameters there may be anything. */
static bool same(const net *n, const float *a, const float *b)
{
    bool good = true;
    for (int i = 0; i < gr_graph_parameter_count(n->graph); i++) {
        const gr_parameter *p = gr_graph_parameter(n->graph, i);
        good = good && memcmp(a + p->offset, b + p->offset, p->count * sizeof *a) == 0;
    }
    return good;
}

static void ranks_come_to_the_bits_of_one(void **state)
{
    (void)state;
    static const int64_t sizes[] = {16, 13, 9, 5, 3, 2}; /* in the last two some blocks, and some ranks, have no image */
    gr_threads_set(1);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        cut alone = {.images = sizes[s]};
        cut_work(&alone, NULL);
        outcome expected = whole(sizes[s]);
        net n = make_net();
        assert_true(fabsf(alone.of[0].loss - expected.loss) < 1e-5f);
        assert_true(near(&n, alone.of[0].gradients, expected.gradients));
        assert_true(near(&n, alone.of[0].values, expected.values));
        forget(&expected);
        for (int ranks = 1; ranks <= BLOCKS; ranks *= 2) {
            cut several = {.images = sizes[s]};
            test_ranks_run(ranks, cut_work, &several);
            for (int r = 0; r < ranks; r++) {
                assert_true(same(&n, several.of[r].gradients, alone.of[0].gradients));
                assert_true(same(&n, several.of[r].values, alone.of[0].values));
                forget(&several.of[r]);
            }
            assert_true(several.of[0].loss == alone.of[0].loss);
        }
        forget(&alone.of[0]);
        gr_graph_destroy(n.graph);
    }
    gr_threads_set(0);
}

static void blocks_share_a_batch_evenly(void **state)
{
    (void)state;
    for (int64_t n = 0; n < 40; n++)
        for (int blocks = 1; blocks <= 8; blocks *= 2) {
            assert_int_equal(gr_block_begin(n, blocks, 0), 0);
            assert_int_equal(gr_block_begin(n, blocks, blocks), n);
            for (int b = 0; b < blocks; b++) {
                int64_t size = gr_block_begin(n, blocks, b + 1) - gr_block_begin(n, blocks, b);
                assert_true(size == n / blocks || size == n / blocks + 1);
                assert_true(b == 0 || size <= gr_block_begin(n, blocks, b) - gr_block_begin(n, blocks, b - 1));
            }
        }
    assert_true(gr_blocks_shared(4, 1) && gr_blocks_shared(4, 2) && gr_blocks_shared(4, 4) && gr_blocks_shared(1, 1));
    assert_false(gr_blocks_shared(4, 3) || gr_blocks_shared(4, 8) || gr_blocks_shared(6, 3) || gr_blocks_shared(4, 0));
}

static void what_cannot_be_cut_is_refused(void **state)
{
    (void)state;
    net n = make_net();
    gr_params *params = NULL;
    gr_blocks *blocks = NULL;
    gr_error err = {0};
    assert_int_equal(gr_params_create(n.graph, 3, true, &params, &err), GR_OK);
    gr_plan_options options = {.batch = 3, .training = true, .loss = n.loss};
    assert_int_equal(gr_blocks_create(n.graph, params, &options, BLOCKS, NULL, &blocks, &err), GR_INTERNAL);
    assert_null(blocks);
    gr_params_destroy(params);
    gr_graph_destroy(n.graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ranks_come_to_the_bits_of_one),
                                       cmocka_unit_test(blocks_share_a_batch_evenly),
                                       cmocka_unit_test(what_cannot_be_cut_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
