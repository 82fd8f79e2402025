/* Models: a backbone of the papers, a head on it, and the loss. */
#ifndef GRIMACE_MODELS_H
#define GRIMACE_MODELS_H

#include "grimace/graph.h"
#include "grimace/weights.h"

/* Dense layers between the map and the output, for the heads `mlp` and `landmarks`. */
typedef struct gr_mlp_options {
    const char *pool;  /* how the map becomes a vector: a name of gr_pool_names; NULL: avg */
    const int *hidden; /* [hidden_count] widths, each followed by ReLU and dropout; BORROWED during the call */
    int hidden_count;
    double dropout; /* in [0, 1) */
} gr_mlp_options;

typedef struct gr_model_options {
    const char *backbone; /* a name of gr_backbone_names */
    const char *head;     /* a name of gr_head_names */
    const char *task;     /* classes, ordinal, scores, landmarks, boxes; NULL: that of the head, else classes */
    int64_t size;         /* input images are [size, size, channels] */
    int64_t channels;
    int64_t classes; /* of the tasks classes and ordinal; of boxes: their kinds */
    int64_t outputs; /* label columns S learnt at once, by classes and scores; 0 means 1 */
    bool aux;        /* inception_v3 with classes, images of at least 299: with the auxiliary classifier */
    gr_mlp_options mlp;
    int64_t landmarks; /* head `landmarks`: how many points */
    const char *block; /* head `landmarks`: parallel convolutions, a name of gr_block_names; NULL: none */
    int64_t filters;   /* of each of them */
    int64_t box_stride;  /* head `boxes`: pixels between cells of its map, at most; 0 means 8 */
    int64_t box_filters; /* channels of the maps that it puts together; 0 means 64 */
    double box_score;    /* from where on a box counts as found; the network does not know it */
    double width;      /* multiplies channels: mobilenet_v2, mobilenet_v3_*, shufflenet_v2 (its scale); 0 means 1 */
    const char *variant; /* whose details: a name of gr_variant_names; NULL: torchvision's */
    const char *layers;  /* backbone `layers`: a plain network as a config's model.layers has it, in YAML; else NULL */
    const char *init;    /* first weights, a gr_init_name; NULL: the architecture's */
    double norm_eps, norm_momentum; /* of batch norms; 0: the architecture's; momentum is the share of what is new */
    const char *norm_variance;      /* a gr_batch_norm_variance_name; NULL: unbiased */
} gr_model_options;

/* A graph with the values that others ask for. The graph owns the values. */
typedef struct gr_model {
    gr_graph *graph;
    const char *task;        /* static storage */
    int64_t outputs;         /* label columns S, at least 1 */
    const char *last_layer;  /* what torchvision calls the layer that is `classifier` here: "fc", "classifier.1"; NULL: nothing */
    gr_value *image;         /* [N, size, size, channels] */
    gr_value *features;      /* the backbone's last feature map [N, H, W, C] */
    gr_value *head_input;    /* all that the head reads of the backbone, pooled where the head pools first; NULL: several
                              * maps */
    gr_value *beta;          /* head `painseeker`: attention scores [N, K]; else NULL */
    gr_value *logits;        /* classes: [N, S classes]; ordinal: log-probabilities [N, classes], which serve as such; else NULL */
    gr_value *probabilities; /* classes: [N, S classes], each label's classes in a row; ordinal: [N, classes]; else NULL */
    gr_value *scores;        /* scores: [N, S]; else NULL */
    gr_value *coordinates;   /* landmarks: [N, 2 L], x1, y1, x2, ... as shares of the image's side; else NULL */
    gr_value *maps;          /* boxes: [N, H, W, 5 K] for K kinds (src/learners/box_targets.h); else NULL */
    gr_value *answer;        /* what the network predicts: probabilities, scores, coordinates or maps */
    gr_value *aux;           /* logits of the auxiliary classifier [N, S classes], or NULL */
    /* after gr_model_add_loss: */
    gr_value *labels;        /* classes and ordinal: [N], with S above 1 [N, S], GR_I32, -1 where it is not known; else NULL */
    gr_value *weights;       /* of images [N], an input; NULL: there are none */
    gr_value *targets;       /* scores, landmarks and boxes: as `answer`, NaN where a value is not known; else NULL */
    gr_value *ce;            /* classes and ordinal: the loss without PRSC, scalar; else NULL */
    gr_value *prsc, *loss;   /* scalars; prsc is NULL where there is none */
    gr_value *test_loss;     /* what evaluation reports: the loss without the auxiliary classifier, on wish without weights */
    gr_value *test_ce;       /* likewise `ce` */
} gr_model;

/* NULL-terminated lists of names; static storage. */
const char *const *gr_backbone_names(void);
const char *const *gr_head_names(void);
enum { GR_HEADS_MAX = 16 };
/* Writes the names of all heads that a network for `task` may have, NULL behind the last; true: `head` is one of them. Never
 * fails. */
bool gr_heads_of(const char *task, const char *head, const char *names[GR_HEADS_MAX + 1]);
/* The task of a network with this head where none is named. Static storage. Never fails. */
const char *gr_head_task(const char *head);
const char *const *gr_pool_names(void);
const char *const *gr_block_names(void);
const char *const *gr_variant_names(void); /* torchvision, keras */
const char *const *gr_task_names(void);    /* classes, ordinal, scores, landmarks, boxes */
/* torchvision's name of the dense layer that gives a backbone's logits ("fc"), or NULL when torchvision has no such network.
 * Static storage. Never fails. */
const char *gr_backbone_last_layer(const char *backbone);
/* May `backbone` have this width? Fails: GR_INVALID (it has none, or not this one; the sentence says which it has). */
gr_status gr_backbone_check_width(const char *backbone, double width, gr_error *err) GR_MUST_CHECK;

/* Is it the name of a parameter before the head: of a backbone, or of one of `layers`? Never fails. */
bool gr_model_before_head(const char *parameter);

/* GIVES a model. Backbone parameters are named "backbone." + torchvision's name, those of a plain network "layers.N." from 1
 * on; the
 * head's "attention.weight", "attention.bias",
 * "classifier.weight" [S classes, d], "classifier.bias"; `mlp` and `landmarks` have "mlp.fc1.weight" and so on before, `landmarks`
 * ends in "landmarks.weight", "landmarks.bias". The task scores has "classifier.weight" [S, d] and "classifier.bias" [S]; ordinal
 * "classifier.weight" [1, d] and "classifier.thresholds" [classes - 1] (gr_proportional_odds): the score is their product with the
 * features. Fails: GR_INVALID (unknown name: the nearest known one is named; a task that the head does not fit; image too small
 * for the backbone; an auxiliary classifier where there is none), GR_NOMEM. */
gr_status gr_model_create(const gr_model_options *options, gr_model **out, gr_error *err) GR_MUST_CHECK;
void gr_model_destroy(gr_model *model);

typedef struct gr_loss_options {
    const char *name; /* one of gr_task_losses; NULL: the first of them */
    double wing_w, wing_epsilon; /* wing: both in pixels of the network's image */
    double huber_delta;          /* huber: in units of the label */
    const float *class_weights;  /* [classes], of all label columns, BORROWED during the call, or NULL */
    bool sampled;                /* each image has a weight: model->weights */
    bool by_count;               /* the weighted sum is divided by the labels, not by their weights */
    bool test_unweighted;        /* test_loss is without weights */
    double prsc_lambda, prsc_margin;
    int64_t prsc_top_k;
} gr_loss_options;

/* The losses of a task, NULL-terminated, its own first: cross_entropy for classes; cumulative (the negative log-likelihood of
 * proportional odds) for ordinal; mse, mae, huber for scores; mse, wing for landmarks; focal for boxes. NULL for an unknown task.
 * Static storage.
 * Never fails. */
const char *const *gr_task_losses(const char *task);
/* Loss i of all tasks, in their order, each once; NULL behind the last. Static storage. Never fails. */
const char *gr_loss_name(int i);

/* Adds the task's loss L over the labels or values that are known, and loss = L + lambda * PRSC (Liu et al. 2025, equation 6);
 * without attention scores or with lambda 0 the loss is L and prsc stays NULL, but with head `painseeker` and lambda 0 PRSC is
 * still computed for the log when top_k fits.
 * An auxiliary classifier adds 0.4 of its cross-entropy. Fails: GR_INVALID (top_k not below the number of regions; a loss that
 * does not fit the task), GR_NOMEM. */
gr_status gr_model_add_loss(gr_model *model, const gr_loss_options *options, gr_error *err) GR_MUST_CHECK;

/* How keras.applications' network of that name differs from torchvision's, in words that follow "whose RESNET50 "; NULL where both
 * are the same network, or Keras has none that grimace knows. Static storage. Never fails. */
const char *gr_backbone_keras_difference(const char *backbone);

struct gr_params;
/* Copies parameters into named tensors in PyTorch's layouts (GIVES), and back. Loading takes every tensor whose name and shape
 * fit; a bare torchvision name ("layer1.0.conv1.weight") fills "backbone." + name, and torchvision's last layer ("fc.weight",
 * "classifier.1.weight") fills `classifier`. A prefix that stands in front of them, whatever it is, is taken off; of a teacher and
 * its student, or an average and its model, the first is taken. Kernels for three colours are summed where the model has one
 * channel. `report`, when not NULL, is called once for each sentence about what was loaded, left out, missing, or of another shape.
 * Fails: GR_INVALID (nothing fits; two sets of tensors fit; a frozen parameter would keep its initial numbers), GR_NOMEM. */
gr_status gr_model_export(const gr_model *model, const struct gr_params *params, gr_weights **out, gr_error *err) GR_MUST_CHECK;
gr_status gr_model_import(const gr_model *model, struct gr_params *params, const gr_weights *weights,
                          void (*report)(void *ctx, const char *sentence), void *ctx, gr_error *err) GR_MUST_CHECK;

/* GIVES the tensors of a file that Keras wrote (note "format" = "keras"; names "layer/weight:0") in the names and layouts of
 * `model`, made of `options`: kernels and dense layers transposed, fc1 of VGG reordered from its flatten of [H,W,C], biases of
 * convolutions in front of a batch norm taken off its running mean, gamma 1 where Keras has none. Takes the storage of what is
 * left over (layers behind the backbone) out of `keras`, under its own names. `report`, when not NULL, hears how images were
 * prepared when the network was trained. Layers are those of keras.applications and keras_vggface, old names and new.
 * Fails: GR_INVALID (a network of Keras's that is not this one, down to a missing, superfluous or misshapen layer; one that differs
 * from torchvision's when options->variant is not keras), GR_NOMEM. */
gr_status gr_weights_from_keras(const gr_model_options *options, const gr_model *model, gr_weights *keras, gr_weights **out,
                                void (*report)(void *ctx, const char *sentence), void *ctx, gr_error *err) GR_MUST_CHECK;

/* Do the file's own first layers (Rescaling, Normalization) prepare images? Then (x / 255 - mean) / std of a pixel x from 0 to 255
 * is what they make of it. Fails: GR_NOMEM; what is no plain sequence of layers does not. */
gr_status gr_keras_pixels(const gr_weights *keras, bool *said, double mean[3], double std[3], gr_error *err) GR_MUST_CHECK;
/* GIVES (plain free) a config of such a file, which is called `name` there, as YAML: semantics, images, model.layers with the
 * names that Keras has for them, penalties. Fails: GR_INVALID (not Keras's, does not say how it is made, no plain sequence of
 * layers that model.layers has), GR_NOMEM. */
gr_status gr_keras_listing(const gr_weights *keras, const char *name, char **text, gr_error *err) GR_MUST_CHECK;

/* GIVES a copy of `weights` (BORROWED; of gr_model_export, for a model of `options`) in the names that PyTorch expects: the
 * backbone's without "backbone."; the classifier of head `linear` as torchvision's own last layer, where it has the network;
 * with each batch norm's num_batches_tracked. Fails: GR_INVALID (two tensors of one name), GR_NOMEM. */
gr_status gr_weights_for_pytorch(const gr_model_options *options, const gr_weights *weights, gr_weights **out,
                                 gr_error *err) GR_MUST_CHECK;

#endif
