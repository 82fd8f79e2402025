/* A contact sheet: for each image the picture and the map over it by each method, below them what was predicted and how
 * surely; wrong ones first, framed and named as such. */
#include "explain/sheet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "explain/panels.h"
#include "image/canvas.h"

/* Millimetres. */
static const double panel = 22.0, gap = 1.0, between = 4.0, words = 7.5, page = 210.0, margin = 4.0;
enum { DPI = 150, ROWS = 60 };
enum { RED = 0xb2182b };

gr_status gr_sheet_check(gr_error *err)
{
    gr_canvas *canvas = NULL;
    gr_status status =
        gr_canvas_open(&(gr_canvas_options){.kind = GR_CANVAS_PNG, .width = 20, .height = 20, .dpi = 20}, &canvas, err);
    gr_canvas_destroy(canvas);
    return status;
}

/* ---- the order ------------------------------------------------------------------------------------------------------ */

bool gr_sheet_wrong(const gr_sheet_image *image)
{
    bool known = image->predicted != NULL && image->truth != NULL && image->truth[0] != '\0';
    return known && strcmp(image->predicted, image->truth) != 0;
}

typedef struct place {
    int64_t index;
    bool wrong;
    double confidence;
} place;

static int by_worth(const void *a, const void *b)
{
    const place *p = a, *q = b;
    if (p->wrong != q->wrong)
        return p->wrong ? -1 : 1;
    if (p->confidence != q->confidence)
        return p->confidence > q->confidence ? -1 : 1;
    return p->index < q->index ? -1 : 1;
}

gr_status gr_sheet_order(const gr_sheet_image *images, int64_t count, int64_t *order, gr_error *err)
{
    place *places = gr_alloc((size_t)count, sizeof *places);
    if (places == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a contact sheet");
    for (int64_t i = 0; i < count; i++)
        places[i] = (place){.index = i,
                            .wrong = gr_sheet_wrong(&images[i]),
                            .confidence = isnan(images[i].confidence) ? -1.0 : images[i].confidence};
    qsort(places, (size_t)count, sizeof *places, by_worth);
    for (int64_t i = 0; i < count; i++)
        order[i] = places[i].index;
    gr_free(places);
    return GR_OK;
}

/* ---- drawing ---------------------------------------------------------------------------------------------------------- */

static void put_words(gr_canvas *canvas, const gr_sheet_image *image, double x, double y, double width)
{
    gr_text line = {0}, cut = {0};
    gr_canvas_fit(image->name, 6.0, false, width, &cut);
    gr_canvas_text(canvas, x, y, cut.data != NULL ? cut.data : "",
                   (gr_letters){.size = 6.0, .level = GR_BELOW, .colour = 0x1a1a1a});
    gr_text_free(&cut);
    if (image->predicted != NULL)
        gr_text_printf(&line, "%s %.3f", image->predicted, image->confidence);
    if (gr_sheet_wrong(image))
        gr_text_printf(&line, ", wrong: is %s", image->truth);
    gr_canvas_fit(line.data != NULL ? line.data : "", 6.0, gr_sheet_wrong(image), width, &cut);
    gr_canvas_text(canvas, x, y + 3.0, cut.data != NULL ? cut.data : "",
                   (gr_letters){.size = 6.0,
                                .level = GR_BELOW,
                                .bold = gr_sheet_wrong(image),
                                .colour = gr_sheet_wrong(image) ? RED : 0x1a1a1a});
    if (line.failed || cut.failed)
        gr_canvas_fail(canvas);
    gr_text_free(&line);
    gr_text_free(&cut);
}

static gr_status put_panel(gr_canvas *canvas, const gr_panels *panels, int index, double x, double y, gr_error *err)
{
    gr_image image = {0};
    gr_status status = gr_panels_read(panels, index, &image, err);
    if (status == GR_OK)
        gr_canvas_image(canvas,
                        &(gr_picture){.pixels = image.pixels, .width = image.width, .height = image.height, .channels = 3},
                        x, y, panel, panel, true);
    gr_image_free(&image);
    return status;
}

static gr_status put_image(const gr_sheet *s, gr_canvas *canvas, const gr_sheet_image *image, double x, double y,
                           gr_error *err)
{
    double width = (s->method_count + 1) * (panel + gap) - gap;
    gr_panels panels = {.dir = s->dir, .name = image->name, .method = s->methods[0], .size = s->size};
    gr_status status = put_panel(canvas, &panels, 0, x, y, err);
    for (int m = 0; status == GR_OK && m < s->method_count; m++) {
        panels.method = s->methods[m];
        status = put_panel(canvas, &panels, 1, x + (m + 1) * (panel + gap), y, err);
    }
    if (gr_sheet_wrong(image))
        gr_canvas_rectangle(canvas, x - 0.5, y - 0.5, width + 1.0, panel + 1.0, gr_pen(RED, 0.6));
    put_words(canvas, image, x, y + panel + 1.0, width);
    return status;
}

/* One sheet of images order[count]. */
static gr_status write_sheet(const gr_sheet *s, const int64_t *order, int64_t count, int columns, const char *path,
                             gr_error *err)
{
    gr_canvas *canvas = NULL;
    gr_text file = {0};
    double tile = (s->method_count + 1) * (panel + gap) - gap + between, high = panel + words;
    int64_t rows = (count + columns - 1) / columns;
    int across = count < columns ? (int)count : columns;
    gr_canvas_options options = {.kind = GR_CANVAS_PNG,
                                 .width = 2 * margin + across * tile - between,
                                 .height = 2 * margin + (double)rows * high,
                                 .dpi = DPI};
    gr_status status = gr_canvas_open(&options, &canvas, err);
    for (int64_t i = 0; status == GR_OK && i < count; i++)
        status = put_image(s, canvas, &s->images[order[i]], margin + (double)(i % columns) * tile,
                           margin + (double)(i / columns) * high, err);
    if (status == GR_OK)
        status = gr_canvas_finish(canvas, "Contact sheet of heat maps", "Pictures and their maps, wrong predictions first.",
                                  &file, err);
    else
        gr_canvas_destroy(canvas);
    if (status == GR_OK)
        status = gr_file_write(path, file.data, file.size, err);
    gr_text_free(&file);
    return status;
}

gr_status gr_sheet_write(const gr_sheet *s, gr_error *err)
{
    int64_t *order = gr_alloc((size_t)s->count, sizeof *order);
    gr_status status = order != NULL ? gr_sheet_order(s->images, s->count, order, err)
                                     : gr_fail(err, GR_NOMEM, "no memory for a contact sheet");
    int columns = (int)((page - 2 * margin + between) / ((s->method_count + 1) * (panel + gap) - gap + between));
    columns = columns > 0 ? columns : 1;
    int64_t most = (int64_t)columns * ROWS;
    for (int64_t done = 0, n = 1; status == GR_OK && done < s->count; done += most, n++) {
        gr_text path = {0};
        gr_text_printf(&path, n > 1 ? "%s/sheet-%lld.png" : "%s/sheet.png", s->dir, (long long)n);
        status = path.failed ? gr_fail(err, GR_NOMEM, "no memory for a contact sheet")
                             : write_sheet(s, order + done, s->count - done < most ? s->count - done : most, columns,
                                           path.data, err);
        gr_text_free(&path);
    }
    gr_free(order);
    return status;
}
