#include "data/crop_sheet.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "grimace/image.h"

enum { THUMB = 96, STRIP = 11, GAP = 4, CELL_WIDTH = THUMB + GAP, CELL_HEIGHT = THUMB + STRIP + GAP, PAPER = 255 };

/* The line of manifest.csv that crop i stands on, behind the header. */
static long long line_of(int64_t i)
{
    return (long long)i + 2;
}

/* ---- a picture
 * ------------------------------------------------------------------------------------------------------------- */

/* 5 x 7 pixels a digit, a row a number, the left pixel first. */
static const uint8_t digits[10][7] = {
    {14, 17, 19, 21, 25, 17, 14}, {4, 12, 4, 4, 4, 4, 14},    {14, 17, 1, 2, 4, 8, 31},   {31, 2, 4, 2, 1, 17, 14},
    {2, 6, 10, 18, 31, 2, 2},     {31, 16, 30, 1, 1, 17, 14}, {6, 8, 16, 30, 17, 17, 14}, {31, 1, 2, 4, 8, 8, 8},
    {14, 17, 17, 14, 17, 17, 14}, {14, 17, 17, 15, 1, 2, 12},
};

static void write_number(gr_image *sheet, int x, int y, long long number)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", number);
    for (const char *c = text; *c != '\0'; c++, x += 6)
        for (int row = 0; row < 7; row++)
            for (int column = 0; column < 5; column++)
                if ((digits[*c - '0'][row] & 16 >> column) != 0)
                    memset(sheet->pixels + ((size_t)(y + row) * (size_t)sheet->width + (size_t)(x + column)) * 3, 0, 3);
}

typedef struct picture {
    const gr_crop_table *table;
    const char *out;
    gr_image sheet;
    int columns;
    struct failure *failures; /* [threads]: the first row of each that failed */
} picture;

typedef struct failure {
    int64_t row;
    gr_error error;
} failure;

static gr_status draw_crop(picture *p, int64_t i, gr_error *err)
{
    gr_image crop, small;
    char *path = gr_path_join(p->out, p->table->rows[i].name);
    if (path == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a sheet");
    gr_status status = gr_image_read(path, &crop, err);
    gr_free(path);
    if (status != GR_OK)
        return status;
    int longer = crop.width > crop.height ? crop.width : crop.height;
    int width = crop.width * THUMB / longer, height = crop.height * THUMB / longer;
    status = gr_image_resize(&crop, width > 0 ? width : 1, height > 0 ? height : 1, &small, err);
    gr_image_free(&crop);
    if (status != GR_OK)
        return status;
    int x = GAP + (int)(i % p->columns) * CELL_WIDTH, y = GAP + (int)(i / p->columns) * CELL_HEIGHT;
    for (int row = 0; row < small.height; row++)
        memcpy(p->sheet.pixels + ((size_t)(y + row) * (size_t)p->sheet.width + (size_t)x) * 3,
               small.pixels + (size_t)row * (size_t)small.width * 3, (size_t)small.width * 3);
    write_number(&p->sheet, x, y + THUMB + 2, line_of(i));
    gr_image_free(&small);
    return GR_OK;
}

static void draw_one(void *ctx, int64_t index, int thread)
{
    picture *p = ctx;
    failure *first = &p->failures[thread];
    gr_error err = {0};
    if (draw_crop(p, index, &err) != GR_OK && (first->error.status == GR_OK || index < first->row))
        *first = (failure){index, err};
}

static gr_status write_picture(const gr_crop_table *t, const char *out, const char *path, gr_error *err)
{
    picture p = {.table = t, .out = out, .columns = 12};
    while (p.columns < 150 && (t->count + p.columns - 1) / p.columns * CELL_HEIGHT > 2 * (int64_t)p.columns * CELL_WIDTH)
        p.columns++;
    int64_t rows = (t->count + p.columns - 1) / p.columns, height = GAP + rows * CELL_HEIGHT;
    if (height > GR_IMAGE_SIDE_MAX || height * (GAP + p.columns * CELL_WIDTH) > GR_IMAGE_PIXELS_MAX)
        return gr_fail(err, GR_INVALID, "--sheet: %lld crops are more than a picture holds; a page (.html) would be right",
                       (long long)t->count);
    int threads = gr_threads_get();
    p.failures = gr_alloc((size_t)threads, sizeof *p.failures);
    gr_status status = p.failures != NULL ? gr_image_make(GAP + p.columns * CELL_WIDTH, (int)height, &p.sheet, err)
                                          : gr_fail(err, GR_NOMEM, "no memory for a sheet");
    if (status == GR_OK) {
        memset(p.sheet.pixels, PAPER, (size_t)p.sheet.width * (size_t)p.sheet.height * 3);
        gr_parallel_for(t->count, draw_one, &p);
    }
    const failure *first = NULL;
    for (int i = 0; status == GR_OK && i < threads; i++)
        if (p.failures[i].error.status != GR_OK && (first == NULL || p.failures[i].row < first->row))
            first = &p.failures[i];
    if (first != NULL)
        status = gr_fail(err, first->error.status, "%s", first->error.text);
    if (status == GR_OK)
        status = gr_png_write(path, &p.sheet, err);
    gr_image_free(&p.sheet);
    gr_free(p.failures);
    return status;
}

/* ---- a page
 * ---------------------------------------------------------------------------------------------------------------- */

/* Text that HTML shows as it is. */
static void put_escaped(gr_text *out, const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '&' || *text == '<' || *text == '>' || *text == '"' || *text == '\'')
            gr_text_printf(out, "&#%d;", *text);
        else
            gr_text_add(out, text, 1);
}

/* A path as an address: what has a meaning in one is written in hexadecimal digits. */
static void put_address(gr_text *out, const char *path)
{
    for (; *path != '\0'; path++)
        if (strchr("%#?&<>\"' ", *path) != NULL || (unsigned char)*path < ' ')
            gr_text_printf(out, "%%%02X", (unsigned char)*path);
        else
            gr_text_add(out, path, 1);
}

static const char page_begin[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Crops</title>\n"
    "<style>body{font:14px sans-serif;margin:1em}figure{display:inline-block;margin:2px;width:100px;cursor:pointer;"
    "vertical-align:top}img{width:100px;height:100px;object-fit:contain;background:#eee}figcaption{font-size:11px;"
    "overflow:hidden}figure.out img{opacity:.25;outline:3px solid #c00}textarea{width:100%;height:4em}</style>\n"
    "<p>A click strikes a crop out, another takes it back. The lines of manifest.csv whose cell in the column keep is then "
    "to be set "
    "to 0:</p>\n<textarea id=\"lines\" readonly></textarea>\n";

static const char page_end[] =
    "<script>document.addEventListener('click',function(e){var f=e.target.closest('figure');if(!f)return;"
    "f.classList.toggle('out');document.getElementById('lines').value=Array.prototype.map.call("
    "document.querySelectorAll('figure.out'),function(x){return x.dataset.line}).join(', ')})</script>\n</html>\n";

static gr_status write_page(const gr_crop_table *t, const char *folder, const char *path, gr_error *err)
{
    char *place = gr_path_folder(path), *whole = place != NULL ? realpath(place, NULL) : NULL;
    char *from = whole != NULL ? gr_path_relative(whole, folder) : NULL;
    gr_text out = {0};
    gr_status status = GR_OK;
    if (whole == NULL || from == NULL)
        status = gr_fail(err, GR_INVALID, "%s: its folder is not there", path);
    gr_text_add(&out, page_begin, sizeof page_begin - 1);
    for (int64_t i = 0; status == GR_OK && i < t->count && !out.failed; i++) {
        gr_text_printf(&out, "<figure data-line=\"%lld\"><img loading=\"lazy\" src=\"", line_of(i));
        put_address(&out, from);
        gr_text_add(&out, "/", 1);
        put_address(&out, t->rows[i].name);
        gr_text_printf(&out, "\" alt=\"\"><figcaption>%lld ", line_of(i));
        put_escaped(&out, t->rows[i].name + strlen("images/"));
        gr_text_printf(&out, "</figcaption></figure>\n");
    }
    gr_text_add(&out, page_end, sizeof page_end - 1);
    if (status == GR_OK && out.failed)
        status = gr_fail(err, GR_NOMEM, "no memory for a sheet");
    if (status == GR_OK)
        status = gr_file_write(path, out.data, out.size, err);
    gr_text_free(&out);
    gr_free(from);
    free(whole);
    gr_free(place);
    return status;
}

gr_status gr_crop_sheet(const gr_crop_table *table, const char *out, const char *folder, const char *path, gr_error *err)
{
    return gr_ends_with(path, ".html") ? write_page(table, folder, path, err) : write_picture(table, out, path, err);
}
