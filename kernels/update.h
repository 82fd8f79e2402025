/* One step of an update rule on flat arrays, in numbers that the caller made of rates and steps. */
#ifndef GR_KERNELS_UPDATE_H
#define GR_KERNELS_UPDATE_H

#include <stdbool.h>
#include <stdint.h>

typedef enum gr_update_rule {
    GR_UPDATE_SGD,     /* a = momentum a - lr d; w += a, or momentum a - lr d with nesterov (Keras's form) */
    GR_UPDATE_ADAM,    /* moments a, b; with `c` not NULL c = max(c, b) in b's place: w -= lr a / (sqrt(b) / correction + eps) */
    GR_UPDATE_NADAM,   /* moments a, b: w -= (lr d + lr2 a) / (sqrt(b) / correction + eps) */
    GR_UPDATE_ADAMAX,  /* a moment; b = max(beta2 b, |d| + eps): w -= lr a / b;
                        * keras: b = max(beta2 b, |d|): w -= lr a / (b + eps) */
    GR_UPDATE_ADAGRAD, /* a += d^2: w -= lr d / (sqrt(a) + eps); keras: w -= lr d / sqrt(a + eps) */
    GR_UPDATE_RMSPROP  /* a = beta2 a + rest2 d^2, s = a less the square of the mean b when not NULL; e = d / (sqrt(s) + eps);
                        * keras: e = d / sqrt(s + eps); c not NULL: c = momentum c + e (keras: + lr e), w -= lr c (keras: c) */
} gr_update_rule;

/* d is the gradient plus l1 sign(w) plus decay w. Before the step w is multiplied by `keep`. */
typedef struct gr_update {
    int64_t count;
    float *w;
    const float *g;
    float *a, *b, *c; /* the state; NULL where the rule keeps none */
    float lr, lr2, beta1, rest1, beta2, rest2, correction, eps, momentum, l1, decay, keep;
    bool nesterov, keras;
} gr_update;

#endif
