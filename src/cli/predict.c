/* grimace predict: class probabilities of images, or where landmarks are in them. */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/evaluate.h"
#include "grimace/predict_video.h"
#include "grimace/train.h"

const char gr_help_predict[] =
    "usage: grimace predict RUN|MODEL IMAGE... [--out CSV [--force]]\n"
    "       grimace predict RUN|MODEL --manifest CSV [--average-over COLUMN,...] [--out CSV [--force]]\n"
    "       grimace predict RUN|MODEL --video FILE [--rate HZ] [--matrix NAME] [--out CSV [--force]]\n"
    "\n"
    "Writes image,predicted,p_<class>... for each image; with the head landmarks image,lm1_x,lm1_y,..., in pixels from the\n"
    "image's upper left corner; of scores image,predicted; of several columns of labels a predicted_NAME for each and their\n"
    "total; of boxes the best one, box_x,box_y,box_w,box_h,box_score, and predicted, all that were found. Behind these stand\n"
    "spread, how far the models differ, and models, how many there are; of two classes decision, by a threshold; then the\n"
    "other columns of the table. RUN is the folder of a run: what all its folds' models predict is averaged. MODEL is one\n"
    "model.safetensors that a run wrote; it needs nothing beside it. An image that cannot be read has an empty row with the\n"
    "reason in a last column, error, which is there only then; all other rows are whole, and the exit status is 1 (2 where\n"
    "none can be read).\n"
    "\n"
    "  --manifest CSV           the images of a table with a column `image` (and box_x,box_y,box_w,box_h, if there)\n"
    "  --video FILE             the frames of a video that are shown at 0, 1/HZ, 2/HZ ... seconds: video,time,frame in place of\n"
    "                           image. One that is cut off or damaged gives the rows up to there, and the exit status is 1\n"
    "  --rate HZ                how many a second: 2, 0.5, 1/3 (default: 1)\n"
    "  --matrix NAME            bt601 or bt709: how colours are stored in a video that does not say so (default: bt601, as in\n"
    "                           ffmpeg)\n"
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

/* A table on stdout is all that another program reads; a person at a terminal reads what stands behind it, too. */
static bool may_say_more(const char *out)
{
    return out != NULL || isatty(STDOUT_FILENO) != 0;
}

static gr_status predict(const gr_predict_options *options, const char *out, gr_error *err)
{
    gr_predicted p;
    gr_status status = gr_predict(options, &p, err);
    if (status != GR_OK)
        return status;
    status = write_text(&p.table, out, err);
    if (status == GR_OK && out != NULL)
        tell_written(&p, options->average_over != NULL, out);
    if (status == GR_OK && may_say_more(out))
        gr_cli_notices(p.said.data);
    if (status == GR_OK && p.problem[0] != '\0')
        status = gr_fail(err, p.read > 0 ? GR_FAILED : GR_INVALID, "%s", p.problem);
    gr_predicted_free(&p);
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
    if (written == GR_OK && may_say_more(out))
        gr_cli_notices(notices.data);
    if (written == GR_OK && out != NULL)
        printf("%s: %lld frame%s predicted\n", out, (long long)frames, frames == 1 ? "" : "s");
    if (written != GR_OK) {
        *err = unwritten;
        status = written;
    }
    gr_text_free(&notices);
    return status;
}

/* What the command line says. */
typedef struct words {
    const char *manifest, *out, *threshold, *unsure, *over, *video, *rate, *matrix;
    bool force;
} words;

/* What goes with what. */
static gr_status check_words(const words *w, int argc, gr_error *err)
{
    if (argc < 2)
        return gr_fail(err, GR_INVALID, "predict: no run or model is named; usage: grimace predict RUN|MODEL IMAGE...");
    if (w->video == NULL && (w->rate != NULL || w->matrix != NULL))
        return gr_fail(err, GR_INVALID, "predict: %s goes with --video", w->rate != NULL ? "--rate" : "--matrix");
    if (w->video != NULL && (w->threshold != NULL || w->unsure != NULL || w->over != NULL))
        return gr_fail(err, GR_INVALID, "predict: %s does not go with --video",
                       w->threshold != NULL ? "--threshold" : w->unsure != NULL ? "--unsure" : "--average-over");
    if (w->video != NULL && (w->manifest != NULL || argc > 2))
        return gr_fail(err, GR_INVALID, "predict: --video is given, and images too; one of them is right");
    if (w->manifest != NULL && argc > 2)
        return gr_fail(err, GR_INVALID, "predict: images and --manifest are both given; one of them is right");
    if (w->manifest == NULL && w->video == NULL && argc < 3)
        return gr_fail(err, GR_INVALID, "predict: no image is named; give images, or --manifest with a table of them");
    const char *table = w->manifest != NULL ? w->manifest : w->video;
    if (w->out != NULL && table != NULL && gr_same_path(w->out, table))
        return gr_fail(err, GR_INVALID, "predict: --out: %s is what is read, and would be lost; another name would be right",
                       w->out);
    return w->out != NULL ? gr_cli_may_write(w->out, w->force, err) : GR_OK;
}

static gr_status run_video(const char *path, const words *w, gr_error *err)
{
    gr_moment every = {1, 1};
    gr_video_options how = {0};
    gr_predictor *predictor = NULL;
    gr_status status = w->rate != NULL ? gr_rate_read("--rate", w->rate, &every, err) : GR_OK;
    if (status == GR_OK)
        status = gr_cli_matrix(w->matrix, &how, err);
    if (status == GR_OK)
        status = gr_predictor_open(path, &predictor, err);
    if (status == GR_OK)
        status = predict_video(predictor, w->video, every, &how, w->out, err);
    gr_predictor_close(predictor);
    return status;
}

gr_status gr_cmd_predict(int argc, char **argv, gr_error *err)
{
    words w = {0};
    const gr_cli_option options[] = {
        {"--manifest", &w.manifest, NULL},   {"--out", &w.out, NULL},       {"--force", NULL, &w.force},
        {"--threshold", &w.threshold, NULL}, {"--unsure", &w.unsure, NULL}, {"--average-over", &w.over, NULL},
        {"--video", &w.video, NULL},         {"--rate", &w.rate, NULL},     {"--matrix", &w.matrix, NULL}};
    gr_status status = gr_cli_parse(&argc, argv, options, sizeof options / sizeof options[0], err);
    if (status == GR_OK)
        status = check_words(&w, argc, err);
    if (status != GR_OK || w.video != NULL)
        return status == GR_OK ? run_video(argv[1], &w, err) : status;
    gr_predict_options o = {.path = argv[1],
                            .images = (const char *const *)(argv + 2),
                            .image_count = argc - 2,
                            .manifest = w.manifest,
                            .threshold = NAN,
                            .average_over = w.over,
                            .stop = gr_cli_stop()};
    status = read_share("--threshold", w.threshold, true, &o.threshold, err);
    if (status == GR_OK)
        status = read_share("--unsure", w.unsure, false, &o.unsure, err);
    return status == GR_OK ? predict(&o, w.out, err) : status;
}
