/* Architectures, heads and endings: functions from value to value, built from operators. A network is a backbone (table.h),
 * a head behind its last map (heads.c), and the layers and the loss of its task (endings.c). */
#ifndef GR_MODELS_PRIVATE_H
#define GR_MODELS_PRIVATE_H

#include "graph/op.h"
#include "grimace/models.h"
#include "models/table.h"

/* What a backbone makes: its last feature map [N,H,W,C] and, where the architecture goes on with dense layers of its own and
 * gr_head_takes_vector, the features [N,F] behind them (else NULL, and a classifier pools the map). For head `linear` also
 * what the architecture's own classifier has: a dropout before it (0: none), and initial numbers (0: those of a dense
 * layer). */
typedef struct gr_backbone_out {
    gr_value *map, *vector;
    gr_value *aux; /* logits of an auxiliary classifier, or NULL */
    double dropout;
    gr_init classifier;
} gr_backbone_out;

typedef gr_backbone_out gr_backbone_builder(gr_graph *g, gr_value *image, const gr_model_options *options);

/* A line of table.h. */
typedef struct gr_backbone {
    const char *name;
    gr_backbone_builder *build;
    int64_t least;
    const char *last_layer;
    unsigned traits;
} gr_backbone;

#define GR_DECLARE_BACKBONE(name, build, least, last_layer, traits) gr_backbone_builder build;
GR_BACKBONES(GR_DECLARE_BACKBONE)
#undef GR_DECLARE_BACKBONE

/* What a head makes of a backbone's map: features [N,d], and how the last layer's numbers start. */
typedef struct gr_head_out {
    gr_value *value;
    gr_init init;
} gr_head_out;

/* A head puts its layers behind a backbone's, and sets the model's head_input and beta. The table ends in NULL. */
typedef struct gr_head {
    const char *name;
    gr_head_out (*build)(gr_model *model, const gr_model_options *options, gr_backbone_out out);
    const char *task; /* the only one that it is of; NULL: of all that have no head of their own */
} gr_head;
extern const gr_head gr_heads[];

/* The head `boxes`, which takes maps out of the middle of the backbone, too. */
gr_head_out gr_build_box_head(gr_model *model, const gr_model_options *options, gr_backbone_out out);

/* The end of a network that learns `task`: its last layers, and the losses that may stand on them. */
typedef struct gr_ending {
    const char *task;
    const char *answer;        /* what the model's answer is called: "probabilities", "scores", "coordinates", "maps" */
    const char *reads;         /* how it reads, for other programs; NULL: one class by its probability, or landmarks */
    const char *decided_by;    /* whom a loss must fit, in an error sentence */
    const char *const *losses; /* NULL-terminated, the default first */
    bool columns;              /* may learn several label columns at once */
    bool aux;                  /* has logits for an auxiliary classifier */
    /* Fails: GR_INVALID (options that the task does not allow). NULL: it allows all. */
    gr_status (*check)(const gr_model_options *options, gr_error *err);
    /* Sets the model's answer and the values beside it. */
    void (*build)(gr_model *model, const gr_model_options *options, gr_head_out features);
    /* Adds the input of what is known (labels or targets) and the loss of this name, which is the operator's too. */
    gr_value *(*add_loss)(gr_model *model, const gr_loss_options *options, const char *name);
} gr_ending;
/* The ending of a task, or NULL. */
const gr_ending *gr_ending_find(const char *task);

/* How many label columns the network learns at once, 1 where none was given. */
int64_t gr_model_columns(const gr_model_options *options);

/* Does the head use the dense layers with which some architectures end? Else they are not built. */
bool gr_head_takes_vector(const gr_model_options *options);

/* The width, 1 where none was given. */
double gr_model_width(const gr_model_options *options);
/* ShuffleNetV2 exists in some scales only. */
bool gr_shufflenet_v2_has_scale(double scale);

/* Is it Keras's variant? */
bool gr_model_is_keras(const gr_model_options *options);
/* Zeros around a map so that a window of `kernel` at stride 2 meets every pixel, as Keras's padding "same": an even size
 * gets one pixel less at the top and left than at the bottom and right. */
gr_value *gr_pad_for_stride(gr_graph *g, gr_value *x, const char *name, int64_t kernel);

/* "PREFIX.fmt..." in the graph's arena; "" when memory is short (recorded in the graph). */
const char *gr_layer_name(gr_graph *g, const char *prefix, const char *fmt, ...) GR_PRINTF(3, 4);

/* Has `weights` every tensor of the model with its shape, in the names of gr_model_export or, where the first of these is not
 * there, of gr_weights_for_pytorch? gr_model_import would be content with a part. Fails: GR_INVALID (it lacks one), GR_NOMEM. */
gr_status gr_model_check_whole(const gr_model *model, const gr_model_options *options, const gr_weights *weights,
                               gr_error *err) GR_MUST_CHECK;

struct gr_onnx;
/* Adds the model to an empty ONNX graph: input "image" [N,C,H,W], outputs its answer ("probabilities", "scores" or
 * "coordinates", "maps") and, where the head has attention scores, "beta". weights[count] (BORROWED until it is written) are
 * networks of this architecture in the names and layouts of gr_model_export; outputs are their means. ranges[count]
 * (BORROWED during the call) are what the scores of each are clipped to before, [S, 2] each; NULL: they are not. Fails:
 * GR_INVALID (an operator without a form in ONNX), GR_INTERNAL (weights that lack a tensor), GR_NOMEM. */
gr_status gr_model_onnx(const gr_model *model, const gr_weights *const *weights, const double *const *ranges, int count,
                        struct gr_onnx *onnx, gr_error *err) GR_MUST_CHECK;

#endif
