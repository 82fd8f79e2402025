/* grimace data frames: pictures out of videos, and their manifest. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/frames.h"

const char gr_help_data_frames[] =
    "usage: grimace data frames VIDEO... --out DIR [--rate HZ] [options] [--force]\n"
    "       grimace data frames --table CSV --out DIR [--rate HZ | --rate-by RULES] [options] [--force]\n"
    "\n"
    "Writes the frame that is shown at 0, 1/HZ, 2/HZ ... seconds from each video's first frame, up to its last frame's end, "
    "to\n"
    "DIR/images, and DIR/manifest.csv with image,video,time,frame: `time` is the frame's own time stamp, `frame` counts "
    "from 0.\n"
    "Frames stand upright; their pixels are those that ffmpeg makes. A video that is cut off or damaged gives the frames up "
    "to\n"
    "there, is named, and the exit status is 1; docs/video.md.\n"
    "\n"
    "  --rate HZ        pictures a second: 2, 0.5, 1/3 (default: 1)\n"
    "  --table CSV      parts of videos: columns video (a path from the table on), start and end in seconds, and rate, of "
    "which the\n"
    "                   last three may be absent or empty; all other columns go into the manifest\n"
    "  --rate-by RULES  the rate of a row that has none by another column: 'score:0=0.5,1=0.5,*=1'\n"
    "\n"
    "Pictures that are left out are counted; the first of these that holds is the reason:\n"
    "\n"
    "  --exposure LO,HI pictures whose mean brightness is below LO or above HI, of 0 to 255\n"
    "  --sharp N        blurred ones: the variance of the Laplacian is below N (try 50 to 200; it depends on the camera)\n"
    "  --different SHARE  ones like the last kept: less than SHARE of the pixels, 0 to 1, changed by more than 8 of 255\n"
    "\n"
    "  --jpg Q          JPEGs of quality 1 to 100 in place of PNGs\n"
    "  --matrix NAME    bt601 or bt709: how colours are stored in a video that does not say so (default: bt601, as in "
    "ffmpeg)\n"
    "  --threads N      threads that decode and write (default: all)\n"
    "  --out DIR        the folder to make\n"
    "  --force          write into a folder that holds files already\n";

/* One line that counts up on a terminal; nothing otherwise. */
static void show(void *ctx, const gr_frames_progress *at)
{
    double *drawn = ctx, now = gr_seconds();
    if (now - *drawn < 0.1)
        return;
    *drawn = now;
    printf("\rvideo %d / %d: %.0f s", at->video, at->videos, at->done);
    if (at->total > 0)
        printf(" of %.0f", at->total);
    printf(", %lld pictures ", (long long)at->written);
    fflush(stdout);
}

static gr_status read_pair(const char *text, double pair[2], gr_error *err)
{
    const char *comma = text != NULL ? strchr(text, ',') : NULL;
    char low[32];
    if (text == NULL)
        return GR_OK;
    snprintf(low, sizeof low, "%.*s", comma != NULL ? (int)(comma - text) : 0, text);
    if (comma == NULL || !gr_parse_double(low, &pair[0]) || !gr_parse_double(comma + 1, &pair[1]) || pair[0] < 0 ||
        pair[1] > 255 || pair[0] >= pair[1])
        return gr_fail(err, GR_INVALID, "--exposure: \"%.40s\" is no pair LO,HI of 0 to 255; 30,225 would be right", text);
    return GR_OK;
}

static gr_status read_number(const char *name, const char *text, double most, double *out, gr_error *err)
{
    if (text != NULL && (!gr_parse_double(text, out) || *out <= 0 || *out > most))
        return gr_fail(err, GR_INVALID, "%s: \"%.40s\" is no number above 0 and up to %g", name, text, most);
    return GR_OK;
}

static gr_status read_whole(const char *name, const char *text, int most, int *out, gr_error *err)
{
    int64_t value = 0;
    gr_status status = text != NULL ? gr_cli_number(name, text, 1, most, &value, err) : GR_OK;
    *out = (int)value;
    return status;
}

gr_status gr_cli_matrix(const char *text, gr_video_options *video, gr_error *err)
{
    if (text == NULL)
        return GR_OK;
    video->matrix_given = true;
    video->matrix = strcmp(text, "bt709") == 0 ? GR_MATRIX_BT709 : GR_MATRIX_BT601;
    return strcmp(text, "bt709") == 0 || strcmp(text, "bt601") == 0
               ? GR_OK
               : gr_fail(err, GR_INVALID, "--matrix: \"%.40s\" is not known; bt601 or bt709 would be right", text);
}

static void summarise(const gr_frames_options *o, const gr_frames_report *r)
{
    const struct {
        int64_t count;
        const char *what;
    } lost[] = {{r->dark, "too dark or bright"}, {r->blurred, "blurred"}, {r->same, "like the last one kept"}};
    gr_cli_notices(r->notices.data);
    printf("%s/manifest.csv: %lld picture%s of %d video%s", o->out, (long long)r->written, r->written == 1 ? "" : "s",
           r->videos, r->videos == 1 ? "" : "s");
    for (int i = 0; i < 3; i++)
        if (lost[i].count > 0)
            printf(", %lld left out: %s", (long long)lost[i].count, lost[i].what);
    printf("\n");
    if (r->again > 0)
        printf("notice: at %lld of the %lld times the frame of the time before was still shown; a lower rate would tell "
               "them apart\n",
               (long long)r->again, (long long)r->times);
}

/* What the words and options say together. */
static gr_status check(int argc, const gr_frames_options *o, gr_error *err)
{
    if (o->out == NULL)
        return gr_fail(err, GR_INVALID, "frames: --out is missing, the folder to make is needed");
    if ((o->table != NULL) == (argc > 1))
        return gr_fail(err, GR_INVALID,
                       o->table != NULL ? "frames: videos and --table are both given; one of them is right"
                                        : "frames: no video is named; usage: grimace data frames VIDEO... --out DIR");
    if (o->rate_by != NULL && o->table == NULL)
        return gr_fail(err, GR_INVALID, "frames: --rate-by needs a --table whose column it names");
    return GR_OK;
}

gr_status gr_cmd_data_frames(int argc, char **argv, gr_error *err)
{
    gr_frames_options o = {.stop = gr_cli_stop()};
    const char *sharp = NULL, *exposure = NULL, *different = NULL, *jpg = NULL, *matrix = NULL, *threads = NULL;
    const gr_cli_option known[] = {
        {"--rate", &o.rate, NULL},         {"--table", &o.table, NULL}, {"--rate-by", &o.rate_by, NULL},
        {"--out", &o.out, NULL},           {"--sharp", &sharp, NULL},   {"--exposure", &exposure, NULL},
        {"--different", &different, NULL}, {"--jpg", &jpg, NULL},       {"--matrix", &matrix, NULL},
        {"--threads", &threads, NULL},     {"--force", NULL, &o.force}};
    gr_status status = gr_cli_parse(&argc, argv, known, sizeof known / sizeof known[0], err);
    if (status == GR_OK)
        status = check(argc, &o, err);
    if (status == GR_OK)
        status = read_pair(exposure, o.exposure, err);
    if (status == GR_OK)
        status = read_number("--sharp", sharp, 1e6, &o.sharp, err);
    if (status == GR_OK)
        status = read_number("--different", different, 1.0, &o.different, err);
    if (status == GR_OK)
        status = read_whole("--jpg", jpg, 100, &o.jpg, err);
    if (status == GR_OK)
        status = read_whole("--threads", threads, 256, &o.video.threads, err);
    if (status == GR_OK)
        status = gr_cli_matrix(matrix, &o.video, err);
    if (status != GR_OK)
        return status;
    double drawn = 0;
    bool terminal = isatty(STDOUT_FILENO) != 0;
    o.videos = (const char *const *)argv + 1;
    o.video_count = argc - 1;
    o.progress = terminal ? show : NULL;
    o.progress_ctx = &drawn;
    gr_frames_report report;
    status = gr_frames_extract(&o, &report, err);
    if (terminal && drawn > 0)
        printf("\r%*s\r", gr_cli_width() - 1, "");
    if (status == GR_OK || status == GR_FAILED)
        summarise(&o, &report);
    gr_frames_report_free(&report);
    return status;
}
