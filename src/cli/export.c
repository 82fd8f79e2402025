/* grimace export: a trained model for other programs. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/config.h"
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
    "  --out FILE             the file to write; of a study of labels (experiment.labels) NAME-LABEL.onnx for each label\n"
    "                         where NAME.onnx is given\n"
    "  --force                overwrite it when it is there already\n";

/* What `run` is, if it is a study of labels, to be destroyed; NULL: it is another run, or a model. */
static gr_config *study_of_labels(const char *run)
{
    gr_config *config = NULL;
    gr_error unread = {0};
    char *path = gr_is_folder(run) ? gr_path_join(run, "config.yaml") : NULL;
    if (path != NULL && gr_path_exists(path) && gr_config_load(path, NULL, 0, &config, &unread) == GR_OK &&
        config->experiment.labels.count == 0) {
        gr_config_destroy(config);
        config = NULL;
    }
    gr_free(path);
    return config;
}

/* "units-au_ear.onnx" for units.onnx. */
static void name_file(const char *out, const char *label, gr_text *name)
{
    const char *slash = strrchr(out, '/'), *last = slash != NULL ? slash + 1 : out;
    const char *ending = gr_ends_with(last, ".weights.h5") ? last + strlen(last) - strlen(".weights.h5") : strrchr(last, '.');
    if (ending == NULL || ending == last)
        ending = out + strlen(out);
    gr_text_printf(name, "%.*s-%s%s", (int)(ending - out), out, label, ending);
}

/* A study's labels, each to a file of its own. */
typedef struct study {
    const gr_strings *labels;
    const char *run, *format, *out;
    bool force;
    gr_text said;  /* a line for each that is written */
    gr_text fresh; /* the paths of those that were not there before, each with its zero */
} study;

/* Is the label's run there, and its file free? */
static gr_status check_label(const study *s, const char *from, const char *name, gr_error *err)
{
    if (!gr_is_folder(from))
        return gr_fail(err, GR_INVALID, "%s: is not there; a finished study would be right", from);
    return gr_cli_may_write(name, s->force, err);
}

static gr_status write_label(study *s, const char *label, const char *from, const char *name, gr_error *err)
{
    char *summary = NULL;
    bool fresh = !gr_path_exists(name);
    gr_status status = gr_export(from, s->format, name, &summary, err);
    if (status == GR_OK) {
        gr_text_printf(&s->said, "%s: %s\n", label, summary);
        gr_text_add(&s->fresh, name, fresh ? strlen(name) + 1 : 0);
    }
    gr_free(summary);
    return status;
}

static gr_status export_label(study *s, const char *label, bool writes, gr_error *err)
{
    gr_text name = {0}, from = {0};
    name_file(s->out, label, &name);
    gr_text_printf(&from, "%s/label-%s", s->run, label);
    gr_status status = name.failed || from.failed ? gr_fail(err, GR_NOMEM, "no memory for a path")
                       : writes                   ? write_label(s, label, from.data, name.data, err)
                                                  : check_label(s, from.data, name.data, err);
    gr_text_free(&name);
    gr_text_free(&from);
    return status;
}

/* Before the first is written, all runs are known to be there, and all files to be free; where one cannot be made after all, none
 * stays that was not there before. */
static gr_status export_labels(study *s, gr_error *err)
{
    gr_status status = GR_OK;
    if (gr_ends_with(s->out, "/") || gr_is_folder(s->out))
        return gr_fail(err, GR_INVALID, "%s: is a folder; a file, to whose name each label is added, would be right", s->out);
    for (int writes = 0; writes < 2; writes++)
        for (int i = 0; status == GR_OK && i < s->labels->count; i++)
            status = export_label(s, s->labels->items[i], writes == 1, err);
    for (size_t at = 0; status != GR_OK && at < s->fresh.size; at += strlen(s->fresh.data + at) + 1)
        unlink(s->fresh.data + at);
    if (status == GR_OK && s->said.data != NULL)
        fputs(s->said.data, stdout);
    gr_text_free(&s->said);
    gr_text_free(&s->fresh);
    return status;
}

static gr_status export_one(const char *model, const char *format, const char *out, bool force, gr_error *err)
{
    char *summary = NULL;
    gr_status status = gr_cli_may_write(out, force, err);
    if (status == GR_OK)
        status = gr_export(model, format, out, &summary, err);
    if (status == GR_OK)
        printf("%s\n", summary);
    gr_free(summary);
    return status;
}

gr_status gr_cmd_export(int argc, char **argv, gr_error *err)
{
    const char *format = NULL, *out = NULL;
    bool force = false;
    const gr_cli_option options[] = {{"--format", &format, NULL}, {"--out", &out, NULL}, {"--force", NULL, &force}};
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
    gr_config *config = study_of_labels(argv[1]);
    study labels = {.run = argv[1], .format = format, .out = out, .force = force};
    labels.labels = config != NULL ? &config->experiment.labels : NULL;
    status = config != NULL ? export_labels(&labels, err) : export_one(argv[1], format, out, force, err);
    gr_config_destroy(config);
    return status;
}
