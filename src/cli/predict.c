/* grimace predict: class probabilities of images, or where landmarks are in them. */
#include <stdio.h>

#include "base/base.h"
#include "cli/cli.h"
#include "cli/pictures.h"
#include "grimace/predict_video.h"
#include "grimace/results.h"
#include "grimace/train.h"

const char gr_help_predict[] =
    "usage: grimace predict RUN|MODEL IMAGE... [--out CSV [--force]]\n"
    "       grimace predict RUN|MODEL --manifest CSV [--out CSV [--force]]\n"
    "       grimace predict RUN|MODEL --video FILE [--rate HZ] [--matrix NAME] [--out CSV [--force]]\n"
    "\n"
    "Writes image,predicted,p_<class>... for each image; with the head landmarks image,lm1_x,lm1_y,..., in pixels from\n"
    "the image's upper left corner; of scores image,predicted; of several columns of labels a predicted_NAME for each and\n"
    "their total. RUN is the folder of a run: what all its folds' models predict is averaged. MODEL is\n"
    "one model.safetensors that a run wrote; it needs nothing beside it. An image that cannot be read has an empty row with\n"
    "the reason in a last column, error, which is there only then; all other rows are whole, and the exit status is 1 (2\n"
    "where none can be read).\n"
    "\n"
    "  --manifest CSV   the images of a table with a column `image` (and box_x,box_y,box_w,box_h, if there)\n"
    "  --video FILE     the frames of a video that are shown at 0, 1/HZ, 2/HZ ... seconds: video,time,frame in place of image.\n"
    "                   One that is cut off or damaged gives the rows up to there, and the exit status is 1\n"
    "  --rate HZ        how many a second: 2, 0.5, 1/3 (default: 1)\n"
    "  --matrix NAME    bt601 or bt709: how colours are stored in a video that does not say so (default: bt601, as in ffmpeg)\n"
    "  --out CSV        write there instead of the standard output\n"
    "  --force          overwrite that file when it is there already\n";

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
static void tell_written(const gr_cli_pictures *r, const char *const *problems, const char *out)
{
    int64_t read = 0;
    for (int64_t i = 0; i < r->count; i++)
        read += problems[i] == NULL;
    printf("%s: ", out);
    if (read < r->count)
        printf("%lld of ", (long long)read);
    printf("%lld image%s predicted\n", (long long)r->count, r->count == 1 ? "" : "s");
}

static gr_status predict(gr_predictor *predictor, const gr_cli_pictures *r, const char *out, gr_error *err)
{
    size_t numbers;
    bool fits = gr_mul_size((size_t)r->count, gr_predictor_width(predictor), &numbers);
    float *predictions = fits ? gr_alloc(numbers, sizeof *predictions) : NULL;
    const char **problems = gr_alloc((size_t)r->count, sizeof *problems);
    gr_status status = predictions != NULL && problems != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    if (status == GR_OK)
        status = gr_predictor_run_all(predictor, r->samples, r->count, predictions, problems, gr_cli_stop(), err);
    gr_text text = {0};
    if (status == GR_OK) {
        gr_predictor_csv(predictor, r->images, r->count, predictions, problems, &text);
        status = write_text(&text, out, err);
    }
    if (status == GR_OK && out != NULL)
        tell_written(r, problems, out);
    if (status == GR_OK)
        status = gr_cli_pictures_problems(r, problems, err);
    gr_free(problems);
    gr_free(predictions);
    return status;
}

static gr_status predict_video(gr_predictor *predictor, const char *video, gr_moment rate, const gr_video_options *options,
                               const char *out, gr_error *err)
{
    gr_text table = {0}, notices = {0};
    int64_t frames;
    gr_error unwritten = {0};
    gr_status status = gr_predictor_video(predictor, video, rate, options, gr_cli_stop(), &table, &frames, &notices, err);
    if (status != GR_OK && status != GR_FAILED) {
        gr_text_free(&table);
        gr_text_free(&notices);
        return status;
    }
    gr_status written = write_text(&table, out, &unwritten);
    if (written == GR_OK && out != NULL) {
        gr_cli_notices(notices.data);
        printf("%s: %lld frame%s predicted\n", out, (long long)frames, frames == 1 ? "" : "s");
    }
    if (written != GR_OK) {
        *err = unwritten;
        status = written;
    }
    gr_text_free(&notices);
    return status;
}

/* What goes with what. */
static gr_status check_words(int argc, char **argv, const char *manifest, const char *video, const char *rate,
                             const char *matrix, gr_error *err)
{
    if (argc < 2)
        return gr_fail(err, GR_INVALID, "predict: no run or model is named; usage: grimace predict RUN|MODEL IMAGE...");
    if (video == NULL && (rate != NULL || matrix != NULL))
        return gr_fail(err, GR_INVALID, "predict: %s goes with --video", rate != NULL ? "--rate" : "--matrix");
    if (video != NULL && (manifest != NULL || argc > 2))
        return gr_fail(err, GR_INVALID, "predict: --video is given, and images too; one of them is right");
    return video != NULL ? GR_OK : gr_cli_pictures_check(argc, argv, manifest, err);
}

gr_status gr_cmd_predict(int argc, char **argv, gr_error *err)
{
    const char *manifest = NULL, *out = NULL, *video = NULL, *rate = NULL, *matrix = NULL;
    bool force = false;
    const gr_cli_option options[] = {{"--manifest", &manifest, NULL}, {"--out", &out, NULL},   {"--force", NULL, &force},
                                     {"--video", &video, NULL},       {"--rate", &rate, NULL}, {"--matrix", &matrix, NULL}};
    gr_moment every = {1, 1};
    gr_video_options how = {0};
    gr_status status = gr_cli_parse(&argc, argv, options, sizeof options / sizeof options[0], err);
    if (status == GR_OK)
        status = check_words(argc, argv, manifest, video, rate, matrix, err);
    if (status == GR_OK && rate != NULL)
        status = gr_rate_read("--rate", rate, &every, err);
    if (status == GR_OK)
        status = gr_cli_matrix(matrix, &how, err);
    if (status != GR_OK)
        return status;
    gr_cli_pictures r = {0};
    gr_predictor *predictor = NULL;
    if (out != NULL && (status = gr_cli_may_write(out, force, err)) != GR_OK)
        return status;
    status = gr_predictor_open(argv[1], &predictor, err);
    if (status == GR_OK && video != NULL) {
        status = predict_video(predictor, video, every, &how, out, err);
        gr_predictor_close(predictor);
        return status;
    }
    if (status == GR_OK)
        status = gr_cli_pictures_open(argc, argv, manifest, &r, err);
    if (status == GR_OK)
        status = predict(predictor, &r, out, err);
    if ((status == GR_OK || status == GR_FAILED) && out != NULL) /* else the table itself is on stdout */
        gr_cli_notices(r.manifest.notices);
    gr_cli_pictures_close(&r);
    gr_predictor_close(predictor);
    return status;
}
