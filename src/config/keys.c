#include "config/keys.h"

#include <string.h>

#include "config/dialects.h"
#include "config/keys_optim.h"
#include "config/keys_trees.h"
#include "config/keys_windows.h"
#include "grimace/balance.h"
#include "grimace/box_results.h"
#include "grimace/calibration.h"
#include "grimace/eval.h"
#include "grimace/landmarks.h"
#include "grimace/lbp.h"
#include "grimace/models.h"
#include "grimace/optim.h"
#include "grimace/ordinal.h"
#include "grimace/plan.h"
#include "grimace/scores.h"
#include "grimace/split.h"
#include "learners/learner.h"

/* ---- the names that keys take ---------------------------------------------------------------------------------------------- */

static const char *const modes[] = {"min", "max", NULL};
static const char *const split_forms[] = {"full", "compact", NULL};
static const char *const feature_caches[] = {"auto", "off", NULL};
static const char *const memories[] = {"auto", "low", NULL};
static const char *const keeps[] = {"last", "best", "best_if_stopped", NULL};
static const char *const drawn[] = {"image", "group", NULL};
static const char *const descriptor_sets[] = {"fgs35", "rats18", "mice18", "catflw48", NULL};
static const char *const searches[] = {"none", "grid", "random", NULL};
static const char *const tune_metrics[] = {"accuracy", "log_loss", "mse", NULL};
static const char *const selections[] = {"none", "rfe", "boruta_shap", NULL};
static const char *const forms[] = {"torch", "keras", NULL};
static const char *const products[] = {"steps", "tensors", NULL};
static const char *const means[] = {"weights", "batch", NULL};
static const char *const paces[] = {"epoch", "step", NULL};

/* A list that another room has: its name number i, NULL behind the last. */
#define FROM(list, name_i)                                                                                                  \
    static const char *list(int i, char *room)                                                                              \
    {                                                                                                                       \
        (void)room;                                                                                                         \
        return name_i;                                                                                                      \
    }
FROM(tasks, gr_task_names()[i])
FROM(calibrators, gr_calibrator_name(i))
FROM(losses, gr_loss_name(i))
FROM(classics, gr_learner_name(i))
FROM(networks, gr_backbone_names()[i])
FROM(heads, gr_head_names()[i])
FROM(pools, gr_pool_names()[i])
FROM(blocks, gr_block_names()[i])
FROM(variants, gr_variant_names()[i])
FROM(lbp_methods, gr_lbp_method_name((gr_lbp_method)i))
static const char *const cascade_features[] = {"haar", "lbp", NULL}, *const haar_sets[] = {"basic", "core", "all", NULL},
                         *const boostings[] = {"gentle", "discrete", NULL}, *const jpeg_dcts[] = {"exact", "fast", NULL};
FROM(dcts, jpeg_dcts[i])
FROM(cascade_kinds, cascade_features[i])
FROM(haar_kinds, haar_sets[i])
FROM(boosts, boostings[i])
FROM(optimizers, gr_optim_name(i))
FROM(schedules, gr_schedule_name(i))
FROM(schemes, gr_split_scheme_name((gr_split_scheme)i))
FROM(balances, gr_balance_name((gr_balance)i))
FROM(precisions, gr_precision_name(i))
FROM(dialects, gr_dialect_name(i))
FROM(variances, gr_batch_norm_variance_name(i))
FROM(inits, gr_init_name(i))

/* The backbones, and what stands for one where the network is in the config. */
static const char *backbones(int i, char *room)
{
    int count = 0;
    while (networks(count, room) != NULL)
        count++;
    return i < count ? networks(i, room) : i == count ? "layers" : NULL;
}

/* A number that a validation part can be judged by: any in eval's lists that is better the higher, or the lower. */
static const char *measured(int i)
{
    int at = 0;
    for (int m = 0; m < GR_METRIC_COUNT; m++)
        if (at++ == i)
            return gr_metric_name((gr_metric)m);
    for (int m = 0; m < GR_SCORE_METRIC_COUNT; m++)
        if (gr_score_metric_ranks((gr_score_metric)m) && at++ == i)
            return gr_score_metric_name((gr_score_metric)m);
    for (int m = 0; m < GR_ORDINAL_METRIC_COUNT; m++) {
        const char *name = gr_ordinal_metric_name((gr_ordinal_metric)m);
        if (gr_score_metric_find(name) < 0 && at++ == i)
            return name;
    }
    if (at++ == i)
        return GR_LANDMARK_METRIC;
    for (int m = 0; m < GR_BOX_METRIC_COUNT; m++) {
        const char *name = gr_box_metric_name((gr_box_metric)m);
        if (m != GR_BOX_PRECISION && at++ == i) /* which classes have, too */
            return name;
    }
    return NULL;
}

/* The numbers of an epoch. */
static const char *watched(int i, char *room)
{
    static const char *const losses[] = {"train_loss", "train_ce", "train_prsc", "train_accuracy",
                                         "val_loss",   "val_ce",   "val_prsc"};
    enum { LOSSES = sizeof losses / sizeof losses[0] };
    const char *name = i < LOSSES ? losses[i] : measured(i - LOSSES);
    if (i < LOSSES || name == NULL)
        return name;
    snprintf(room, GR_KEY_NAME_ROOM, "val_%s", name);
    return room;
}

/* ---- the table ------------------------------------------------------------------------------------------------------------- */

#define AT(field) offsetof(gr_config, field)
/* The ends of a range: does it hold its bound? */
enum { SHUT = false, OPEN = true };

const gr_key gr_keys[] = {
    {"name", GR_KEY_STRING, AT(name), "null", .nullable = true,
     .help = "Name of the experiment. null: the config file's name."},
    {"seed", GR_KEY_SEED, AT(seed), "0", .range = {0, 9223372036854775807.0, SHUT, SHUT},
     .help = "Key of all random numbers: initial weights, order of images, augmentation, splits."},
    {"threads", GR_KEY_INT, AT(threads), "0", .aside = true, .range = {0, 1024, SHUT, SHUT},
     .help = "Threads that compute; results do not depend on it. 0: all cores."},

    {"task", GR_KEY_CHOICE, AT(task), "null", .nullable = true, .names = tasks,
     .help = "What is learnt: classes; ordinal, classes in order; scores, numbers on a scale; landmarks, places in the "
             "image; boxes, where faces and their parts are. null: that of model.head landmarks or boxes, else classes."},

    {"semantics", GR_KEY_CHOICE, AT(semantics), "torch", .names = dialects,
     .help = "Whose training arithmetic holds where they differ: PyTorch's, or that of Keras 2 (2.15) or Keras 3. It sets the "
             "defaults of the keys that say so, each of which may be set by itself (docs/keras.md)."},

    {"data.manifest", GR_KEY_PATH, AT(data.manifest), "null", .nullable = true,
     .help = "CSV table of the images; a relative path begins at the config file's folder."},
    {"data.label", GR_KEY_STRING, AT(data.label), "label", .help = "Column of the manifest that holds the class."},
    {"data.labels", GR_KEY_STRINGS, AT(data.labels), "[]", .least = 0, .most = 64,
     .help = "Several such columns, which one network learns at once, in place of data.label: classes or scores; results "
             "have each column's numbers and those of the total (docs/scores.md). []: data.label alone."},
    {"data.range", GR_KEY_REALS, AT(data.range), "null", .nullable = true, .range = {-1e9, 1e9, SHUT, SHUT}, .least = 2,
     .most = 2,
     .help = "Task scores: [lo, hi], the ends of the scale; labels beyond are refused, predictions are clipped. null: "
             "the ends of the training part's labels."},
    {"data.classes", GR_KEY_STRINGS, AT(data.classes), "[]", .least = 0, .most = 1000,
     .help = "The label column's values in class order. []: all its values, sorted."},
    {"data.positive", GR_KEY_STRING, AT(data.positive), "null", .nullable = true,
     .help = "The class that F1, sensitivity and the like are about. null: the last."},
    {"data.group", GR_KEY_STRING, AT(data.group), "null", .nullable = true,
     .help = "Column that must never be split, such as the animal. null: none."},
    {"data.weight", GR_KEY_STRING, AT(data.weight), "null", .nullable = true,
     .help = "Column with each image's weight in the loss, a number from 0 on, beside those of data.balance class_weight; for "
             "classes and ordinal. null: all count alike."},
    {"data.extra_manifests", GR_KEY_STRINGS, AT(data.extra_manifests), "[]", .least = 0, .most = 64, .paths = true,
     .help = "More such tables, whose images train in every fold and are never tested. They have the same label column "
             "and classes; a group of theirs is another animal than a group of the same name elsewhere."},
    {"data.only", GR_KEY_STRINGS, AT(data.only), "[]", .least = 0, .most = 64,
     .help = "Rows of data.manifest that are used, each as COLUMN=VALUE, such as [treatment=kxn]; all must hold. []: all "
             "rows."},
    {"data.at_most", GR_KEY_INT, AT(data.at_most), "0", .range = {0, 10000000, SHUT, SHUT},
     .help = "Of these, so many are drawn by the seed. 0: all."},
    {"data.crop", GR_KEY_PATH, AT(data.crop), "null", .nullable = true,
     .help = "A cascade, a chain, or a model of the task boxes or its run, that finds faces (docs/detection.md): its best box is "
             "cut out of each image that has no box_x, box_y, box_w, box_h. An image in which it finds nothing is refused. The "
             "model remembers it, so that predict takes whole pictures, too. null: whole images."},
    {"data.crop_margin", GR_KEY_REAL, AT(data.crop_margin), "0", .range = {0, 10, SHUT, SHUT},
     .help = "Added to that box on each side, as a share of its width and height."},
    {"data.crop_square", GR_KEY_BOOL, AT(data.crop_square), "false",
     .help = "Whether the box becomes a square of its longer side."},
    GR_KEYS_OF_ALIGNMENT
    {"data.image.size", GR_KEY_INT, AT(data.image.size), "224", .range = {1, 4096, SHUT, SHUT},
     .help = "Side of the square image that the network sees, in pixels."},
    {"data.image.channels", GR_KEY_INT, AT(data.image.channels), "3", .range = {1, 3, SHUT, SHUT},
     .help = "3: RGB; 1: grey."},
    {"data.image.mean", GR_KEY_REALS, AT(data.image.mean), "null", .nullable = true, .range = {-1000, 1000, SHUT, SHUT},
     .least = 1, .most = 3,
     .help = "Subtracted per channel after division by 255: at most 1. null: ImageNet's, [0.485, 0.456, 0.406], or "
             "[0.449] for grey."},
    {"data.image.std", GR_KEY_REALS, AT(data.image.std), "null", .nullable = true, .range = {0, 1000, OPEN, SHUT},
     .least = 1, .most = 3,
     .help = "Divides per channel afterwards: at most 1. null: ImageNet's, [0.229, 0.224, 0.225], or [0.226] for grey."},
    {"data.jpeg_dct", GR_KEY_CHOICE, AT(data.jpeg_dct), "exact", .names = dcts,
     .help = "How a JPEG's blocks become pixels: exact as Pillow and OpenCV do it, fast as tf.io.decode_jpeg does, up to 6 levels "
             "off. The model remembers it. Networks and lbp_svm have it."},
    {"data.train_transforms", GR_KEY_TRANSFORMS, AT(data.train_transforms), "null", .nullable = true, .least = 0, .most = 64,
     .help = "Transforms of training images, in order: docs/augmentation.md has all; {use: FILE.yaml} stands for a list in a file. "
             "null: [{resize: SIZE}]; []: none, images must have the size."},
    {"data.eval_transforms", GR_KEY_TRANSFORMS, AT(data.eval_transforms), "null", .nullable = true, .least = 0, .most = 64,
     .help = "Transforms of validation and test images; likewise."},
    {"data.balance", GR_KEY_CHOICE, AT(data.balance), "none", .names = balances,
     .help = "How unequal class sizes are met: draw fewer of the larger (anew in each epoch, or once for all), repeat "
             "the smaller, or weight the loss."},
    {"data.cache_mb", GR_KEY_INT, AT(data.cache_mb), "0", .aside = true, .range = {0, 1 << 20, SHUT, SHUT},
     .help = "Memory for decoded images, MiB. 0: a quarter of the machine's, at most 4096."},
    {"data.workers", GR_KEY_INT, AT(data.workers), "0", .aside = true, .range = {0, 256, SHUT, SHUT},
     .help = "Threads that decode and augment ahead. 0: one per core, at most 4."},
    {"data.boxes", GR_KEY_STRINGS, AT(data.boxes), "[face=box]", .least = 1, .most = 64,
     .help = "Task boxes: what is to be found, each as KIND=PREFIX: columns PREFIX_x, PREFIX_y, PREFIX_w and PREFIX_h of the "
             "manifest, such as [face=box, eye=eye_left, eye=eye_right]. The first kind is what results are about first."},
    {"data.landmarks", GR_KEY_INTS, AT(data.landmarks), "[]", .range = {1, 10000, SHUT, SHUT}, .least = 0, .most = 1000,
     .help = "Head landmarks: those of the manifest that are learnt, such as [13, 14, 17, 18]; in results and the two keys below "
             "they are numbered in this order. []: all."},
    {"data.landmark_flip", GR_KEY_PAIRS, AT(data.landmark_flip), "[]", .range = {1, 10000, SHUT, SHUT}, .least = 0,
     .most = 5000,
     .help = "Head landmarks: pairs that change places when hflip mirrors an image, such as [[1, 2], [5, 6]]."},
    {"data.landmark_distance", GR_KEY_INTS, AT(data.landmark_distance), "[]", .range = {1, 10000, SHUT, SHUT}, .least = 0,
     .most = 2,
     .help = "Head landmarks: the two whose distance normalises errors (NRMSE). []: the square root of the area of the "
             "box or image."},
    {"data.landmark_units", GR_KEY_PATH, AT(data.landmark_units), "null", .nullable = true, .choices = descriptor_sets,
     .help = "Head landmarks: a set of descriptors, such as fgs35, or a YAML file of one, whose action units errors are told by, "
             "beside those of each landmark; the manifest's numbers. null: none."},
    GR_KEYS_OF_FEATURES

    {"split.scheme", GR_KEY_CHOICE, AT(split.scheme), "null", .nullable = true, .names = schemes,
     .help = "How images are divided; last_rows, first_rows, first_of_each_class and last_of_list are what Keras's "
             "validation_split takes in fit, flow, flow_from_directory and image_dataset_from_directory. null: "
             "leave_one_group_out with data.group, else stratified_kfold."},
    {"split.folds", GR_KEY_INT, AT(split.folds), "5", .range = {2, 1000, SHUT, SHUT},
     .help = "Folds of the k-fold schemes."},
    {"split.repeats", GR_KEY_INT, AT(split.repeats), "1", .range = {1, 1000, SHUT, SHUT},
     .help = "k-fold schemes with shuffle true: how often all folds are made and run, each time drawn anew; folds are "
             "then called REPEAT.FOLD."},
    {"split.stratify", GR_KEY_STRING, AT(split.stratify), "null", .nullable = true,
     .help = "Column of the manifest whose values the stratified schemes, holdout and the validation part even out, such "
             "as the condition. null: the label, where the scheme stratifies."},
    {"split.validation", GR_KEY_REAL, AT(split.validation), "0", .range = {0, 1, SHUT, OPEN},
     .help = "Share of the training part (of its groups, where there are groups) that validates; stratified where the "
             "scheme is, or with split.stratify."},
    {"split.test", GR_KEY_REAL, AT(split.test), "0.2", .range = {0, 1, OPEN, OPEN},
     .help = "holdout: share that tests, stratified, in whole groups where there are groups; Keras's schemes: validation_split."},
    {"split.train_share", GR_KEY_REAL, AT(split.train_share), "1", .range = {0, 1, OPEN, SHUT},
     .help = "Share of each fold's training groups (of its rows, where there are none) that trains; the others are left out. "
             "Which ones follows from the seed, a smaller share is within a larger one. stats --learning-curve sets it."},
    {"split.shuffle", GR_KEY_BOOL, AT(split.shuffle), "false",
     .help = "true: folds are drawn by the seed; false: exactly scikit-learn's without shuffling."},
    {"split.write", GR_KEY_CHOICE, AT(split.write), "null", .nullable = true, .aside = true, .choices = split_forms,
     .help = "splits.csv: full has a row per image and fold; compact leaves out the rows of train, which are the rest. null: "
             "compact above a million rows."},

    {"model.classic", GR_KEY_CHOICE, AT(model.classic), "none", .names = classics,
     .help = "lbp_svm: local binary patterns and a linear support vector machine instead of a network, for two classes; "
             "every image goes through data.eval_transforms and becomes grey (Pillow's L). boosted: XGBoost's trees on "
             "data.features (docs/boosted.md). cascade (boosted trees over Haar or LBP features) and hog_svm (histograms of "
             "gradients and a linear support vector machine) learn the task boxes; they see whole pictures in grey. None of "
             "them reads the keys of networks and their training."},
    {"model.lbp.radius", GR_KEY_REAL, AT(model.lbp.radius), "1", .range = {0, 64, OPEN, SHUT},
     .help = "lbp_svm: radius R of the circle, in pixels."},
    {"model.lbp.points", GR_KEY_INT, AT(model.lbp.points), "8", .range = {4, 16, SHUT, SHUT},
     .help = "lbp_svm: points P on the circle."},
    {"model.lbp.grid", GR_KEY_INT, AT(model.lbp.grid), "4", .range = {1, 64, SHUT, SHUT},
     .help = "lbp_svm: the image is cut into grid x grid cells, each with a histogram that sums to one."},
    {"model.lbp.method", GR_KEY_CHOICE, AT(model.lbp.method), "uniform", .names = lbp_methods,
     .help = "lbp_svm: codes as scikit-image names them; uniform has P + 2 values, default and ror 2^P."},
    {"model.svm.c", GR_KEY_REAL, AT(model.svm.c), "1", .range = {0, 1e9, OPEN, SHUT}, .help = "lbp_svm: the penalty C."},
    GR_KEYS_OF_TREES
    GR_KEYS_OF_WINDOWS
    {"model.backbone", GR_KEY_STRING, AT(model.backbone), "resnet18", .names = backbones,
     .help = "The network that makes the feature map; layers with model.layers, and without a word about it then."},
    {"model.layers", GR_KEY_LAYERS, AT(model.layers), "null", .nullable = true,
     .help = "A plain network in place of backbone and head, a list from the image on, such as [{conv: 32, kernel: 3, act: relu}, "
             "{pool: max, size: 2}, {flatten: {}}, {dense: 128, act: relu}]; the last layer, as wide as the task needs, is added "
             "(docs/models.md)."},
    {"model.head", GR_KEY_STRING, AT(model.head), "linear", .names = heads,
     .help = "What follows it: linear (average pooling and a dense layer), painseeker (attention pooling), mlp (dense "
             "layers), landmarks (coordinates), boxes (where faces are)."},
    {"model.aux", GR_KEY_BOOL, AT(model.aux), "false",
     .help = "inception_v3: true: the auxiliary classifier's cross-entropy joins the training loss with 0.4."},
    {"model.mlp.pool", GR_KEY_CHOICE, AT(model.mlp.pool), "avg", .names = pools,
     .help = "Heads mlp and landmarks: how the feature map becomes a vector."},
    {"model.mlp.hidden", GR_KEY_INTS, AT(model.mlp.hidden), "[]", .range = {1, 65536, SHUT, SHUT}, .least = 0, .most = 8,
     .help = "Heads mlp and landmarks: widths of the dense layers before the output, each with ReLU, such as [2048, "
             "1024]."},
    {"model.mlp.dropout", GR_KEY_REAL, AT(model.mlp.dropout), "0.5", .range = {0, 1, SHUT, OPEN},
     .help = "Heads mlp and landmarks: dropout behind each hidden layer."},
    {"model.landmarks.block", GR_KEY_CHOICE, AT(model.landmarks.block), "none", .names = blocks,
     .help = "Head landmarks: parallel convolutions on the feature map; symmetric 1x1, 3x3, 5x5; asymmetric 1x3, 3x1, "
             "1x5, 5x1; hybrid 3x3, 1x3, 3x1."},
    {"model.landmarks.filters", GR_KEY_INT, AT(model.landmarks.filters), "64", .range = {1, 4096, SHUT, SHUT},
     .help = "Head landmarks: filters of each convolution of the block."},
    {"model.boxes.stride", GR_KEY_INT, AT(model.boxes.stride), "8", .range = {2, 32, SHUT, SHUT},
     .help = "Head boxes: pixels of the network's image from one cell of its map to the next, at most; small boxes need a "
             "small one."},
    {"model.boxes.filters", GR_KEY_INT, AT(model.boxes.filters), "64", .range = {1, 1024, SHUT, SHUT},
     .help = "Head boxes: channels of the maps that are put together."},
    {"model.boxes.score", GR_KEY_REAL, AT(model.boxes.score), "0.3", .range = {0, 1, SHUT, SHUT},
     .help = "Head boxes: a box counts as found from this score on; average precisions read those below, too."},
    {"model.width", GR_KEY_REAL, AT(model.width), "1", .range = {0, 16, OPEN, SHUT},
     .help = "Multiplies the channels of mobilenet_v2 and mobilenet_v3; the scale of shufflenet_v2: 0.5, 0.75, 1, 1.5 or "
             "2."},
    {"model.variant", GR_KEY_CHOICE, AT(model.variant), "null", .nullable = true, .names = variants,
     .help = "Whose details of the backbone: torchvision's or keras.applications' (padding and strides, eps and momentum "
             "of batch norm). null: keras where model.pretrained is an HDF5 file, or where there is none, semantics is keras2 or "
             "keras3 and the two differ; else torchvision."},
    {"model.init", GR_KEY_CHOICE, AT(model.init), "default", .names = inits,
     .help = "First weights of dense and convolutional layers of the head and of backbones that no paper gives others to "
             "(blackmice_cnn); biases are then 0. default: PyTorch's. Normals are cut at two deviations, as Keras does."},
    {"model.penalty", GR_KEY_PENALTIES, AT(model.penalty), "[]", .least = 0, .most = 64,
     .help = "L1 and L2 on kernels, inside loss and val_loss: [{layers: [head], l1: 0, l2: 0.01}, ...] adds l1 sum|w| + l2 sum "
             "w^2, not halved. layers are prefixes of weight names; head is all but the backbone; a whole name may be a bias."},
    {"model.penalty_frozen", GR_KEY_BOOL, AT(model.penalty_frozen), "false",
     .help = "true: penalties of frozen weights count in the loss, too."},
    {"model.batch_norm.momentum", GR_KEY_REAL, AT(model.batch_norm.momentum), "null", .nullable = true,
     .range = {0, 1, SHUT, OPEN},
     .help = "Share of the running statistics that stays in a step, as Keras counts (PyTorch's momentum is 1 less this). null: "
             "the architecture's."},
    {"model.batch_norm.eps", GR_KEY_REAL, AT(model.batch_norm.eps), "null", .nullable = true, .range = {0, 1, OPEN, SHUT},
     .help = "Added to batch norm's variance. null: the architecture's."},
    {"model.batch_norm.variance", GR_KEY_CHOICE, AT(model.batch_norm.variance), "unbiased", .names = variances,
     .help = "What goes into the running variance: unbiased, times n / (n - 1); images, so for feature maps only; biased."},
    {"model.pretrained", GR_KEY_PATH, AT(model.pretrained), "null", .nullable = true,
     .help = "File of initial weights: safetensors, PyTorch's .pth, .ckpt, TorchScript or .pt2, NumPy's .npz, or Keras's "
             ".h5 (docs/models.md); a relative path begins at the config file's folder. null: none."},
    {"model.freeze", GR_KEY_STRINGS, AT(model.freeze), "[]", .least = 0, .most = 1000, .counts = true,
     .help = "What does not train: prefixes of weight names, such as [backbone], or a number N: the first N layers as "
             "Keras counts them (the image, convolutions with their activation, pooling ... count one each)."},

    {"loss.name", GR_KEY_CHOICE, AT(loss.name), "null", .nullable = true, .names = losses,
     .help = "The batch's mean: cross_entropy of classes; cumulative, the likelihood of ordinal; mse, mae and huber of "
             "scores; mse and wing of landmarks, which may miss in the manifest; focal of boxes. null: the first of the task's."},
    {"loss.class_weight", GR_KEY_WEIGHTS, AT(loss.class_weight), "{}", .least = 0, .most = 1000,
     .help = "What an image of each class weighs in the loss, such as {no: 1, yes: 3}, in place of data.balance class_weight: a "
             "number above 0 for every class (semantics keras3: 1 for those that are left out). {}: all count alike."},
    {"loss.class_weight_mean", GR_KEY_CHOICE, AT(loss.class_weight_mean), "weights", .choices = means,
     .help = "Weights of classes and images (data.balance class_weight, loss.class_weight, data.weight): what the weighted sum is "
             "divided by, the batch's weights or its size."},
    {"loss.class_weight_val", GR_KEY_BOOL, AT(loss.class_weight_val), "true",
     .help = "false: these weights are left out of val_loss."},
    {"loss.huber.delta", GR_KEY_REAL, AT(loss.huber.delta), "1", .range = {0, 1e6, OPEN, SHUT},
     .help = "huber: errors above it count by their size, smaller ones by their square; in the scores' unit."},
    {"loss.wing.w", GR_KEY_REAL, AT(loss.wing.w), "10", .range = {0, 1e6, OPEN, SHUT},
     .help = "wing: errors below it count by their logarithm; in pixels of the network's image."},
    {"loss.wing.epsilon", GR_KEY_REAL, AT(loss.wing.epsilon), "2", .range = {0, 1e6, OPEN, SHUT},
     .help = "wing: how the logarithm bends at 0; in pixels of the network's image."},
    {"loss.prsc.lambda", GR_KEY_REAL, AT(loss.prsc.lambda), "0", .range = {0, 1e6, SHUT, SHUT},
     .help = "Weight of PainSeeker's PRSC term in the loss; above 0 it needs model.head painseeker."},
    {"loss.prsc.margin", GR_KEY_REAL, AT(loss.prsc.margin), "0.2", .range = {0, 1e6, SHUT, SHUT},
     .help = "PRSC: the margin."},
    {"loss.prsc.top_k", GR_KEY_INT, AT(loss.prsc.top_k), "5", .range = {1, 1 << 20, SHUT, SHUT},
     .help = "PRSC: how many regions count as attended; below the number of regions."},

    GR_KEYS_OF_OPTIM

    {"train.epochs", GR_KEY_INT, AT(train.epochs), "30", .range = {1, 1000000, SHUT, SHUT},
     .help = "Passes over the training images."},
    {"train.batch_size", GR_KEY_INT, AT(train.batch_size), "64", .range = {1, 65536, SHUT, SHUT},
     .help = "Images of one step."},
    {"train.blocks", GR_KEY_INT, AT(train.blocks), "1", .range = {1, 64, SHUT, SHUT},
     .help = "Into how many blocks a batch is cut, a power of 2: as many processes at most share a training by --on mpi "
             "(docs/mpi.md), which makes it 4 where it is 1. Results follow from it as from rounding, not from how many share."},
    {"train.precision", GR_KEY_TYPE, AT(train.precision), "f32", .names = precisions,
     .help = "Type of a training step's feature maps and of their gradients in memory, and of the factors in its "
             "convolutions where that is the faster algorithm. bf16: rounded to bfloat16; sums, weights, statistics and what "
             "evaluates stay float32."},
    {"train.memory", GR_KEY_CHOICE, AT(train.memory), "auto", .aside = true, .choices = memories,
     .help = "low: a training step takes as little memory as it can: outputs of convolutions before batch norms are computed "
             "twice, in backward again, where that lowers the most that is alive at one time. auto: only where a step would "
             "not fit otherwise. The same bits either way."},
    {"train.shuffle", GR_KEY_BOOL, AT(train.shuffle), "true",
     .help = "false: images in the manifest's order in every epoch."},
    {"train.drop_last", GR_KEY_BOOL, AT(train.drop_last), "false", .help = "true: an incomplete last batch is left out."},
    {"train.bn_recalibrate", GR_KEY_BOOL, AT(train.bn_recalibrate), "false",
     .help = "true: batch norm's running statistics are computed anew after training, over one pass of the training images. They "
             "lag behind where epochs are few and a batch norm's momentum is small, as in the small MobileNets."},
    {"train.repeats", GR_KEY_INT, AT(train.repeats), "1", .aside = true, .range = {1, 1000, SHUT, SHUT},
     .help = "How often everything is trained on the same folds, each time with other random numbers; the spread between "
             "repetitions is told beside that between folds (docs/run.md). The run itself is the first one."},
    {"train.repetition", GR_KEY_INT, AT(train.repetition), "0", .range = {0, 999, SHUT, SHUT},
     .help = "Which repetition this run is: above 0 weights, order and augmentation are drawn as from another seed, while the "
             "folds stay those of `seed`. Set by train.repeats."},
    {"train.feature_cache", GR_KEY_PATH, AT(train.feature_cache), "auto", .aside = true, .choices = feature_caches,
     .help = "Where the features of a frozen backbone are kept, computed once for all epochs, folds and runs "
             "(docs/features.md). auto: grimace/features in the user's cache folder; off: the backbone runs in every "
             "step. Results are the same bits."},
    {"train.early_stopping.metric", GR_KEY_CHOICE, AT(train.early_stopping.metric), "null", .nullable = true,
     .names = watched, .help = "Training stops when this number gets no better. null: it runs for all epochs."},
    {"train.early_stopping.mode", GR_KEY_CHOICE, AT(train.early_stopping.mode), "null", .nullable = true, .choices = modes,
     .help = "Which way the metric gets better: min or max. null: losses and errors by falling, all others by rising."},
    {"train.early_stopping.patience", GR_KEY_INT, AT(train.early_stopping.patience), "10", .range = {1, 1000000, SHUT, SHUT},
     .help = "Epochs in a row without improvement after which it stops."},
    {"train.early_stopping.min_delta", GR_KEY_REAL, AT(train.early_stopping.min_delta), "0", .range = {0, 1e6, SHUT, SHUT},
     .help = "An improvement must be larger than this."},
    {"train.keep", GR_KEY_CHOICE, AT(train.keep), "last", .choices = keeps,
     .help = "The weights that are tested and kept: the last epoch's, or those of the first epoch with the best "
             "keep_metric; best_if_stopped: these only where early stopping ended the training."},
    {"train.keep_metric", GR_KEY_CHOICE, AT(train.keep_metric), "val_loss", .names = watched,
     .help = "keep best: the number that tells which epoch is best."},
    {"train.keep_mode", GR_KEY_CHOICE, AT(train.keep_mode), "null", .nullable = true, .choices = modes,
     .help = "keep best: which way the metric gets better: min or max. null: losses and errors by falling, all others by "
             "rising."},
    {"train.keep_min_delta", GR_KEY_REAL, AT(train.keep_min_delta), "0", .range = {0, 1e6, SHUT, SHUT},
     .help = "keep best: an epoch must be better by more than this. Keras's restore_best_weights counts EarlyStopping's "
             "min_delta."},

    GR_KEYS_OF_CHOICE

    {"evaluate.confidence", GR_KEY_REAL, AT(evaluate.confidence), "0.95", .range = {0, 1, OPEN, OPEN},
     .help = "Level of the exact (Clopper-Pearson) intervals and of DeLong's."},
    {"evaluate.average_over", GR_KEY_STRING, AT(evaluate.average_over), "null", .nullable = true,
     .help = "Column of the manifest, such as session: the test images of one group (animal) with the same value are "
             "averaged before the decision, and results.json has a block averaged beside those of single images. null: "
             "none."},
    {"evaluate.tta", GR_KEY_STRINGS, AT(evaluate.tta), "[]", .least = 0, .most = 5,
     .help = "Test-time augmentation: what a network says is the mean over the image and these views of it: hflip, vflip, "
             "rotate_90, rotate_180, rotate_270, of the pixels that data.eval_transforms gives (docs/evaluate.md)."},
    {"evaluate.calibrate", GR_KEY_CHOICE, AT(evaluate.calibrate), "none", .names = calibrators,
     .help = "A map of probabilities, fitted for each fold on its validation part or, where it has none, on what the other "
             "folds say of images and groups that it does not test (docs/evaluate.md). predictions.csv and results.json are "
             "of what comes out; predictions_uncalibrated.csv of what went in."},
    {"evaluate.bootstrap.count", GR_KEY_INT, AT(evaluate.bootstrap.count), "0", .range = {0, 100000, SHUT, SHUT},
     .help = "Samples drawn with replacement from the test predictions, for percentile intervals of all pooled numbers. "
             "0: none."},
    {"evaluate.bootstrap.level", GR_KEY_REAL, AT(evaluate.bootstrap.level), "0.9", .range = {0, 1, OPEN, OPEN},
     .help = "Share of the samples between the ends of an interval: 0.9 gives the 5th and the 95th percentile."},
    {"evaluate.bootstrap.by", GR_KEY_CHOICE, AT(evaluate.bootstrap.by), "image", .choices = drawn,
     .help = "What is drawn: single images, or whole groups (animals), since images of one animal are not independent; "
             "group needs data.group."},
    {"evaluate.permutation.count", GR_KEY_INT, AT(evaluate.permutation.count), "0", .range = {0, 100000, SHUT, SHUT},
     .help = "Shuffles of the labels, to test every pooled number against chance. 0: none."},
    {"evaluate.permutation.by", GR_KEY_CHOICE, AT(evaluate.permutation.by), "image", .choices = drawn,
     .help = "image: labels are shuffled over all images; group: within each group (animal) only, which then keeps its "
             "share of positives; group needs data.group."},

    {"experiment.labels", GR_KEY_STRINGS, AT(experiment.labels), "[]", .least = 0, .most = 64,
     .help = "Columns that are scored, each by a network of its own on the same folds; the scores of an image are "
             "summed, and the total tells data.label, which has two classes (docs/protocols.md). []: one network, for "
             "data.label."},
    {"experiment.classes", GR_KEY_STRINGS, AT(experiment.classes), "[]", .least = 0, .most = 1000,
     .help = "The scores of these columns, numbers in class order. []: the values of each column, sorted."},
    {"experiment.threshold", GR_KEY_REAL, AT(experiment.threshold), "0", .range = {0, 1e6, SHUT, SHUT},
     .help = "The total from which on an image is of data.positive. 0: in each fold the one that best parts the true "
             "totals of the images that do not test (Youden's index)."},
    {"experiment.cross", GR_KEY_STRING, AT(experiment.cross), "null", .nullable = true,
     .help = "Column, such as treatment: for each of its values a cross-validation on the rows that have it, whose "
             "networks are tested on the rows of every other value, too. Needs data.group: no animal trains and tests. "
             "null: none."},
    {"experiment.equal", GR_KEY_BOOL, AT(experiment.equal), "false",
     .help = "cross: as many rows of each value as the rarest has, drawn by the seed."},

    {"sweep", GR_KEY_SWEEP, AT(sweep), "[]", .aside = true, .least = 0, .most = 64,
     .help = "Axes of grimace sweep, each {key: KEY, values: [...]}, for a grid over all of them; or a section with mode "
             "(grid, one_at_a_time, pairwise, random or list) and axes or settings, see docs/sweeps.md."},
    {"reported", GR_KEY_REPORTED, AT(reported), "null", .aside = true, .nullable = true,
     .help = "What a paper reports of this experiment, shown beside the run: {source: TEXT, f1: 0.77, accuracy: {mean: "
             "0.885, sd: 0.022}, ...}, numbers of results.json as shares; see docs/protocols.md."},
};
const int gr_key_count = sizeof gr_keys / sizeof *gr_keys;
_Static_assert(sizeof gr_keys / sizeof *gr_keys <= GR_KEYS_MOST, "whoever looks at all keys has room for them");

int gr_key_find(const char *path)
{
    for (int i = 0; i < gr_key_count; i++)
        if (strcmp(gr_keys[i].path, path) == 0)
            return i;
    return -1;
}

bool gr_key_is_section(const char *path)
{
    size_t length = strlen(path);
    for (int i = 0; i < gr_key_count; i++)
        if (strncmp(gr_keys[i].path, path, length) == 0 && gr_keys[i].path[length] == '.')
            return true;
    return false;
}

const char *gr_key_name(const gr_key *key, int i, char *room)
{
    return key->choices != NULL ? key->choices[i] : key->names != NULL ? key->names(i, room) : NULL;
}
