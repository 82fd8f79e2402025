/* A network in ONNX as a detector: the picture in the network's size, its graph, the boxes of a known ending. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "detect/detector.h"
#include "detect/found.h"
#include "detect/onnx_endings.h"

enum { MOST_SIDE = 4096 };

typedef struct state {
    gr_onnx_graph *graph;
    const gr_onnx_ending *ending;
    gr_onnx_reading reading;
    int width, height, kind;
    double least;
    const char *name;
} state;

static void close_state(void *opened)
{
    state *s = opened;
    gr_onnx_graph_close(s->graph);
    gr_free(s);
}

/* ---- what goes in ----------------------------------------------------------------------------------------------------- */

/* Where the picture lies in the input. */
typedef struct placing {
    double scale_x, scale_y;
    int left, top, width, height;
} placing;

static placing place(const state *s, const gr_image *image)
{
    placing p = {.width = s->width, .height = s->height};
    if (s->reading.letterbox) {
        double r = fmin((double)s->width / image->width, (double)s->height / image->height);
        p.width = (int)fmin(s->width, fmax(1, rint(image->width * r)));
        p.height = (int)fmin(s->height, fmax(1, rint(image->height * r)));
        p.left = (int)rint((s->width - p.width) / 2.0 - 0.1);
        p.top = (int)rint((s->height - p.height) / 2.0 - 0.1);
    }
    p.scale_x = (double)p.width / image->width;
    p.scale_y = (double)p.height / image->height;
    return p;
}

/* Bilinear between the four nearest pixels, as OpenCV's INTER_LINEAR; rounded to whole values, as both tools' pixels are. */
static double between(const gr_image *image, double x, double y, int c)
{
    x = fmax(0, fmin(x, image->width - 1));
    y = fmax(0, fmin(y, image->height - 1));
    int left = (int)x, top = (int)y, right = left + 1 < image->width ? left + 1 : left,
        below = top + 1 < image->height ? top + 1 : top;
    double u = x - left, v = y - top;
    const uint8_t *a = image->pixels + (size_t)top * (size_t)image->width * 3,
                  *b = image->pixels + (size_t)below * (size_t)image->width * 3;
    return rint((1 - v) * ((1 - u) * a[3 * left + c] + u * a[3 * right + c]) +
                v * ((1 - u) * b[3 * left + c] + u * b[3 * right + c]));
}

static gr_status make_input(const state *s, const gr_image *image, const placing *p, gr_nd *input, gr_error *err)
{
    const gr_onnx_reading *r = &s->reading;
    gr_image small = {0};
    gr_status status = gr_nd_make(input, 4, (int64_t[]){1, 3, s->height, s->width}, err);
    if (status == GR_OK && r->antialiased)
        status = gr_image_resize(image, s->width, s->height, &small, err);
    float *to = input->values;
    for (int c = 0; status == GR_OK && c < 3; c++) {
        int from = r->reversed ? 2 - c : c;
        for (int y = 0; y < s->height; y++)
            for (int x = 0; x < s->width; x++) {
                int column = x - p->left, row = y - p->top;
                double pixel = 114;
                if (small.pixels != NULL)
                    pixel = small.pixels[3 * ((size_t)y * (size_t)s->width + (size_t)x) + (size_t)from];
                else if (column >= 0 && row >= 0 && column < p->width && row < p->height)
                    pixel = between(image, (column + 0.5) / p->scale_x - 0.5, (row + 0.5) / p->scale_y - 0.5, from);
                *to++ = (float)((pixel / r->scale - r->mean[c]) / r->std[c]);
            }
    }
    gr_image_free(&small);
    return status;
}

/* ---- what comes out --------------------------------------------------------------------------------------------------- */

static int by_score(const void *a, const void *b)
{
    const gr_onnx_box *x = a, *y = b;
    return x->score != y->score   ? (x->score < y->score) - (x->score > y->score)
           : x->box.x != y->box.x ? (x->box.x > y->box.x) - (x->box.x < y->box.x)
                                  : (x->box.y > y->box.y) - (x->box.y < y->box.y);
}

/* Adds a box in pixels of the picture, of what lies in it. */
static gr_status add(const state *s, const gr_onnx_box *b, const placing *p, const gr_image *image, gr_found_list *out,
                     gr_error *err)
{
    double left = (b->box.x - p->left) / p->scale_x, top = (b->box.y - p->top) / p->scale_y,
           right = left + b->box.width / p->scale_x, bottom = top + b->box.height / p->scale_y;
    if (!(isfinite(left) && isfinite(top) && isfinite(right) && isfinite(bottom)))
        return GR_OK;
    gr_found found = {.x = (int)lround(fmax(0, fmin(left, image->width))),
                      .y = (int)lround(fmax(0, fmin(top, image->height))),
                      .score = b->score,
                      .detector = s->name};
    found.width = (int)lround(fmax(0, fmin(right, image->width))) - found.x;
    found.height = (int)lround(fmax(0, fmin(bottom, image->height))) - found.y;
    return found.width > 0 && found.height > 0 ? gr_found_add(out, &found, err) : GR_OK;
}

static gr_status collect(const state *s, const gr_nd *outputs, const placing *p, const gr_image *image, gr_found_list *out,
                         gr_error *err)
{
    int64_t places = s->ending->count(outputs), count = 0;
    gr_onnx_box one, *boxes = gr_alloc((size_t)places + 1, sizeof *boxes);
    if (boxes == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for boxes");
    for (int64_t i = 0; i < places; i++)
        if (s->ending->box(outputs, i, s->width, s->height, s->least, &one) && one.kind == s->kind && one.box.width > 0 &&
            one.box.height > 0)
            boxes[count++] = one;
    qsort(boxes, (size_t)count, sizeof *boxes, by_score);
    int64_t kept = 0;
    for (int64_t i = 0; i < count; i++) {
        bool good = true;
        for (int64_t k = 0; good && k < kept; k++)
            good = !(gr_box_iou(&boxes[i].box, &boxes[k].box) > s->ending->iou);
        if (good)
            boxes[kept++] = boxes[i];
    }
    gr_status status = GR_OK;
    for (int64_t i = 0; status == GR_OK && i < kept; i++)
        status = add(s, &boxes[i], p, image, out, err);
    gr_free(boxes);
    return status;
}

static void free_outputs(const state *s, gr_nd *outputs)
{
    for (int o = 0; outputs != NULL && o < gr_onnx_graph_file(s->graph)->output_count; o++)
        gr_free(outputs[o].values);
    gr_free(outputs);
}

/* Asks the network about an input. GIVES *outputs (free_outputs). */
static gr_status ask(const state *s, const gr_nd *input, gr_nd **outputs, gr_error *err)
{
    gr_nd *all = gr_alloc((size_t)gr_onnx_graph_file(s->graph)->output_count, sizeof *all);
    if (all == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for boxes");
    gr_status status = gr_onnx_graph_run(s->graph, input, all, err);
    if (status == GR_OK)
        *outputs = all;
    else
        gr_free(all);
    return status;
}

static gr_status find(const void *opened, const gr_image *image, const gr_grey *grey, gr_found_list *out, gr_error *err)
{
    const state *s = opened;
    placing p = place(s, image);
    gr_nd input = {0}, *outputs = NULL;
    (void)grey;
    gr_status status = make_input(s, image, &p, &input, err);
    if (status == GR_OK)
        status = ask(s, &input, &outputs, err);
    if (status == GR_OK)
        status = collect(s, outputs, &p, image, out, err);
    free_outputs(s, outputs);
    gr_free(input.values);
    return status;
}

/* ---- opening ---------------------------------------------------------------------------------------------------------- */

/* The input's width and height; what the file leaves open stands in a note: size of grimace's, imgsz of Ultralytics'. */
static gr_status find_size(state *s, gr_error *err)
{
    const gr_onnx_file *f = gr_onnx_graph_file(s->graph);
    const gr_onnx_port *in = &f->inputs[0];
    const char *size = gr_onnx_file_note(f, "imgsz");
    char text[GR_ND_TEXT];
    int64_t sides[2] = {in->rank == 4 ? in->dim[2] : 0, in->rank == 4 ? in->dim[3] : 0};
    for (int i = 0; size != NULL && i < 2; i++) {
        size += strcspn(size, "0123456789");
        char *end;
        int64_t said = strtoll(size, &end, 10);
        sides[i] = sides[i] < 0 ? said : sides[i];
        size = end;
    }
    if (in->rank != 4 || in->dim[1] != 3 || in->dim[0] > 1 || sides[0] < 1 || sides[1] < 1 || sides[0] > MOST_SIDE ||
        sides[1] > MOST_SIDE)
        return gr_fail(err, GR_INVALID, "%s: reads %s; one colour picture [1, 3, height, width] would be right", f->path,
                       gr_nd_text(in->rank, in->dim, text));
    s->height = (int)sides[0];
    s->width = (int)sides[1];
    return GR_OK;
}

/* What its outputs are is seen when it is asked about a grey picture. */
static gr_status find_ending(state *s, const gr_detect_options *options, gr_error *err)
{
    const gr_onnx_file *f = gr_onnx_graph_file(s->graph);
    gr_nd input = {0}, *outputs = NULL;
    gr_status status = gr_nd_make(&input, 4, (int64_t[]){1, 3, s->height, s->width}, err);
    for (int64_t i = 0; status == GR_OK && i < input.count; i++)
        input.values[i] = 0.5f;
    if (status == GR_OK)
        status = ask(s, &input, &outputs, err);
    if (status == GR_OK)
        status = gr_onnx_ending_of(f, outputs, &s->ending, err);
    if (status == GR_OK)
        status = s->ending->read(f, s->width, s->height, &s->reading, err);
    free_outputs(s, outputs);
    gr_free(input.values);
    if (status != GR_OK)
        return status;
    s->least = options->least > 0 ? options->least : s->reading.least > 0 ? s->reading.least : s->ending->least;
    s->kind = gr_onnx_kind_number(f, options->kind);
    const char *note = gr_onnx_file_note(f, "classes") != NULL ? "classes" : "names";
    if (s->kind < 0 && gr_onnx_file_note(f, note) == NULL)
        return gr_fail(err, GR_INVALID, "%s: says no names of kinds, of which %.80s would be one; no kind would be right",
                       f->path, options->kind);
    return s->kind >= 0 ? GR_OK
                        : gr_fail(err, GR_INVALID, "%s: finds no boxes of the kind %.80s; one of its note %s would be right",
                                  f->path, options->kind, note);
}

static gr_status open_onnx(const char *path, const char *name, const gr_detect_options *options, void **out, gr_error *err)
{
    state *s = gr_alloc(1, sizeof *s);
    if (s == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a detector");
    s->name = name;
    gr_status status = gr_onnx_graph_open(path, &s->graph, err);
    if (status == GR_OK)
        status = find_size(s, err);
    if (status == GR_OK)
        status = find_ending(s, options, err);
    if (status == GR_OK)
        *out = s;
    else
        close_state(s);
    return status;
}

const gr_detector gr_detector_onnx = {.name = "onnx",
                                      .endings = (const char *const[]){".onnx", NULL},
                                      .colour = true,
                                      .learnt = true,
                                      .open = open_onnx,
                                      .find = find,
                                      .free = close_state};
