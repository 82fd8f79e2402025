/* Rows of the table of keys (keys.c) about boosted trees: what they read, how they grow, and what is chosen inside a fold. */
#ifndef GR_CONFIG_KEYS_TREES_H
#define GR_CONFIG_KEYS_TREES_H


/* clang-format off */
#define GR_KEYS_OF_ALIGNMENT \
    {"data.align", GR_KEY_STRING, AT(data.align), "null", .nullable = true, \
     .help = "How each face is turned upright, cut and brought to one size by its landmarks while it is loaded: fgs37, synth18, " \
             "or LEFT:RIGHT:FRAME (docs/geometry.md). The model remembers it; places are given back in the photograph. null: not " \
             "so."}, \
    {"data.align_to", GR_KEY_PATH, AT(data.align_to), "null", .nullable = true, \
     .help = "A template (grimace data align --save-template) that each face is brought nearest to, in place of data.align."}, \
    {"data.align_size", GR_KEY_INT, AT(data.align_size), "0", .range = {0, 4096, SHUT, SHUT}, \
     .help = "Side of the aligned square in pixels, before the transforms. 0: data.image.size."}, \
    {"data.align_margin", GR_KEY_REAL, AT(data.align_margin), "0.1", .range = {0, 10, SHUT, SHUT}, \
     .help = "data.align: left around FRAME on each side, as a share of its longer side."}, \
    {"data.landmarks_from", GR_KEY_PATH, AT(data.landmarks_from), "null", .nullable = true, \
     .help = "A run or model of landmarks, or the config of one, which is cross-validated first: it is asked for those that " \
             "data.align and data.features.describe need; of an image that it trained on, only folds that knew neither it " \
             "nor its group. The model remembers it, so that predict takes photographs (docs/photograph.md). null: the " \
             "manifest has them, lm1_x, lm1_y, ..."},

#define GR_KEYS_OF_FEATURES \
    {"data.features.columns", GR_KEY_STRINGS, AT(data.features.columns), "[]", .least = 0, .most = 10000, \
     .help = "boosted: columns of the manifest whose numbers it reads in place of images, such as [age, weight]; an empty cell " \
             "is a missing value (docs/boosted.md)."}, \
    {"data.features.describe", GR_KEY_PATH, AT(data.features.describe), "null", .nullable = true, .choices = descriptor_sets, \
     .help = "boosted: a set of descriptors of the manifest's landmarks (lm1_x, lm1_y, ...) in place of images: fgs35, rats18, " \
             "mice18, catflw48, or a YAML file of such a set (grimace data describe). null: none."}, \
    {"data.features.backbone", GR_KEY_CHOICE, AT(data.features.backbone), "null", .nullable = true, .names = networks, \
     .help = "boosted: a frozen network, of model.pretrained's weights, whose features of each image are read: feature_0, " \
             "feature_1, ... (2048 of resnet50). Images go through data.eval_transforms. null: none."}, \
    {"data.features.without", GR_KEY_STRINGS, AT(data.features.without), "[]", .least = 0, .most = 64, \
     .help = "describe: action units whose descriptors are left out, such as [whiskers, head]."},

#define GR_KEYS_OF_TREES \
    {"model.boosted.trees", GR_KEY_INT, AT(model.boosted.trees), "100", .range = {1, 100000, SHUT, SHUT}, \
     .help = "boosted: rounds; of more than two classes a round is a tree for each."}, \
    {"model.boosted.rate", GR_KEY_REAL, AT(model.boosted.rate), "0.3", .range = {0, 1, OPEN, SHUT}, \
     .help = "boosted: learning rate, what each tree's answer is multiplied by."}, \
    {"model.boosted.depth", GR_KEY_INT, AT(model.boosted.depth), "6", .range = {1, 30, SHUT, SHUT}, \
     .help = "boosted: most questions from a tree's root to a leaf."}, \
    {"model.boosted.alpha", GR_KEY_REAL, AT(model.boosted.alpha), "0", .range = {0, 1e9, SHUT, SHUT}, \
     .help = "boosted: L1 penalty of the leaves."}, \
    {"model.boosted.lambda", GR_KEY_REAL, AT(model.boosted.lambda), "1", .range = {0, 1e9, SHUT, SHUT}, \
     .help = "boosted: L2 penalty of the leaves."}, \
    {"model.boosted.gamma", GR_KEY_REAL, AT(model.boosted.gamma), "0", .range = {0, 1e9, SHUT, SHUT}, \
     .help = "boosted: what a question must gain at least."}, \
    {"model.boosted.min_child_weight", GR_KEY_REAL, AT(model.boosted.min_child_weight), "1", .range = {0, 1e9, SHUT, SHUT}, \
     .help = "boosted: least sum of second derivatives in a leaf."}, \
    {"model.boosted.subsample", GR_KEY_REAL, AT(model.boosted.subsample), "1", .range = {0, 1, OPEN, SHUT}, \
     .help = "boosted: share of the rows that each round draws, by the seed."}, \
    {"model.boosted.colsample", GR_KEY_REAL, AT(model.boosted.colsample), "1", .range = {0, 1, OPEN, SHUT}, \
     .help = "boosted: share of the features that each tree draws, by the seed."}, \
    {"model.boosted.scale_pos_weight", GR_KEY_STRING, AT(model.boosted.scale_pos_weight), "1", \
     .help = "boosted, two classes: what each row of the second class weighs. auto: rows of the first class over rows of the " \
             "second in the fold's training part."}, \
    {"model.boosted.early_stopping", GR_KEY_INT, AT(model.boosted.early_stopping), "0", .range = {0, 100000, SHUT, SHUT}, \
     .help = "boosted: rounds without a better validation part (log loss, or squared error of scores) after which it stops; the " \
             "model keeps the rounds up to the best. 0: all rounds."},

#define GR_KEYS_OF_CHOICE \
    {"tune.search", GR_KEY_CHOICE, AT(tune.search), "none", .choices = searches, \
     .help = "boosted: settings that are tried inside each fold's training part, the best of which is fitted to all of it: grid, " \
             "all combinations of tune.axes; random, tune.draws of them (docs/boosted.md)."}, \
    {"tune.axes.trees", GR_KEY_INTS, AT(tune.axes.trees), "[]", .range = {1, 100000, SHUT, SHUT}, .least = 0, \
     .most = GR_TUNE_VALUES, .help = "Values of model.boosted.trees that are tried. []: its own."}, \
    {"tune.axes.rate", GR_KEY_REALS, AT(tune.axes.rate), "null", .nullable = true, .range = {0, 1, OPEN, SHUT}, .least = 1, \
     .most = GR_TUNE_VALUES, .help = "Of model.boosted.rate. null: its own."}, \
    {"tune.axes.depth", GR_KEY_INTS, AT(tune.axes.depth), "[]", .range = {1, 30, SHUT, SHUT}, .least = 0, .most = GR_TUNE_VALUES, \
     .help = "Of model.boosted.depth. []: its own."}, \
    {"tune.axes.alpha", GR_KEY_REALS, AT(tune.axes.alpha), "null", .nullable = true, .range = {0, 1e9, SHUT, SHUT}, .least = 1, \
     .most = GR_TUNE_VALUES, .help = "Of model.boosted.alpha. null: its own."}, \
    {"tune.axes.subsample", GR_KEY_REALS, AT(tune.axes.subsample), "null", .nullable = true, .range = {0, 1, OPEN, SHUT}, \
     .least = 1, .most = GR_TUNE_VALUES, .help = "Of model.boosted.subsample. null: its own."}, \
    {"tune.axes.colsample", GR_KEY_REALS, AT(tune.axes.colsample), "null", .nullable = true, .range = {0, 1, OPEN, SHUT}, \
     .least = 1, .most = GR_TUNE_VALUES, .help = "Of model.boosted.colsample. null: its own."}, \
    {"tune.draws", GR_KEY_INT, AT(tune.draws), "20", .range = {1, 100000, SHUT, SHUT}, \
     .help = "random: how many different combinations are drawn, by the seed; all where there are fewer."}, \
    {"tune.folds", GR_KEY_INT, AT(tune.folds), "5", .range = {2, 100, SHUT, SHUT}, \
     .help = "Inner folds; with data.group no group is in two of them, else they are stratified by class."}, \
    {"tune.shuffle", GR_KEY_BOOL, AT(tune.shuffle), "true", \
     .help = "true: inner folds are drawn by the seed; false: dealt in the manifest's order."}, \
    {"tune.metric", GR_KEY_CHOICE, AT(tune.metric), "null", .nullable = true, .choices = tune_metrics, \
     .help = "By which number of the inner folds, on average, the best is chosen: accuracy, log_loss, or mse (of ordinal classes " \
             "the squared distance between classes). null: accuracy of classes, else mse."}, \
\
    {"select.method", GR_KEY_CHOICE, AT(select.method), "none", .choices = selections, \
     .help = "boosted: features that are kept, chosen inside each fold's training part, before tuning: rfe, recursive " \
             "elimination with cross-validation; boruta_shap, those whose SHAP values beat the best of shuffled copies " \
             "(docs/boosted.md)."}, \
    {"select.folds", GR_KEY_INT, AT(select.folds), "4", .range = {2, 100, SHUT, SHUT}, \
     .help = "rfe: inner folds that say how many features are best."}, \
    {"select.step", GR_KEY_REAL, AT(select.step), "0.1", .range = {0, 1, OPEN, OPEN}, \
     .help = "rfe: share of all features that leave in a round, at least one."}, \
    {"select.trials", GR_KEY_INT, AT(select.trials), "100", .range = {1, 10000, SHUT, SHUT}, \
     .help = "boruta_shap: most rounds of shuffling."}, \
    {"select.level", GR_KEY_REAL, AT(select.level), "0.05", .range = {0, 1, OPEN, OPEN}, \
     .help = "boruta_shap: level of the binomial tests, which are corrected for the number of features (Bonferroni)."},
/* clang-format on */

#endif
