/* The same convolution in oneDNN, in the layouts it likes best, for comparison in the same run. */
#ifndef GR_PEER_DNNL_H
#define GR_PEER_DNNL_H

#include "kernels/kernels.h"

typedef struct peer peer;

/* Prepares direction `d` of `p` on x, weights ([KH,KW,C/groups,OC]) and dy (NHWC, borrowed until this returns): copies them
 * into oneDNN's layouts, which is not timed. `winograd` lets oneDNN choose Winograd too where it has it (version 2 on
 * AVX-512; version 3 has none); without it the algorithm is direct, which PyTorch asks for. NULL when oneDNN cannot. */
peer *peer_create(const gr_conv_problem *p, gr_direction d, bool winograd, const float *x, const float *weights,
                  const float *dy);
/* Computes once; returns when it is done. */
void peer_run(peer *p);
/* The output in grimace's layout. */
void peer_output(peer *p, float *out);
/* The implementation that oneDNN chose ("jit:avx512_core", ...). */
const char *peer_name(const peer *p);
void peer_free(peer *p);

#endif
