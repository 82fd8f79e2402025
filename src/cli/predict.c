/* grimace predict: class probabilities of images, or where landmarks are in them. */
#include <math.h>
#include <stdio.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/evaluate.h"

const char gr_help_predict[] =
    "usage: grimace predict RUN|MODEL IMAGE... [--out CSV [--force]]\n"
    "       grimace predict RUN|MODEL --manifest CSV [--average-over COLUMN,...] [--out CSV [--force]]\n"
    "\n"
    "Writes image,predicted,p_<class>... for each image; with the head landmarks image,lm1_x,lm1_y,..., in pixels from\n"
    "the image's upper left corner; of scores image,predicted; of several columns of labels a predicted_NAME for each and\n"
    "their total. Behind these stand spread, how far the models differ, and models, how many there are; of two classes\n"
    "decision, by a threshold; then the other columns of the table. RUN is the folder of a run: what all its folds' models\n"
    "predict is averaged. MODEL is one model.safetensors that a run wrote; it needs nothing beside it. An image that cannot\n"
    "be read has an empty row with the reason in a last column, error, which is there only then; all other rows are whole,\n"
    "and the exit status is 1 (2 where none can be read).\n"
    "\n"
    "  --manifest CSV           the images of a table with a column `image` (and box_x,box_y,box_w,box_h, if there)\n"
    "  --average-over COLUMNS   take the images together that have the same values there, such as animal,session\n"
    "  --threshold P            decide for the positive class from this probability on, instead of the run's own threshold:\n"
    "                           the one that best parts its predictions of held-out images (Youden)\n"
    "  --unsure SHARE           leave out decisions that are less sure than this share of the run's held-out images, 0.1\n"
    "  --out CSV                write there instead of the standard output\n"
    "  --force                  overwrite that file when it is there already\n";

/* To the file `out`, or to stdout. Frees the text. */
static gr_status write_text(gr_text *text, const char *out, gr_error *err)
{
    gr_status status = GR_OK;
    if (text->failed)
        status = gr_fail(err, GR_NOMEM, "no memory for the predictions");
    else if (out != NULL)
        status = gr_file_write(out, text->data, text->size, err);
    else
        fwrite(text->data, 1, text->size, stdout); /* main looks at stdout's state */
    gr_text_free(text);
    return status;
}

/* What a table that went to the file `out` holds. */
static void tell_written(const gr_predicted *p, bool units, const char *out)
{
    printf("%s: ", out);
    if (p->read < p->rows)
        printf("%lld of ", (long long)p->read);
    printf("%lld %s%s predicted\n", (long long)p->rows, units ? "unit" : "image", p->rows == 1 ? "" : "s");
}

/* A share of `text`: above 0 and below 1, or up to 1 for a threshold. */
static gr_status read_share(const char *name, const char *text, bool to_one, double *share, gr_error *err)
{
    if (text == NULL)
        return GR_OK;
    bool right = gr_parse_double(text, share) && *share >= 0.0 && (to_one ? *share <= 1.0 : *share < 1.0);
    return right ? GR_OK
                 : gr_fail(err, GR_INVALID, "predict: %s: \"%.80s\" is no number from 0 %s, such as %s", name, text,
                           to_one ? "to 1" : "to below 1", to_one ? "0.5" : "0.1");
}

static gr_status predict(const gr_predict_options *options, const char *out, gr_error *err)
{
    gr_predicted p;
    gr_status status = gr_predict(options, &p, err);
    if (status != GR_OK)
        return status;
    status = write_text(&p.table, out, err);
    if (status == GR_OK && out != NULL) { /* else the table itself is on stdout */
        tell_written(&p, options->average_over != NULL, out);
        gr_cli_notices(p.said.data);
    }
    if (status == GR_OK && p.problem[0] != '\0')
        status = gr_fail(err, p.read > 0 ? GR_FAILED : GR_INVALID, "%s", p.problem);
    gr_predicted_free(&p);
    return status;
}

gr_status gr_cmd_predict(int argc, char **argv, gr_error *err)
{
    const char *manifest = NULL, *out = NULL, *threshold = NULL, *unsure = NULL, *over = NULL;
    bool force = false;
    const gr_cli_option options[] = {{"--manifest", &manifest, NULL},   {"--out", &out, NULL},
                                     {"--force", NULL, &force},         {"--threshold", &threshold, NULL},
                                     {"--unsure", &unsure, NULL},       {"--average-over", &over, NULL}};
    gr_status status = gr_cli_parse(&argc, argv, options, 6, err);
    if (status != GR_OK)
        return status;
    if (argc < 2)
        return gr_fail(err, GR_INVALID, "predict: no run or model is named; usage: grimace predict RUN|MODEL IMAGE...");
    if (manifest != NULL && argc > 2)
        return gr_fail(err, GR_INVALID, "predict: images and --manifest are both given; one of them is right");
    if (manifest == NULL && argc < 3)
        return gr_fail(err, GR_INVALID, "predict: no image is named; give images, or --manifest with a table of them");
    if (out != NULL && (status = gr_cli_may_write(out, force, err)) != GR_OK)
        return status;
    gr_predict_options o = {.path = argv[1],
                            .images = (const char *const *)(argv + 2),
                            .image_count = argc - 2,
                            .manifest = manifest,
                            .threshold = NAN,
                            .average_over = over,
                            .stop = gr_cli_stop()};
    status = read_share("--threshold", threshold, true, &o.threshold, err);
    if (status == GR_OK)
        status = read_share("--unsure", unsure, false, &o.unsure, err);
    return status == GR_OK ? predict(&o, out, err) : status;
}
