/* Maps of relevance of one batch each time a line arrives on stdin: prints the seconds, forward included. Driven by
 * relevance.py, which runs zennit the same way and in turn.
 *
 *   bench_relevance RULES BACKBONE SIZE BATCH THREADS
 *
 * On "end" it prints its peak memory in MB and stops. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/base.h"
#include "explain/relevance.h"
#include "grimace/models.h"

static gr_status set_up(const char *const *words, gr_model **model, gr_params **params, gr_relevance **r, gr_error *err)
{
    int64_t size = atoll(words[2]), batch = atoll(words[3]);
    gr_model_options options = {.backbone = words[1], .head = "linear", .size = size, .channels = 3, .classes = 2};
    gr_status status = gr_model_create(&options, model, err);
    if (status == GR_OK)
        status = gr_params_create((*model)->graph, 1, false, params, err);
    if (status != GR_OK)
        return status;
    gr_relevance_options how = {.from = (*model)->logits,
                                .to = (*model)->image,
                                .batch = batch,
                                .low = (float[]){-1.0f, -1.0f, -1.0f},
                                .high = (float[]){1.0f, 1.0f, 1.0f}};
    status = gr_relevance_rules_parse(words[0], &how.rules, err);
    if (status == GR_OK)
        status = gr_relevance_create((*model)->graph, *params, &how, r, err);
    gr_rng rng = gr_rng_make(1, 0, 0, 0);
    float *images = status == GR_OK ? gr_relevance_images(*r) : NULL;
    for (int64_t i = 0; images != NULL && i < batch * size * size * 3; i++)
        images[i] = (float)(2.0 * gr_rng_double(&rng) - 1.0);
    return status;
}

static void answer(gr_relevance *r, const int64_t *classes)
{
    char line[16];
    while (fgets(line, sizeof line, stdin) != NULL && strncmp(line, "end", 3) != 0) {
        double start = gr_seconds();
        gr_relevance_forward(r);
        gr_relevance_explain(r, classes);
        printf("%.6f\n", gr_seconds() - start);
        fflush(stdout);
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%.1f\n", (double)usage.ru_maxrss / 1024.0);
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: bench_relevance RULES BACKBONE SIZE BATCH THREADS\n");
        return 2;
    }
    gr_threads_set(atoi(argv[5]));
    gr_error err = {0};
    gr_model *model = NULL;
    gr_params *params = NULL;
    gr_relevance *r = NULL;
    int64_t *classes = gr_alloc((size_t)atoll(argv[4]), sizeof *classes);
    gr_status status = set_up((const char *const *)argv + 1, &model, &params, &r, &err);
    if (status == GR_OK && classes != NULL)
        answer(r, classes);
    else
        fprintf(stderr, "bench_relevance: %s\n", err.text);
    gr_relevance_destroy(r);
    gr_params_destroy(params);
    gr_model_destroy(model);
    gr_free(classes);
    return status == GR_OK ? 0 : 1;
}
