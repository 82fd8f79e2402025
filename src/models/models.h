/* Architectures and heads: functions from value to value, built from operators. A new architecture is one file and a line in
 * models.c's table. */
#ifndef GR_MODELS_PRIVATE_H
#define GR_MODELS_PRIVATE_H

#include "graph/op.h"
#include "grimace/models.h"

/* What a backbone makes: its last feature map [N,H,W,C] and, where the architecture goes on with dense layers of its own, the
 * features [N,F] behind them (else NULL, and a classifier pools the map). */
typedef struct gr_backbone_out {
    gr_value *map, *vector;
} gr_backbone_out;

typedef struct gr_backbone {
    const char *name;
    gr_backbone_out (*build)(gr_graph *g, gr_value *image, const gr_model_options *options);
} gr_backbone;

gr_backbone_out gr_build_resnet(gr_graph *g, gr_value *image, const gr_model_options *options);
gr_backbone_out gr_build_blackmice_cnn(gr_graph *g, gr_value *image, const gr_model_options *options);

/* "PREFIX.fmt..." in the graph's arena; "" when memory is short (recorded in the graph). */
const char *gr_layer_name(gr_graph *g, const char *prefix, const char *fmt, ...) GR_PRINTF(3, 4);

#endif
