/* grimace export: a trained model for other programs. */
#include <stdio.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/export.h"

const char gr_help_export[] =
    "usage: grimace export RUN|MODEL --format safetensors|onnx|keras|libsvm|opencv --out FILE [--force]\n"
    "\n"
    "Writes a trained model for other programs, with how an image becomes its input in the file's metadata.\n"
    "MODEL is a model.safetensors that a run wrote, RUN the folder of a run.\n"
    "\n"
    "  --format safetensors   PyTorch's weights: torchvision's names, which load_state_dict takes strictly\n"
    "  --format onnx          the network, opset 17: input image [N, C, H, W], outputs probabilities and, with head\n"
    "                         painseeker, beta, the attention scores; of a RUN with several folds, their mean\n"
    "  --format keras         the network for Keras 3, of one model: FILE.keras for load_model, or FILE.weights.h5 for\n"
    "                         load_weights\n"
    "  --format libsvm        LIBSVM's model file, of a model with model.classic: lbp_svm, which takes no other format\n"
    "  --format opencv        OpenCV's XML, of a model with model.classic: cascade or hog_svm, likewise\n"
    "  --out FILE             the file to write\n"
    "  --force                overwrite it when it is there already\n";

gr_status gr_cmd_export(int argc, char **argv, gr_error *err)
{
    const char *format = NULL, *out = NULL;
    bool force = false;
    const gr_cli_option options[] = {{"--format", &format, NULL}, {"--out", &out, NULL}, {"--force", NULL, &force}};
    char *summary = NULL;
    gr_status status = gr_cli_parse(&argc, argv, options, 3, err);
    if (status != GR_OK)
        return status;
    if (argc < 2)
        return gr_fail(err, GR_INVALID, "export: no run or model is named; usage: grimace export RUN|MODEL --format onnx "
                       "--out FILE");
    if (argc > 2)
        return gr_fail(err, GR_INVALID, "export: \"%s\" is one word too many; one run or model is right", argv[2]);
    if (format == NULL)
        return gr_fail(err, GR_INVALID, "export: --format is missing; safetensors, onnx, keras, libsvm or opencv would be right");
    if (out == NULL)
        return gr_fail(err, GR_INVALID, "export: --out is missing, the file to write");
    status = gr_export_check_format(format, err);
    if (status != GR_OK) {
        gr_error_prefix(err, "export: --format");
        return status;
    }
    status = gr_cli_may_write(out, force, err);
    if (status == GR_OK)
        status = gr_export(argv[1], format, out, &summary, err);
    if (status == GR_OK)
        printf("%s\n", summary);
    gr_free(summary);
    return status;
}
