/* The table of architectures: a new one is a file in this folder and a line here. */
#ifndef GR_MODELS_TABLE_H
#define GR_MODELS_TABLE_H

/* Traits of a backbone. */
enum {
    GR_WIDENS = 1,   /* has a width */
    GR_IN_KERAS = 2, /* keras.applications has it, as `variant` keras builds it */
    GR_HAS_AUX = 4   /* has an auxiliary classifier */
};

/* Name; the function that builds it; pixels of the smallest image side that it takes; torchvision's name of the dense layer that
 * gives the logits (NULL: it has no such network); traits. */
/* clang-format off */
#define GR_BACKBONES(BACKBONE) \
    BACKBONE(resnet18, gr_build_resnet, 1, "fc", 0) \
    BACKBONE(resnet34, gr_build_resnet, 1, "fc", 0) \
    BACKBONE(resnet50, gr_build_resnet, 1, "fc", GR_IN_KERAS) \
    BACKBONE(resnet101, gr_build_resnet, 1, "fc", GR_IN_KERAS) \
    BACKBONE(vgg16, gr_build_vgg16, 32, "classifier.6", GR_IN_KERAS) \
    BACKBONE(mobilenet_v2, gr_build_mobilenet_v2, 1, "classifier.1", GR_WIDENS | GR_IN_KERAS) \
    BACKBONE(mobilenet_v3_large, gr_build_mobilenet_v3, 1, "classifier.3", GR_WIDENS | GR_IN_KERAS) \
    BACKBONE(mobilenet_v3_small, gr_build_mobilenet_v3, 1, "classifier.3", GR_WIDENS | GR_IN_KERAS) \
    BACKBONE(shufflenet_v2, gr_build_shufflenet_v2, 1, "fc", GR_WIDENS) \
    BACKBONE(efficientnet_b0, gr_build_efficientnet_b0, 1, "classifier.1", GR_IN_KERAS) \
    BACKBONE(inception_v3, gr_build_inception_v3, 75, "fc", GR_IN_KERAS | GR_HAS_AUX) \
    BACKBONE(nasnet_mobile, gr_build_nasnet_mobile, 32, "predictions", GR_IN_KERAS) \
    BACKBONE(densenet121, gr_build_densenet121, 32, "classifier", GR_IN_KERAS) \
    BACKBONE(xception, gr_build_xception, 71, "predictions", GR_IN_KERAS) \
    BACKBONE(blackmice_cnn, gr_build_blackmice_cnn, 8, NULL, 0)
/* clang-format on */

#endif
