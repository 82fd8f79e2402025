#include <string.h>
#include <stdlib.h>
#include "support/parity.h"
#include "explain/relevance.h"
#include <math.h>
#include <stdio.h>
#include <time.h>

static double now(void){struct timespec t;clock_gettime(CLOCK_MONOTONIC,&t);return (double)t.tv_sec+1e-9*(double)t.tv_nsec;}

int main(int argc, char **argv)
{
    (void)argc; (void)argv;
    for (int b = 0; gr_backbone_names()[b] != NULL; b++) {
        const char *name = gr_backbone_names()[b];
        if (argc > 1 && strcmp(argv[1], name) != 0) continue;
        for (int seed = 0; seed < 2; seed++) {
        int64_t size = argc > 2 ? atoi(argv[2]) : 96;
        gr_model_options options = {.backbone = name, .head = "linear", .size = size, .channels = 3, .classes = 3};
        gr_error err = {0};
        gr_model *model; gr_params *params = NULL;
        if (gr_model_create(&options, &model, &err) != GR_OK) { printf("%s: %s\n", name, err.text); break; }
        if (seed == 0) { if (gr_params_create(model->graph, 7, false, &params, &err) != GR_OK) return 1; }
        else { if (gr_params_alloc(model->graph, false, &params, &err) != GR_OK) return 1; test_parity_fill(model, &options, params); }
        gr_relevance *r = NULL;
        float low[3] = {-1, -1, -1}, high[3] = {1, 1, 1};
        int64_t batch = argc > 3 ? atoi(argv[3]) : 4;
        gr_relevance_options ro = {.from = model->logits, .to = model->image, .batch = batch, .rules = gr_relevance_deep_taylor(), .low = low, .high = high};
        if (argc > 4 && gr_relevance_rules_parse(argv[4], &ro.rules, &err) != GR_OK) { printf("%s\n", err.text); return 1; }
        if (gr_relevance_create(model->graph, params, &ro, &r, &err) != GR_OK) { printf("%s: %s\n", name, err.text); return 1; }
        test_fill(gr_relevance_images(r), batch * size * size * 3, 1, 1.0f);
        double t0 = now();
        const float *logits = gr_relevance_forward(r);
        double t1 = now();
        int64_t index[64] = {0};
        for (int i = 0; i < batch; i++) index[i] = i % 3;
        const float *map = gr_relevance_explain(r, index);
        double t2 = now();
        double sums[64], worst = 0;
        gr_relevance_map_sums(r, sums);
        double mass = 0;
        for (int64_t i = 0; i < size*size*3; i++) mass += fabs(map[i]);
        for (int i = 0; i < batch; i++) { double l = logits[i*3+index[i]]; double e = fabs(sums[i]-l)/fabs(l); if (!(e <= worst)) worst = e; }
        printf("%-20s %d worst %.2e  logit %g sum %g mass %g  fwd %.3f back %.3f\n", name, seed, worst, logits[0], sums[0], mass, t1-t0, t2-t1);
        fflush(stdout);
        gr_relevance_destroy(r); gr_params_destroy(params); gr_model_destroy(model);
        }
    }
    return 0;
}
