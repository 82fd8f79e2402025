/* Trained models for other programs. */
#ifndef GRIMACE_EXPORT_H
#define GRIMACE_EXPORT_H

#include "grimace/base.h"

/* Is there a format of this name? "safetensors" is PyTorch's: torchvision's names and layouts, which load_state_dict takes
 * strictly. "onnx", opset 17: "image" [N,C,H,W] to "probabilities" [N,classes] and, with head painseeker, "beta" [N,K]; to
 * "scores" or "coordinates" [N,2L] where the task is of these. "keras": the archive that Keras 3's load_model
 * takes, "image" [N,H,W,C] to the same answer without beta. "libsvm" is LIBSVM's own model file, of model.classic lbp_svm
 * alone, which takes no other. Fails: GR_INVALID (no: the sentence names them all). */
gr_status gr_export_check_format(const char *format, gr_error *err) GR_MUST_CHECK;

/* Writes the model of `path`, a model.safetensors or the folder of a run, in `format` as `out`, atomically, and GIVES in
 * *summary (gr_free of src/base; plain free) a sentence that says what was written, and a line "notice: ..." for a run
 * of which a fold has no model. How an image becomes the input is in the file's metadata:
 *   backbone, head, classes, size, channels, channel_order, mean, std, transforms, input (all of it in a sentence), and
 *   grimace: in ONNX the version; in safetensors what a model.safetensors says there, so that the file can be read back
 * A run of several folds becomes one ONNX graph that averages their outputs, as predictions do; as safetensors it is refused.
 * Fails: GR_INVALID (absent, damaged, no model; several folds as safetensors or libsvm; a format for other models; the folder
 * of `out` absent or not writable), GR_IO, GR_NOMEM. */
gr_status gr_export(const char *path, const char *format, const char *out, char **summary, gr_error *err) GR_MUST_CHECK;

#endif
