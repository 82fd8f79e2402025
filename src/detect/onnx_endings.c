#include "detect/onnx_endings.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- grimace's maps: heats of K kinds, then x, y, log width and log height of each
 * ------------------------------------------ */

static bool is_maps(const gr_onnx_file *f, const gr_nd *out)
{
    return f->output_count == 1 && gr_onnx_file_note(f, "grimace") != NULL && strcmp(f->outputs[0].name, "maps") == 0 &&
           out->rank == 4 && out->dim[0] == 1 && out->dim[1] > 0 && out->dim[1] % 5 == 0;
}

static bool read_numbers(const gr_onnx_file *f, const char *key, double to[3])
{
    const char *text = gr_onnx_file_note(f, key);
    json_t *list = text != NULL ? json_loads(text, 0, NULL) : NULL;
    bool good = json_array_size(list) == 3;
    for (size_t i = 0; good && i < 3; i++)
        good = isfinite(to[i] = json_number_value(json_array_get(list, i)));
    json_decref(list);
    return good;
}

static gr_status read_maps(const gr_onnx_file *f, int width, int height, gr_onnx_reading *r, gr_error *err)
{
    char plain[60];
    const char *transforms = gr_onnx_file_note(f, "transforms"), *order = gr_onnx_file_note(f, "channel_order");
    *r = (gr_onnx_reading){.antialiased = true, .scale = 255, .reversed = order != NULL && strcmp(order, "BGR") == 0};
    const char *score = gr_onnx_file_note(f, "score");
    if (score != NULL && !(gr_parse_double(score, &r->least) && r->least >= 0 && r->least <= 1))
        return gr_fail(err, GR_INVALID, "%s: its note score is %.40s, a number from 0 to 1 would be right", f->path, score);
    snprintf(plain, sizeof plain, "[{\"resize\": %d}]", width);
    if (transforms == NULL || strcmp(transforms, plain) != 0 || width != height)
        return gr_fail(err, GR_INVALID,
                       "%s: its note transforms is %.200s; %s alone is known of an ONNX file, the model that it was made of "
                       "would be right as well",
                       f->path, transforms != NULL ? transforms : "not there", plain);
    if (!read_numbers(f, "mean", r->mean) || !read_numbers(f, "std", r->std) || r->std[0] == 0 || r->std[1] == 0 ||
        r->std[2] == 0)
        return gr_fail(err, GR_INVALID, "%s: its notes mean and std are not three numbers each", f->path);
    return GR_OK;
}

static int64_t count_maps(const gr_nd *out)
{
    return out->dim[1] / 5 * out->dim[2] * out->dim[3];
}

/* The heat is the highest of the nine around it; of equal ones the first is (as gr_box_maps_read). */
static bool is_peak(const float *heats, int64_t h, int64_t w, int64_t j, int64_t i)
{
    float heat = heats[j * w + i];
    for (int64_t y = j - 1; y <= j + 1; y++)
        for (int64_t x = i - 1; x <= i + 1; x++)
            if (y >= 0 && x >= 0 && y < h && x < w && (y != j || x != i) &&
                (heats[y * w + x] > heat || (heats[y * w + x] == heat && (y < j || (y == j && x < i)))))
                return false;
    return true;
}

static bool box_of_maps(const gr_nd *out, int64_t index, int width, int height, double least, gr_onnx_box *to)
{
    int64_t kinds = out->dim[1] / 5, h = out->dim[2], w = out->dim[3], kind = index / (h * w), at = index % (h * w);
    double sx = (double)width / (double)w, sy = (double)height / (double)h, most = log((double)(w + h));
    const float *heats = out->values + kind * h * w, *four = out->values + (kinds + 4 * kind) * h * w + at;
    double score = 1 / (1 + exp(-(double)heats[at]));
    if (!(score >= least) || !is_peak(heats, h, w, at / w, at % w))
        return false;
    double x = ((double)(at % w) + 0.5 + (double)four[0]) * sx, y = ((double)(at / w) + 0.5 + (double)four[h * w]) * sy,
           box_w = exp(fmin((double)four[2 * h * w], most)) * sx, box_h = exp(fmin((double)four[3 * h * w], most)) * sy;
    *to = (gr_onnx_box){{x - box_w / 2, y - box_h / 2, box_w, box_h}, score, (int)kind};
    return true;
}

/* ---- Ultralytics' YOLO: one output, boxes by middle and size in pixels
 * ---------------------------------------------------- */

static gr_status read_yolo(const gr_onnx_file *f, int width, int height, gr_onnx_reading *r, gr_error *err)
{
    (void)f, (void)width, (void)height, (void)err;
    *r = (gr_onnx_reading){.letterbox = true, .scale = 255, .std = {1, 1, 1}};
    return GR_OK;
}

/* From version 8 on: [1, 4 + classes, boxes]. */
static bool is_yolo(const gr_onnx_file *f, const gr_nd *out)
{
    return f->output_count == 1 && out->rank == 3 && out->dim[0] == 1 && out->dim[1] > 4 && out->dim[2] > out->dim[1];
}

static int64_t count_yolo(const gr_nd *out)
{
    return out->dim[2];
}

static bool best_kind(const float *scores, int64_t step, int64_t kinds, double factor, double least, gr_onnx_box *to)
{
    to->score = -INFINITY;
    for (int64_t k = 0; k < kinds; k++)
        if (factor * (double)scores[k * step] > to->score) {
            to->score = factor * (double)scores[k * step];
            to->kind = (int)k;
        }
    return to->score >= least;
}

static bool box_of_yolo(const gr_nd *out, int64_t i, int width, int height, double least, gr_onnx_box *to)
{
    int64_t n = out->dim[2];
    const float *v = out->values + i;
    double x = (double)v[0], y = (double)v[n], w = (double)v[2 * n], h = (double)v[3 * n];
    (void)width, (void)height;
    to->box = (gr_plain_box){x - w / 2, y - h / 2, w, h};
    return best_kind(v + 4 * n, n, out->dim[1] - 4, 1, least, to);
}

/* Version 5: [1, boxes, 5 + classes], the fifth number says whether anything is there. */
static bool is_yolo5(const gr_onnx_file *f, const gr_nd *out)
{
    return f->output_count == 1 && out->rank == 3 && out->dim[0] == 1 && out->dim[2] > 5 && out->dim[1] > out->dim[2] &&
           out->dim[1] > 1000;
}

static int64_t count_yolo5(const gr_nd *out)
{
    return out->dim[1];
}

static bool box_of_yolo5(const gr_nd *out, int64_t i, int width, int height, double least, gr_onnx_box *to)
{
    const float *v = out->values + i * out->dim[2];
    (void)width, (void)height;
    to->box = (gr_plain_box){(double)v[0] - (double)v[2] / 2, (double)v[1] - (double)v[3] / 2, (double)v[2], (double)v[3]};
    return best_kind(v + 5, 1, out->dim[2] - 5, (double)v[4], least, to);
}

/* ---- UltraFace: [1, N, 2] of background and face, [1, N, 4] of corners as shares
 * ------------------------------------------- */

static bool is_ultraface(const gr_onnx_file *f, const gr_nd *out)
{
    return f->output_count == 2 && out[0].rank == 3 && out[1].rank == 3 && out[0].dim[0] == 1 && out[1].dim[0] == 1 &&
           out[0].dim[1] == out[1].dim[1] && out[0].dim[2] == 2 && out[1].dim[2] == 4;
}

static gr_status read_ultraface(const gr_onnx_file *f, int width, int height, gr_onnx_reading *r, gr_error *err)
{
    (void)f, (void)width, (void)height, (void)err;
    *r = (gr_onnx_reading){.scale = 1, .mean = {127, 127, 127}, .std = {128, 128, 128}};
    return GR_OK;
}

static int64_t count_ultraface(const gr_nd *out)
{
    return out[0].dim[1];
}

static bool box_of_ultraface(const gr_nd *out, int64_t i, int width, int height, double least, gr_onnx_box *to)
{
    const float *v = out[1].values + 4 * i;
    *to = (gr_onnx_box){{(double)v[0] * width, (double)v[1] * height, ((double)v[2] - (double)v[0]) * width,
                         ((double)v[3] - (double)v[1]) * height},
                        (double)out[0].values[2 * i + 1],
                        0};
    return to->score >= least;
}

/* ---- the list --------------------------------------------------------------------------------------------------------- */

static const gr_onnx_ending endings[] = {
    {"grimace", 0.3, 0.5, is_maps, read_maps, count_maps, box_of_maps},
    {"YOLO", 0.25, 0.7, is_yolo, read_yolo, count_yolo, box_of_yolo},
    {"YOLOv5", 0.25, 0.45, is_yolo5, read_yolo, count_yolo5, box_of_yolo5},
    {"UltraFace", 0.7, 0.3, is_ultraface, read_ultraface, count_ultraface, box_of_ultraface}};

gr_status gr_onnx_ending_of(const gr_onnx_file *file, const gr_nd *outputs, const gr_onnx_ending **ending, gr_error *err)
{
    char shapes[600] = "", text[GR_ND_TEXT];
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (endings[i].fits(file, outputs)) {
            *ending = &endings[i];
            return GR_OK;
        }
    for (int o = 0; o < file->output_count && strlen(shapes) < 400; o++)
        snprintf(shapes + strlen(shapes), sizeof shapes - strlen(shapes), "%s%.40s %s", o > 0 ? ", " : "",
                 file->outputs[o].name, gr_nd_text(outputs[o].rank, outputs[o].dim, text));
    return gr_fail(
        err, GR_INVALID,
        "%s: ends in %s, which is no ending that is known; a detector that grimace exported (maps), Ultralytics' "
        "[1, 4 + classes, boxes] or [1, boxes, 5 + classes], or UltraFace's [1, N, 2] and [1, N, 4] would be right",
        file->path, shapes);
}

/* grimace's note classes is a list, Ultralytics' note names "{0: 'rat', 1: 'eye'}". */
int gr_onnx_kind_number(const gr_onnx_file *file, const char *kind)
{
    const char *classes = gr_onnx_file_note(file, "classes"), *names = gr_onnx_file_note(file, "names");
    if (kind == NULL)
        return 0;
    json_t *list = classes != NULL ? json_loads(classes, 0, NULL) : NULL;
    int found = -1;
    for (size_t i = 0; found < 0 && i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        found = name != NULL && strcmp(name, kind) == 0 ? (int)i : -1;
    }
    json_decref(list);
    size_t length = strlen(kind);
    for (const char *at = names; at != NULL && found < 0 && (at = strchr(at, ':')) != NULL; at++) {
        const char *text = at + 1 + strspn(at + 1, " ");
        if ((text[0] != '\'' && text[0] != '"') || strncmp(text + 1, kind, length) != 0 || text[1 + length] != text[0])
            continue;
        const char *digits = at;
        while (digits > names && digits[-1] >= '0' && digits[-1] <= '9')
            digits--;
        found = atoi(digits);
    }
    return found;
}
