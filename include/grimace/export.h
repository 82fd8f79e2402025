/* Trained models for other programs. */
#ifndef GRIMACE_EXPORT_H
#define GRIMACE_EXPORT_H

#include "grimace/base.h"

typedef enum gr_export_format {
    GR_EXPORT_SAFETENSORS, /* PyTorch's: torchvision's names and layouts, which load_state_dict takes strictly */
    GR_EXPORT_ONNX,        /* opset 17: "image" [N,C,H,W] to "probabilities" [N,classes] and, with head painseeker, "beta" [N,K];
                            * with head landmarks to "coordinates" [N,2L] instead */
    GR_EXPORT_LIBSVM       /* LIBSVM's own model file, of model.classic lbp_svm alone, which takes no other format */
} gr_export_format;

/* The format of this name ("safetensors", "onnx", "libsvm") in *out. Fails: GR_INVALID. */
gr_status gr_export_format_of(const char *name, gr_export_format *out, gr_error *err) GR_MUST_CHECK;

/* Writes the model of `path`, a model.safetensors or the folder of a run, as `out`, atomically, and GIVES in *summary (gr_free
 * of src/base; plain free) a sentence that says what was written. How an image becomes the input is in the file's metadata:
 *   backbone, head, classes, size, channels, channel_order, mean, std, transforms, input (all of it in a sentence), and
 *   grimace: in ONNX the version; in safetensors what a model.safetensors says there, so that the file can be read back
 * A run of several folds becomes one ONNX graph that averages their outputs, as predictions do; as safetensors it is refused.
 * Fails: GR_INVALID (absent, damaged, no model; several folds as safetensors or libsvm; a format for other models; the folder
 * of `out` absent or not writable), GR_IO, GR_NOMEM. */
gr_status gr_export(const char *path, gr_export_format format, const char *out, char **summary, gr_error *err) GR_MUST_CHECK;

#endif
