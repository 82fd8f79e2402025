/* Keras's name of each layer: keras.applications' networks in their old and new names, and keras_vggface's VGG-16. A layer
 * of ours is parsed into its place in the network, and that is spelt as Keras does. */
#include "models/keras_names.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

/* true when all of `text` was read: *end is where %n stopped. */
static bool whole(int fields, int wanted, const char *text, const int *end)
{
    return fields == wanted && *end > 0 && text[*end] == '\0';
}

GR_PRINTF(2, 3) static bool name_it(char to[GR_KERAS_NAME], const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int length = vsnprintf(to, GR_KERAS_NAME, fmt, args);
    va_end(args);
    return length > 0 && length < GR_KERAS_NAME;
}

/* ---- names of a file ---------------------------------------------------------------------------------------------------- */

/* The length of the part of a path that begins at `part`. */
static size_t part_length(const char *part)
{
    return strcspn(part, "/");
}

/* Is `path`, up to the slash in front of its last part, `layer` with slashes for some underscores, "BatchNorm" for "bn" and
 * other capitals? */
static bool spells(const char *path, const char *layer)
{
    static const char norm[] = "BatchNorm";
    while (*layer != '\0') {
        if (layer[0] == 'b' && layer[1] == 'n' && gr_starts_with(path, norm)) {
            path += strlen(norm);
            layer += 2;
        } else if (*path == '/' ? *layer == '_' : tolower((unsigned char)*path) == tolower((unsigned char)*layer)) {
            path++;
            layer++;
        } else
            return false;
    }
    return *path == '/' && strchr(path + 1, '/') == NULL;
}

bool gr_keras_in_layer(const char *tensor, const char *layer, const char *folders)
{
    size_t wanted = strlen(layer);
    bool hidden = false;
    for (const char *part = tensor; part[part_length(part)] == '/'; part += part_length(part) + 1) {
        if (folders == NULL && part_length(part) == wanted && strncmp(part, layer, wanted) == 0)
            return true;
        if (folders != NULL && !hidden && spells(part, layer))
            return true;
        char word[GR_KERAS_NAME];
        snprintf(word, sizeof word, " %.*s ", (int)part_length(part), part);
        hidden = folders != NULL && strstr(folders, word) != NULL;
    }
    return false;
}

/* ---- ResNet ----------------------------------------------------------------------------------------------------------- */

/* layerL.B.convI, bnI, downsample.0, .1: I is 0 for the shortcut. */
static bool resnet_place(const char *ours, int *layer, int *block, int *index, bool *norm)
{
    int end = 0, part;
    if (whole(sscanf(ours, "layer%d.%d.conv%d%n", layer, block, index, &end), 3, ours, &end))
        return true;
    *norm = true;
    if (whole(sscanf(ours, "layer%d.%d.bn%d%n", layer, block, index, &end), 3, ours, &end))
        return true;
    *index = 0;
    if (!whole(sscanf(ours, "layer%d.%d.downsample.%d%n", layer, block, &part, &end), 3, ours, &end))
        return false;
    *norm = part == 1;
    return true;
}

/* conv2_block1_0_conv, conv2_block1_0_bn */
static bool resnet_layer(const gr_keras_numbers *numbers, const char *ours, gr_keras_layer *out)
{
    (void)numbers;
    int layer, block, index;
    bool norm = strcmp(ours, "bn1") == 0;
    if (norm || strcmp(ours, "conv1") == 0)
        return name_it(out->name, "conv1_%s", norm ? "bn" : "conv") && (!norm || name_it(out->biased, "conv1_conv"));
    if (!resnet_place(ours, &layer, &block, &index, &norm))
        return false;
    return name_it(out->name, "conv%d_block%d_%d_%s", layer + 1, block + 1, index, norm ? "bn" : "conv") &&
           (!norm || name_it(out->biased, "conv%d_block%d_%d_conv", layer + 1, block + 1, index));
}

/* res2a_branch1, bn2a_branch2c */
static bool old_resnet_layer(const gr_keras_numbers *numbers, const char *ours, gr_keras_layer *out)
{
    (void)numbers;
    int layer, block, index;
    bool norm = strcmp(ours, "bn1") == 0;
    if (norm || strcmp(ours, "conv1") == 0)
        return name_it(out->name, norm ? "bn_conv1" : "conv1") && (!norm || name_it(out->biased, "conv1"));
    if (!resnet_place(ours, &layer, &block, &index, &norm))
        return false;
    char branch[16];
    snprintf(branch, sizeof branch, index == 0 ? "1" : "2%c", 'a' + index - 1);
    return name_it(out->name, "%s%d%c_branch%s", norm ? "bn" : "res", layer + 1, 'a' + block, branch) &&
           (!norm || name_it(out->biased, "res%d%c_branch%s", layer + 1, 'a' + block, branch));
}

/* ---- VGG -------------------------------------------------------------------------------------------------------------- */

/* features.N is convolution `index` of block `block`, both from 1; classifier.N dense layer `index` of block 6. */
static bool vgg_place(const char *ours, int *block, int *index)
{
    static const int convolutions[5] = {2, 2, 3, 3, 3};
    int at, end = 0;
    if (whole(sscanf(ours, "classifier.%d%n", &at, &end), 1, ours, &end)) {
        *block = 6;
        *index = at / 3 + 1;
        return at == 0 || at == 3;
    }
    if (!whole(sscanf(ours, "features.%d%n", &at, &end), 1, ours, &end))
        return false;
    for (*block = 1; *block <= 5; ++*block) {
        int size = 2 * convolutions[*block - 1];
        *index = at / 2 + 1;
        if (at < size)
            return at >= 0 && at % 2 == 0;
        at -= size + 1; /* its pool */
    }
    return false;
}

/* block1_conv1, fc1 */
static bool vgg_layer(const gr_keras_numbers *numbers, const char *ours, gr_keras_layer *out)
{
    (void)numbers;
    int block, index;
    if (!vgg_place(ours, &block, &index))
        return false;
    out->flattened = block == 6 && index == 1 ? 512 : 0;
    return block == 6 ? name_it(out->name, "fc%d", index) : name_it(out->name, "block%d_conv%d", block, index);
}

/* conv1_1, fc6 */
static bool vgg_face_layer(const gr_keras_numbers *numbers, const char *ours, gr_keras_layer *out)
{
    (void)numbers;
    int block, index;
    if (!vgg_place(ours, &block, &index))
        return false;
    out->flattened = block == 6 && index == 1 ? 512 : 0;
    return block == 6 ? name_it(out->name, "fc%d", 5 + index) : name_it(out->name, "conv%d_%d", block, index);
}

/* ---- Inception v3 ----------------------------------------------------------------------------------------------------- */

enum { INCEPTION_LAYERS = 94 };

typedef struct module {
    const char *name; /* NULL: behind the last */
    const char *const *branches;
} module;

static const char *const alone[] = {NULL};
static const char *const module_a[] = {"branch1x1",      "branch5x5_1",    "branch5x5_2", "branch3x3dbl_1",
                                       "branch3x3dbl_2", "branch3x3dbl_3", "branch_pool", NULL};
static const char *const module_b[] = {"branch3x3", "branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3", NULL};
static const char *const module_c[] = {
    "branch1x1",      "branch7x7_1",    "branch7x7_2", "branch7x7_3", "branch7x7dbl_1", "branch7x7dbl_2", "branch7x7dbl_3",
    "branch7x7dbl_4", "branch7x7dbl_5", "branch_pool", NULL};
static const char *const module_d[] = {"branch3x3_1",   "branch3x3_2", "branch7x7x3_1", "branch7x7x3_2", "branch7x7x3_3",
                                       "branch7x7x3_4", NULL};
static const char *const module_e[] = {
    "branch1x1",      "branch3x3_1",     "branch3x3_2a",    "branch3x3_2b", "branch3x3dbl_1",
    "branch3x3dbl_2", "branch3x3dbl_3a", "branch3x3dbl_3b", "branch_pool",  NULL};

/* In the order in which Keras makes them. */
static const module inception_modules[] = {
    {"Conv2d_1a_3x3", alone},
    {"Conv2d_2a_3x3", alone},
    {"Conv2d_2b_3x3", alone},
    {"Conv2d_3b_1x1", alone},
    {"Conv2d_4a_3x3", alone},
    {"Mixed_5b", module_a},
    {"Mixed_5c", module_a},
    {"Mixed_5d", module_a},
    {"Mixed_6a", module_b},
    {"Mixed_6b", module_c},
    {"Mixed_6c", module_c},
    {"Mixed_6d", module_c},
    {"Mixed_6e", module_c},
    {"Mixed_7a", module_d},
    {"Mixed_7b", module_e},
    {"Mixed_7c", module_e},
    {NULL, NULL},
};

/* The place of the convolution `ours` (without ".conv" or ".bn", `length` bytes) in the order of making; -1: it has none. */
static int inception_place(const char *ours, size_t length)
{
    int place = 0;
    for (const module *m = inception_modules; m->name != NULL; m++) {
        size_t name = strlen(m->name);
        bool here = length >= name && strncmp(ours, m->name, name) == 0;
        if (m->branches == alone && here && length == name)
            return place;
        for (const char *const *b = m->branches; *b != NULL; b++, place++)
            if (here && length == name + 1 + strlen(*b) && ours[name] == '.' &&
                strncmp(ours + name + 1, *b, strlen(*b)) == 0)
                return place;
        place += m->branches == alone;
    }
    return -1;
}

/* conv2d_3 and batch_normalization_3; the first made is without a number in newer versions, and no number is the first when
 * other layers of the kind were made before. */
static bool inception_layer(const gr_keras_numbers *numbers, const char *ours, gr_keras_layer *out)
{
    bool norm = gr_ends_with(ours, ".bn");
    int place = inception_place(ours, strlen(ours) - strlen(norm ? ".bn" : ".conv"));
    if (place < 0 || numbers->conv_count < INCEPTION_LAYERS || numbers->norm_count < INCEPTION_LAYERS)
        return false;
    int64_t number = norm ? numbers->norms[place] : numbers->convs[place];
    const char *kind = norm ? "batch_normalization" : "conv2d";
    return number == 0 ? name_it(out->name, "%s", kind) : name_it(out->name, "%s_%lld", kind, (long long)number);
}

/* ---- MobileNetV2, EfficientNet ---------------------------------------------------------------------------------------- */

/* Conv1, bn_Conv1, expanded_conv_depthwise_BN, block_1_expand, Conv_1, Conv_1_bn */
static bool mobilenet_layer(const gr_keras_numbers *numbers, const char *ours, gr_keras_layer *out)
{
    static const char *const steps[] = {"expand", "expand_BN", "depthwise", "depthwise_BN", "project", "project_BN"};
    (void)numbers;
    int block, part, norm = 0, end = 0;
    if (whole(sscanf(ours, "features.%d.%d%n", &block, &norm, &end), 2, ours, &end)) {
        if (block == 0)
            return name_it(out->name, norm ? "bn_Conv1" : "Conv1");
        return name_it(out->name, norm ? "Conv_1_bn" : "Conv_1");
    }
    /* conv.P.0 and conv.P.1, but the last convolution and its norm are conv.P and conv.P+1 */
    bool inner = whole(sscanf(ours, "features.%d.conv.%d.%d%n", &block, &part, &norm, &end), 3, ours, &end);
    if (!inner && !whole(sscanf(ours, "features.%d.conv.%d%n", &block, &part, &end), 2, ours, &end))
        return false;
    int first = block == 1 ? 1 : 0; /* the first block does not expand */
    int step = inner ? 2 * (part + first) + norm : 4 + part - (2 - first);
    if (block < 1 || step < 0 || step > 5)
        return false;
    return block == 1 ? name_it(out->name, "expanded_conv_%s", steps[step])
                      : name_it(out->name, "block_%d_%s", block - 1, steps[step]);
}

/* stem_conv, block2a_expand_conv, block2a_expand_bn, block2a_dwconv, block2a_bn, block2a_se_reduce, top_bn */
static bool efficientnet_layer(const gr_keras_numbers *numbers, const char *ours, gr_keras_layer *out)
{
    static const char *const convs[] = {"expand_conv", "dwconv", "se", "project_conv"};
    static const char *const norms[] = {"expand_bn", "bn", "se", "project_bn"};
    (void)numbers;
    int stage, block, part, inner, end = 0;
    if (whole(sscanf(ours, "features.%d.%d%n", &stage, &inner, &end), 2, ours, &end))
        return name_it(out->name, "%s_%s", stage == 0 ? "stem" : "top", inner ? "bn" : "conv");
    bool squeeze = whole(sscanf(ours, "features.%d.%d.block.%d.fc%d%n", &stage, &block, &part, &inner, &end), 4, ours, &end);
    if (!squeeze && !whole(sscanf(ours, "features.%d.%d.block.%d.%d%n", &stage, &block, &part, &inner, &end), 4, ours, &end))
        return false;
    char name[16];
    snprintf(name, sizeof name, "block%d%c", stage, 'a' + block);
    if (squeeze)
        return name_it(out->name, "%s_se_%s", name, inner == 1 ? "reduce" : "expand");
    int step = stage == 1 ? part + 1 : part; /* the first stage does not expand */
    return step >= 0 && step < 4 && name_it(out->name, "%s_%s", name, (inner ? norms : convs)[step]);
}

/* The 1x1 of a block of MobileNetV3 are expand and project, its depthwise convolution stands between, with squeeze and
 * excitation where bit `block` of `squeezed` is set; the first block does not expand. */
static bool mobilenet_v3_layer(const char *ours, int blocks, unsigned squeezed, gr_keras_layer *out)
{
    static const char *const steps[] = {"expand", "depthwise", "squeeze_excite", "project"};
    int block, part, inner, end = 0;
    char name[32] = "expanded_conv";
    if (strcmp(ours, "classifier.0") == 0)
        return name_it(out->name, "conv_2");
    if (whole(sscanf(ours, "features.%d.%d%n", &block, &inner, &end), 2, ours, &end))
        return name_it(out->name, "conv%s%s", block > 0 ? "_1" : "", inner ? "_bn" : "");
    bool squeeze = whole(sscanf(ours, "features.%d.block.%d.fc%d%n", &block, &part, &inner, &end), 3, ours, &end);
    if (!squeeze && !whole(sscanf(ours, "features.%d.block.%d.%d%n", &block, &part, &inner, &end), 3, ours, &end))
        return false;
    if (block < 1 || block > blocks || part < 0)
        return false;
    if (block > 1)
        snprintf(name, sizeof name, "expanded_conv_%d", block - 1);
    if (squeeze)
        return name_it(out->name, "%s_squeeze_excite_conv%s", name, inner == 2 ? "_1" : "");
    int step = part + (block == 1);
    step += step > 1 && !(squeezed >> (block - 1) & 1);
    return step <= 3 && name_it(out->name, "%s_%s%s", name, steps[step], inner ? "_bn" : "");
}

static bool mobilenet_v3_large_layer(const gr_keras_numbers *numbers, const char *ours, gr_keras_layer *out)
{
    (void)numbers;
    return mobilenet_v3_layer(ours, 15, 0x7C38, out); /* blocks 3 to 5 and 10 to 14, from 0 */
}

static bool mobilenet_v3_small_layer(const gr_keras_numbers *numbers, const char *ours, gr_keras_layer *out)
{
    (void)numbers;
    return mobilenet_v3_layer(ours, 11, 0x7F9, out); /* block 0, and 3 to 10 */
}

/* ---- DenseNet ---------------------------------------------------------------------------------------------------------- */

/* conv1_conv, conv2_block1_0_bn, conv2_block1_1_conv, pool2_bn, bn */
static bool densenet_layer(const gr_keras_numbers *numbers, const char *ours, gr_keras_layer *out)
{
    (void)numbers;
    int block, layer, index, end = 0;
    if (strcmp(ours, "features.conv0") == 0 || strcmp(ours, "features.norm0") == 0)
        return name_it(out->name, strcmp(ours, "features.conv0") == 0 ? "conv1_conv" : "conv1_bn");
    if (strcmp(ours, "features.norm5") == 0)
        return name_it(out->name, "bn");
    if (whole(sscanf(ours, "features.transition%d.conv%n", &block, &end), 1, ours, &end))
        return name_it(out->name, "pool%d_conv", block + 1);
    if (whole(sscanf(ours, "features.transition%d.norm%n", &block, &end), 1, ours, &end))
        return name_it(out->name, "pool%d_bn", block + 1);
    if (whole(sscanf(ours, "features.denseblock%d.denselayer%d.conv%d%n", &block, &layer, &index, &end), 3, ours, &end))
        return name_it(out->name, "conv%d_block%d_%d_conv", block + 1, layer, index);
    return whole(sscanf(ours, "features.denseblock%d.denselayer%d.norm%d%n", &block, &layer, &index, &end), 3, ours, &end) &&
           name_it(out->name, "conv%d_block%d_%d_bn", block + 1, layer, index - 1);
}

/* ---- NASNet, Xception -------------------------------------------------------------------------------------------------- */

/* Ours are Keras's names; a separable convolution's two kernels belong to one layer. */
static bool nasnet_layer(const gr_keras_numbers *numbers, const char *ours, gr_keras_layer *out)
{
    (void)numbers;
    const char *dot = strrchr(ours, '.');
    out->kernel = dot == NULL ? NULL : strcmp(dot, ".depthwise") == 0 ? "depthwise_kernel" : "pointwise_kernel";
    return name_it(out->name, "%.*s", dot != NULL ? (int)(dot - ours) : (int)strlen(ours), ours);
}

/* Likewise, but the four shortcuts are numbered. */
static bool xception_layer(const gr_keras_numbers *numbers, const char *ours, gr_keras_layer *out)
{
    enum { SHORTCUTS = 4 };
    int block, end = 0;
    bool norm = gr_ends_with(ours, "_bn");
    if (!whole(sscanf(ours, norm ? "block%d_shortcut_bn%n" : "block%d_shortcut%n", &block, &end), 1, ours, &end))
        return nasnet_layer(numbers, ours, out);
    int place = block == 13 ? SHORTCUTS - 1 : block - 2;
    if (place < 0 || place >= SHORTCUTS || (norm ? numbers->norm_count : numbers->conv_count) < SHORTCUTS)
        return false;
    int64_t number = norm ? numbers->norms[place] : numbers->convs[place];
    const char *kind = norm ? "batch_normalization" : "conv2d";
    return number == 0 ? name_it(out->name, "%s", kind) : name_it(out->name, "%s_%lld", kind, (long long)number);
}

/* ---- the table -------------------------------------------------------------------------------------------------------- */

static const char caffe[] =
    "BGR pixels less 103.939, 116.779, 123.68: the transform bgr, data.image.mean [0.40760784, 0.45795686, "
    "0.48501961] and data.image.std [0.00392157, 0.00392157, 0.00392157] give them";
static const char faces[] =
    "BGR pixels less 93.594, 104.7624, 129.1863: the transform bgr, data.image.mean [0.36703529, 0.41083294, "
    "0.50661294] and data.image.std [0.00392157, 0.00392157, 0.00392157] give them";
static const char halves[] =
    "RGB pixels from -1 to 1: data.image.mean [0.5, 0.5, 0.5] and data.image.std [0.5, 0.5, 0.5] give them";
static const char torch[] =
    "RGB pixels in ImageNet's normalisation: data.image.mean [0.485, 0.456, 0.406] and data.image.std [0.229, 0.224, 0.225], the "
    "default, give them";
static const char strided[] = "strides the first 1x1 convolution of a block where torchvision's strides the 3x3";
static const char uneven[] = "pads unevenly where it strides, with an eps of 1e-3 in batch norm";
static const char uneven_alone[] = "pads unevenly where it strides";
static const char tiny[] = "has an eps of 1.001e-5 in batch norm";
static const char pooled[] = "leaves the padding out of its average pools";

const gr_keras_network gr_keras_networks[] = {
    {"resnet50", "conv1", " predictions probs fc1000 ", strided, caffe, 0.0, NULL, GR_KERAS_SHORTCUT_FIRST, resnet_layer},
    {"resnet50", "conv1", " fc1000 predictions ", strided, caffe, 1e-3 - 1.001e-5, NULL, 0, old_resnet_layer},
    {"resnet101", "conv1", " predictions probs fc1000 ", strided, caffe, 0.0, NULL, GR_KERAS_SHORTCUT_FIRST, resnet_layer},
    {"vgg16", "features.0", " predictions ", NULL, caffe, 0.0, NULL, 0, vgg_layer},
    {"vgg16", "features.0", " fc8 ", NULL, faces, 0.0, NULL, 0, vgg_face_layer},
    {"inception_v3", "Conv2d_1a_3x3.conv", " predictions ", pooled, halves, 0.0, NULL, GR_KERAS_INCEPTION, inception_layer},
    {"mobilenet_v2", "features.0.0", " Logits predictions ", uneven, halves, 0.0, NULL, 0, mobilenet_layer},
    {"efficientnet_b0", "features.0.0", " predictions probs ", uneven, NULL, 0.0, NULL, GR_KERAS_NORMALISES, efficientnet_layer},
    {"nasnet_mobile", "stem_conv1", " predictions ", NULL, halves, 0.0, NULL, 0, nasnet_layer},
    {"mobilenet_v3_large", "features.15.block.0.0", " logits ", uneven_alone, halves, 0.0, " squeeze_excite ",
     GR_KERAS_DENSE_AS_CONV, mobilenet_v3_large_layer},
    {"mobilenet_v3_small", "features.1.block.1.fc1", " logits ", uneven_alone, halves, 0.0, " squeeze_excite ",
     GR_KERAS_DENSE_AS_CONV, mobilenet_v3_small_layer},
    {"densenet121", "features.transition1.conv", " predictions ", tiny, torch, 0.0, " conv1 ", 0, densenet_layer},
    {"xception", "block1_conv1", " predictions ", NULL, halves, 0.0, NULL, 0, xception_layer},
    {NULL, NULL, NULL, NULL, NULL, 0.0, NULL, 0, NULL},
};

const char *gr_backbone_keras_difference(const char *backbone)
{
    for (const gr_keras_network *n = gr_keras_networks; n->backbone != NULL; n++)
        if (strcmp(n->backbone, backbone) == 0)
            return n->difference;
    return NULL;
}
