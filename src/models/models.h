/* Architectures and heads: functions from value to value, built from operators. A new architecture is one file and a line in
 * build.c's table. */
#ifndef GR_MODELS_PRIVATE_H
#define GR_MODELS_PRIVATE_H

#include "graph/op.h"
#include "grimace/models.h"

/* What a backbone makes: its last feature map [N,H,W,C] and, where the architecture goes on with dense layers of its own and
 * gr_head_takes_vector, the features [N,F] behind them (else NULL, and a classifier pools the map). For head `linear` also what
 * the architecture's own classifier has: a dropout before it (0: none), and initial numbers (0: those of a dense layer). */
typedef struct gr_backbone_out {
    gr_value *map, *vector;
    gr_value *aux; /* logits of an auxiliary classifier, or NULL */
    double dropout;
    gr_init classifier;
} gr_backbone_out;

typedef struct gr_backbone {
    const char *name;
    int64_t least; /* pixels of the smallest image side that it takes */
    gr_backbone_out (*build)(gr_graph *g, gr_value *image, const gr_model_options *options);
    const char *last_layer; /* torchvision's name of the dense layer that gives the logits; NULL: it has no such network */
    bool widens;            /* has a width */
    bool in_keras;          /* keras.applications has it, as `variant` keras builds it */
} gr_backbone;

gr_backbone_out gr_build_resnet(gr_graph *g, gr_value *image, const gr_model_options *options);
gr_backbone_out gr_build_blackmice_cnn(gr_graph *g, gr_value *image, const gr_model_options *options);
gr_backbone_out gr_build_inception_v3(gr_graph *g, gr_value *image, const gr_model_options *options);
gr_backbone_out gr_build_nasnet_mobile(gr_graph *g, gr_value *image, const gr_model_options *options);
gr_backbone_out gr_build_vgg16(gr_graph *g, gr_value *image, const gr_model_options *options);
gr_backbone_out gr_build_mobilenet_v2(gr_graph *g, gr_value *image, const gr_model_options *options);
gr_backbone_out gr_build_mobilenet_v3(gr_graph *g, gr_value *image, const gr_model_options *options);
gr_backbone_out gr_build_shufflenet_v2(gr_graph *g, gr_value *image, const gr_model_options *options);
gr_backbone_out gr_build_efficientnet_b0(gr_graph *g, gr_value *image, const gr_model_options *options);

/* A head puts its layers behind a backbone's and sets the model's values. The table ends in NULL. */
typedef struct gr_head {
    const char *name;
    void (*build)(gr_model *model, const gr_model_options *options, gr_backbone_out out);
} gr_head;
extern const gr_head gr_heads[];

/* Does the head use the dense layers with which some architectures end? Else they are not built. */
bool gr_head_takes_vector(const gr_model_options *options);

/* The width, 1 where none was given. */
double gr_model_width(const gr_model_options *options);
/* ShuffleNetV2 exists in some scales only. */
bool gr_shufflenet_v2_has_scale(double scale);

/* Is it Keras's variant? */
bool gr_model_is_keras(const gr_model_options *options);
/* Zeros around a map so that a window of `kernel` at stride 2 meets every pixel, as Keras's padding "same": an even size gets one
 * pixel less at the top and left than at the bottom and right. */
gr_value *gr_pad_for_stride(gr_graph *g, gr_value *x, const char *name, int64_t kernel);

/* "PREFIX.fmt..." in the graph's arena; "" when memory is short (recorded in the graph). */
const char *gr_layer_name(gr_graph *g, const char *prefix, const char *fmt, ...) GR_PRINTF(3, 4);

struct gr_onnx;
/* Adds the model to an empty ONNX graph: input "image" [N,C,H,W], outputs "probabilities" (head landmarks: "coordinates")
 * and, where the head has attention scores, "beta". weights[count] (BORROWED until it is written) are networks of this
 * architecture in the names and layouts of gr_model_export; outputs are their means.
 * Fails: GR_INVALID (an operator without a form in ONNX), GR_INTERNAL (weights that lack a tensor), GR_NOMEM. */
gr_status gr_model_onnx(const gr_model *model, const gr_weights *const *weights, int count, struct gr_onnx *onnx,
                        gr_error *err) GR_MUST_CHECK;

#endif
