/* Keras's initialisers. */
#ifndef GR_GRAPH_INITIAL_H
#define GR_GRAPH_INITIAL_H

#include "base/random.h"
#include "grimace/graph.h"

/* One number by param->init, which is one of GR_INIT_GLOROT_UNIFORM to GR_INIT_LECUN_NORMAL. */
double gr_init_draw(const gr_parameter *param, gr_rng *rng);

#endif
