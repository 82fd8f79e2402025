#include "detect/hog_svm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "formats/xml.h"

void gr_hog_svm_free(gr_hog_svm *machine)
{
    gr_free(machine->weights);
    *machine = (gr_hog_svm){0};
}

typedef struct reader {
    bool begun;
    double numbers[16];
    int64_t weight_count;
    float *weights; /* [GR_HOG_NUMBERS + 1] */
} reader;

/* What a file must say, but for the window's size; numbers of one element stand behind each other. */
typedef struct wanted {
    const char *name;
    int at, count;
    double value;
} wanted;
static const wanted table[] = {{"winSize", 0, 2, 0},
                               {"blockSize", 2, 2, 16},
                               {"blockStride", 4, 2, 8},
                               {"cellSize", 6, 2, 8},
                               {"nbins", 8, 1, 9},
                               {"derivAperture", 9, 1, 1},
                               {"winSigma", 10, 1, 4},
                               {"histogramNormType", 11, 1, 0},
                               {"L2HysThreshold", 12, 1, 0.2},
                               {"gammaCorrection", 13, 1, 1},
                               {"signedGradient", 14, 1, 0}};
enum { WANTED = sizeof table / sizeof *table };

static gr_status on_open(void *ctx, const gr_xml_element *e, gr_error *err)
{
    reader *r = ctx;
    const char *type = gr_xml_attribute(e, "type_id");
    if (e->depth != 2)
        return GR_OK;
    if (type == NULL || strcmp(type, "opencv-object-detector-hog") != 0)
        return gr_fail(err, GR_INVALID, "%s:%lld: %.40s: is no HOG detector of OpenCV's", e->path, (long long)e->line,
                       e->name);
    r->begun = true;
    return GR_OK;
}

static gr_status on_close(void *ctx, const gr_xml_element *e, const char *text, gr_error *err)
{
    reader *r = ctx;
    char *end = NULL;
    if (e->depth != 3)
        return GR_OK;
    if (strcmp(e->name, "SVMDetector") == 0) {
        for (const char *at = text; r->weight_count <= GR_HOG_NUMBERS; at = end) {
            float value = strtof(at, &end);
            if (end == at)
                break;
            if (!isfinite(value))
                return gr_fail(err, GR_INVALID, "%s:%lld: SVMDetector: has a number that is not finite", e->path,
                               (long long)e->line);
            r->weights[r->weight_count++] = value;
        }
        end = end != NULL ? end + strspn(end, " \n\r\t") : NULL;
        return end == NULL || *end == '\0'
                   ? GR_OK
                   : gr_fail(err, GR_INVALID, "%s:%lld: SVMDetector: has something else than at most %d numbers", e->path,
                             (long long)e->line, GR_HOG_NUMBERS + 1);
    }
    for (int i = 0; i < WANTED; i++)
        if (strcmp(table[i].name, e->name) == 0)
            for (int n = 0; n < table[i].count; n++, text = end)
                r->numbers[table[i].at + n] = strtod(text, &end);
    return GR_OK;
}

static gr_status check(const reader *r, const char *name, gr_error *err)
{
    double width = r->numbers[0], height = r->numbers[1];
    if (!r->begun)
        return gr_fail(err, GR_INVALID, "%s: is no HOG detector of OpenCV's", name);
    for (int i = 1; i < WANTED; i++)
        for (int n = 0; n < table[i].count; n++)
            if (fabs(r->numbers[table[i].at + n] - table[i].value) > 1e-9)
                return gr_fail(err, GR_INVALID, "%s: %s: is %g, only %g is known", name, table[i].name,
                               r->numbers[table[i].at + n], table[i].value);
    if (!(width >= 16 && height >= 16 && width <= 1024 && height <= 1024) || fmod(width, 8) != 0 || fmod(height, 8) != 0)
        return gr_fail(err, GR_INVALID, "%s: winSize: is %g x %g, multiples of 8 from 16 to 1024 would be right", name,
                       width, height);
    int64_t numbers = gr_hog_numbers((int)width, (int)height);
    if (r->weight_count != numbers && r->weight_count != numbers + 1)
        return gr_fail(err, GR_INVALID, "%s: SVMDetector: has %lld numbers, a window of %g x %g has %lld and the bias", name,
                       (long long)r->weight_count, width, height, (long long)numbers);
    return GR_OK;
}

gr_status gr_hog_svm_read(const char *name, const char *bytes, size_t size, gr_hog_svm *out, gr_error *err)
{
    reader r = {.weights = gr_alloc(GR_HOG_NUMBERS + 1, sizeof(float))};
    gr_xml_handler handler = {&r, on_open, on_close};
    *out = (gr_hog_svm){0};
    if (r.weights == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a detector");
    gr_status status = bytes != NULL ? gr_xml_parse(name, bytes, size, &handler, err) : gr_xml_read(name, &handler, err);
    if (status == GR_OK)
        status = check(&r, name, err);
    if (status != GR_OK) {
        gr_free(r.weights);
        return status;
    }
    *out = (gr_hog_svm){(int)r.numbers[0], (int)r.numbers[1], r.weights, 0};
    out->bias = r.weights[gr_hog_numbers(out->width, out->height)];
    return GR_OK;
}

gr_status gr_hog_svm_text(const gr_hog_svm *m, gr_text *to, gr_error *err)
{
    int64_t numbers = gr_hog_numbers(m->width, m->height);
    gr_text_printf(
        to,
        "<?xml version=\"1.0\"?>\n<opencv_storage>\n<hog type_id=\"opencv-object-detector-hog\">\n"
        "  <winSize>\n    %d %d</winSize>\n  <blockSize>\n    16 16</blockSize>\n  <blockStride>\n    8 8</blockStride>\n"
        "  <cellSize>\n    8 8</cellSize>\n  <nbins>9</nbins>\n  <derivAperture>1</derivAperture>\n"
        "  <winSigma>4.</winSigma>\n  <histogramNormType>0</histogramNormType>\n"
        "  <L2HysThreshold>2.0000000000000001e-01</L2HysThreshold>\n  <gammaCorrection>1</gammaCorrection>\n"
        "  <nlevels>64</nlevels>\n  <signedGradient>0</signedGradient>\n  <SVMDetector>",
        m->width, m->height);
    for (int64_t i = 0; i <= numbers; i++)
        gr_text_printf(to, "%s%.9g", i % 6 == 0 ? "\n    " : " ", (double)(i < numbers ? m->weights[i] : m->bias));
    gr_text_printf(to, "</SVMDetector></hog>\n</opencv_storage>\n");
    return to->failed ? gr_fail(err, GR_NOMEM, "no memory for a detector") : GR_OK;
}
