/* Rows of the table of keys (keys.c) about detectors that look at windows of pictures: cascades, and HOG with a support vector
 * machine. */
#ifndef GR_CONFIG_KEYS_WINDOWS_H
#define GR_CONFIG_KEYS_WINDOWS_H

/* clang-format off */
#define GR_KEYS_OF_WINDOWS \
    {"model.cascade.features", GR_KEY_CHOICE, AT(model.cascade.features), "haar", .names = cascade_kinds, \
     .help = "cascade: what its trees look at. A cascade finds the one kind of box that data.boxes names, in whole pictures."}, \
    {"model.cascade.haar", GR_KEY_CHOICE, AT(model.cascade.haar), "basic", .names = haar_kinds, \
     .help = "cascade: which Haar features, as opencv_traincascade's BASIC, CORE and ALL (the tilted ones too)."}, \
    {"model.cascade.boost", GR_KEY_CHOICE, AT(model.cascade.boost), "gentle", .names = boosts, \
     .help = "cascade: gentle or discrete AdaBoost, of trees with one node."}, \
    {"model.cascade.width", GR_KEY_INT, AT(model.cascade.width), "20", .range = {6, 128, SHUT, SHUT}, \
     .help = "cascade: the window in pixels; boxes are widened to its proportions."}, \
    {"model.cascade.height", GR_KEY_INT, AT(model.cascade.height), "20", .range = {6, 128, SHUT, SHUT}, \
     .help = "cascade: likewise."}, \
    {"model.cascade.stages", GR_KEY_INT, AT(model.cascade.stages), "12", .range = {1, 100, SHUT, SHUT}, \
     .help = "cascade: stages at most; fewer where too few windows beside the boxes are left to learn from."}, \
    {"model.cascade.trees", GR_KEY_INT, AT(model.cascade.trees), "100", .range = {1, 1000, SHUT, SHUT}, \
     .help = "cascade: trees of a stage at most (opencv_traincascade's maxWeakCount)."}, \
    {"model.cascade.hit_rate", GR_KEY_REAL, AT(model.cascade.hit_rate), "0.995", .range = {0.5, 1, SHUT, SHUT}, \
     .help = "cascade: share of the boxes that each stage lets through, at least."}, \
    {"model.cascade.false_alarm", GR_KEY_REAL, AT(model.cascade.false_alarm), "0.5", .range = {0, 1, OPEN, OPEN}, \
     .help = "cascade: share of the other windows that each stage lets through, at most."}, \
    {"model.cascade.negatives", GR_KEY_INT, AT(model.cascade.negatives), "2000", .range = {20, 1000000, SHUT, SHUT}, \
     .help = "cascade: windows beside the boxes, drawn anew for each stage among those that all stages before it let through."}, \
    {"model.cascade.overlap", GR_KEY_REAL, AT(model.cascade.overlap), "0", .range = {0, 0.5, SHUT, SHUT}, \
     .help = "cascade: IoU that such a window may have with a box. 0: it touches none."}, \
    {"model.cascade.scale", GR_KEY_REAL, AT(model.cascade.scale), "1.1", .range = {1.01, 3, SHUT, SHUT}, \
     .help = "cascade: from one size of the window to the next, where such windows are looked for."}, \
    {"model.cascade.copies", GR_KEY_INT, AT(model.cascade.copies), "1", .range = {1, 100, SHUT, SHUT}, \
     .help = "cascade: how often each box is learnt; all copies but the first are moved and resized a little."}, \
    {"model.cascade.mirror", GR_KEY_BOOL, AT(model.cascade.mirror), "true", \
     .help = "cascade: each of them once more as in a mirror."}, \
    {"model.hog.width", GR_KEY_INT, AT(model.hog.width), "64", .range = {16, 256, SHUT, SHUT}, \
     .help = "hog_svm: the window in pixels, a multiple of 8; boxes are widened to its proportions."}, \
    {"model.hog.height", GR_KEY_INT, AT(model.hog.height), "64", .range = {16, 256, SHUT, SHUT}, .help = "hog_svm: likewise."}, \
    {"model.hog.c", GR_KEY_REAL, AT(model.hog.c), "0.01", .range = {0, 1e6, OPEN, SHUT}, .help = "hog_svm: the penalty C."}, \
    {"model.hog.negatives", GR_KEY_INT, AT(model.hog.negatives), "2000", .range = {20, 1000000, SHUT, SHUT}, \
     .help = "hog_svm: windows beside the boxes, drawn at random; and at most as many again that the first machine " \
             "takes for one."}, \
    {"model.hog.overlap", GR_KEY_REAL, AT(model.hog.overlap), "0", .range = {0, 0.5, SHUT, SHUT}, \
     .help = "hog_svm: IoU that such a window may have with a box. 0: it touches none."}, \
    {"model.hog.scale", GR_KEY_REAL, AT(model.hog.scale), "1.1", .range = {1.01, 3, SHUT, SHUT}, \
     .help = "hog_svm: from one size of the window to the next, where such windows are looked for."}, \
    {"model.hog.copies", GR_KEY_INT, AT(model.hog.copies), "1", .range = {1, 100, SHUT, SHUT}, \
     .help = "hog_svm: how often each box is learnt; all copies but the first are moved and resized a little."}, \
    {"model.hog.mirror", GR_KEY_BOOL, AT(model.hog.mirror), "true", .help = "hog_svm: each of them once more as in a mirror."},
/* clang-format on */

#endif
