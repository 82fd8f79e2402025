/* The manifest of what was chosen, and the landmarks' names beside it. */
#include "import/marks.h"

#include <math.h>
#include <string.h>

#include "formats/csv.h"

/* A landmark's cell; known: 0 no, 1 visible, 2 hidden. */
typedef struct cell {
    double x, y;
    int known;
} cell;

typedef struct writer {
    gr_marks *marks;
    gr_picture_file *files;
    int64_t *place;    /* [names.count]: the landmark of a name, or -1 */
    cell *cells;       /* [landmark_count], of the row under way */
    bool words[4];     /* columns that any row fills */
    bool boxes, scores, hidden;
    int64_t rows, unknown;
    gr_text out;
} writer;

static const char *const word_names[2] = {"label", "individual"};

/* At most six decimals: a millionth of a pixel, without the last bits that sums and differences leave (25.800000000000001).
 * Every coordinate is below 1e8. */
static void put_number(gr_text *out, double value)
{
    char text[40];
    if (!isfinite(value)) {
        gr_text_add(out, ",", 1);
        return;
    }
    uint64_t number = (uint64_t)llround(fabs(value) * 1e6), whole = number / 1000000, part = number % 1000000;
    int end = sizeof text, decimals = 6;
    for (; decimals > 0 && part % 10 == 0; decimals--)
        part /= 10;
    for (int i = 0; i < decimals; i++, part /= 10)
        text[--end] = (char)('0' + part % 10);
    if (decimals > 0)
        text[--end] = '.';
    do
        text[--end] = (char)('0' + whole % 10);
    while ((whole /= 10) > 0);
    if (value < 0 && number > 0)
        text[--end] = '-';
    text[--end] = ',';
    gr_text_add(out, text + end, sizeof text - (size_t)end);
}

/* ---- a row's values ------------------------------------------------------------------------------------------------------ */

static void shift_shares(const writer *w, const gr_picture_file *file, double *x, double *y)
{
    double shift = w->marks->origin == GR_ORIGIN_CENTRE ? 0.5 : w->marks->origin == GR_ORIGIN_ONE ? -0.5 : 0;
    *x = *x * file->width + shift;
    *y = *y * file->height + shift;
}

/* Puts a point into its cell, unless it lies beyond the picture or the cell is taken. */
static void put_point(writer *w, const gr_picture_file *file, const gr_marked_point *point, bool count)
{
    int64_t place = w->place[point->name];
    double x = point->x, y = point->y;
    if (place < 0)
        return;
    if (w->marks->shares)
        shift_shares(w, file, &x, &y);
    gr_lack lack = GR_LACKS;
    if (file->width > 0 && (x < 0 || y < 0 || x > file->width || y > file->height))
        lack = GR_LACK_POINT_OUT;
    else if (w->cells[place].known != 0)
        lack = GR_LACK_TWICE;
    else
        w->cells[place] = (cell){x, y, point->hidden ? 2 : 1};
    if (lack == GR_LACKS && point->hidden)
        lack = GR_LACK_HIDDEN;
    if (count && lack != GR_LACKS)
        gr_marks_lack(w->marks, lack);
}

static void fill_cells(writer *w, int64_t index, bool count)
{
    gr_marks *marks = w->marks;
    const gr_marked_picture *picture = &marks->pictures[index];
    const gr_picture_file *file = &w->files[index];
    for (int i = 0; i < marks->landmark_count; i++)
        w->cells[i] = (cell){NAN, NAN, 0};
    const gr_marked_object *chosen = &marks->objects[picture->chosen];
    if (marks->shares && file->width == 0)
        return;
    for (int64_t k = chosen->point; k < chosen->point + chosen->points; k++)
        put_point(w, file, &marks->points[k], count);
    for (int64_t i = picture->first; i >= 0; i = marks->objects[i].next) {
        const gr_marked_object *loose = &marks->objects[i];
        for (int64_t k = loose->point; loose->loose && k < loose->point + loose->points; k++)
            if (gr_marks_belongs(marks, picture, loose, &marks->points[k]))
                put_point(w, file, &marks->points[k], count);
            else if (count)
                gr_marks_lack(marks, GR_LACK_STRAY);
    }
}

/* The chosen box in pixels, cut to the picture; false: there is none. */
static bool take_box(writer *w, int64_t index, double box[4], bool count)
{
    gr_marks *marks = w->marks;
    const gr_picture_file *file = &w->files[index];
    memcpy(box, marks->objects[marks->pictures[index].chosen].box, 4 * sizeof *box);
    if (isnan(box[0]) || (marks->shares && file->width == 0)) {
        if (count)
            gr_marks_lack(marks, GR_LACK_BOX);
        return false;
    }
    if (marks->shares)
        for (int i = 0; i < 4; i++)
            box[i] *= i % 2 == 0 ? file->width : file->height;
    if (marks->shares && marks->origin == GR_ORIGIN_ONE) {
        box[0] -= 1;
        box[1] -= 1;
    }
    gr_lack lack = GR_LACKS;
    for (int i = 0; i < 2 && file->width > 0; i++) {
        double most = i == 0 ? file->width : file->height, low = box[i], high = low + box[i + 2], rounding = 1e-6 * most;
        if (low >= most || high <= 0) {
            lack = GR_LACK_OUTSIDE;
            break;
        }
        if (low < 0 || high > most) { /* a share's last digit is no reason for a word */
            if (low < -rounding || high > most + rounding)
                lack = GR_LACK_CUT;
            box[i] = fmax(low, 0);
            box[i + 2] = fmin(high, most) - box[i];
        }
    }
    if (lack != GR_LACK_OUTSIDE && (box[2] < 1e-6 || box[3] < 1e-6))
        lack = GR_LACK_EMPTY;
    if (count && lack != GR_LACKS)
        gr_marks_lack(marks, lack);
    return lack != GR_LACK_OUTSIDE && lack != GR_LACK_EMPTY;
}

/* ---- the file ------------------------------------------------------------------------------------------------------------- */

/* Which columns there are. */
static void find_columns(writer *w)
{
    gr_marks *marks = w->marks;
    for (int64_t i = 0; i < marks->picture_count; i++) {
        if (marks->pictures[i].chosen < 0)
            continue;
        const gr_marked_object *object = &marks->objects[marks->pictures[i].chosen];
        for (int k = 0; k < 4; k++)
            w->words[k] |= object->words[k] >= 0;
        w->boxes |= !isnan(object->box[0]);
        w->scores |= !isnan(object->score);
        fill_cells(w, i, false);
        for (int k = 0; k < marks->landmark_count; k++)
            w->hidden |= w->cells[k].known == 2;
    }
}

static void put_header(writer *w)
{
    gr_text_printf(&w->out, "image");
    for (int i = 0; i < 4; i++)
        if (w->words[i])
            gr_text_printf(&w->out, ",%s", i < 2 ? word_names[i] : w->marks->extra[i - 2]);
    if (w->boxes)
        gr_text_printf(&w->out, ",box_x,box_y,box_w,box_h");
    if (w->scores)
        gr_text_printf(&w->out, ",box_score");
    for (int i = 1; i <= w->marks->landmark_count; i++) {
        gr_text_printf(&w->out, ",lm%d_x,lm%d_y", i, i);
        if (w->hidden)
            gr_text_printf(&w->out, ",lm%d_v", i);
    }
    gr_text_printf(&w->out, "\n");
}

static void put_row(writer *w, int64_t index, const gr_marked_object *object, const double *box)
{
    gr_text *out = &w->out;
    gr_csv_put_joined(out, "", w->files[index].image);
    for (int i = 0; i < 4; i++)
        if (w->words[i]) {
            gr_text_add(out, ",", 1);
            if (object != NULL && object->words[i] >= 0)
                gr_csv_put_joined(out, "", w->marks->texts.items[object->words[i]]);
        }
    for (int i = 0; w->boxes && i < 4; i++)
        put_number(out, box != NULL ? box[i] : NAN);
    if (w->scores)
        put_number(out, object != NULL ? object->score : NAN);
    for (int i = 0; i < w->marks->landmark_count; i++) {
        const cell *c = &w->cells[i];
        put_number(out, c->x);
        put_number(out, c->y);
        if (w->hidden)
            gr_text_printf(out, c->known == 0 ? "," : ",%d", c->known == 1);
        w->unknown += c->known == 0;
    }
    gr_text_add(out, "\n", 1);
    w->rows++;
}

/* A row, or a lack. */
static void put_picture(writer *w, int64_t index)
{
    gr_marks *marks = w->marks;
    const gr_marked_picture *picture = &marks->pictures[index];
    double box[4];
    bool has_box = false, has_point = false;
    marks->current = index;
    if (w->files[index].left_out)
        return;
    if (picture->chosen >= 0) {
        fill_cells(w, index, true);
        has_box = w->boxes && take_box(w, index, box, true);
        for (int i = 0; i < marks->landmark_count; i++)
            has_point |= w->cells[i].known != 0;
    } else
        for (int i = 0; i < marks->landmark_count; i++)
            w->cells[i] = (cell){NAN, NAN, 0};
    if (!has_box && !has_point) {
        gr_marks_lack(marks, GR_LACK_MARK);
        if (!marks->request->empty)
            return;
    }
    put_row(w, index, picture->chosen >= 0 ? &marks->objects[picture->chosen] : NULL, has_box ? box : NULL);
}

static gr_status write_landmarks(const gr_marks *marks, gr_text *path, gr_error *err)
{
    const char *out = marks->request->out;
    size_t length = strlen(out);
    gr_text_printf(path, "%.*s.landmarks.csv", (int)(gr_ends_with(out, ".csv") ? length - 4 : length), out);
    gr_text table = {0};
    gr_text_printf(&table, "landmark,name\n");
    for (int i = 0; i < marks->landmark_count; i++) {
        gr_text_printf(&table, "%d,", i + 1);
        gr_csv_put(&table, marks->names.items[marks->landmarks[i]], '\n');
    }
    gr_status status = table.failed || path->failed ? gr_marks_no_memory(err)
                       : marks->request->keep && gr_path_exists(path->data)
                           ? gr_fail(err, GR_INVALID, "%s: is there already; --force overwrites it", path->data)
                           : gr_file_write(path->data, table.data, table.size, err);
    gr_text_free(&table);
    return status;
}

/* Of which labels or individuals the rows are: "individual: m1 12, m2 3". */
static gr_status say_words(const writer *w, int which, gr_error *err)
{
    enum { MOST = 12 };
    gr_marks *marks = w->marks;
    int64_t *rows = gr_alloc((size_t)marks->texts.count + 1, sizeof *rows), others = 0;
    if (rows == NULL)
        return gr_marks_no_memory(err);
    for (int64_t i = 0; i < marks->picture_count; i++) {
        int64_t chosen = marks->pictures[i].chosen, word = chosen >= 0 ? marks->objects[chosen].words[which] : -1;
        if (word >= 0)
            rows[word]++;
    }
    int said = 0;
    for (int64_t i = 0; i < marks->texts.count; i++) {
        if (rows[i] == 0)
            continue;
        if (said++ < MOST)
            gr_text_printf(marks->said, "%s%s%.60s %lld", said == 1 ? word_names[which] : "", said == 1 ? ": " : ", ",
                           marks->texts.items[i], (long long)rows[i]);
        else
            others += rows[i];
    }
    if (others > 0)
        gr_text_printf(marks->said, ", %d others %lld", said - MOST, (long long)others);
    gr_text_printf(marks->said, "\n");
    gr_free(rows);
    return GR_OK;
}

static gr_status say_rows(const writer *w, const char *landmarks, gr_error *err)
{
    gr_marks *marks = w->marks;
    gr_status status = GR_OK;
    gr_text_printf(marks->said, "%s: %lld rows%s, %d landmarks\n", marks->request->out, (long long)w->rows,
                   w->boxes ? " with boxes" : "", marks->landmark_count);
    if (marks->landmark_count > 0)
        gr_text_printf(marks->said, "%s: the landmarks' names\n", landmarks);
    for (int which = 0; status == GR_OK && which < 2; which++)
        if (w->words[which])
            status = say_words(w, which, err);
    if (w->unknown > 0)
        gr_text_printf(marks->said, "notice: %lld of %lld landmarks are not known: their cells are empty\n", (long long)w->unknown,
                       (long long)(w->rows * marks->landmark_count));
    gr_marks_say(marks);
    return status;
}

static gr_status write_all(writer *w, gr_error *err)
{
    gr_marks *marks = w->marks;
    gr_text landmarks = {0};
    find_columns(w);
    put_header(w);
    for (int64_t i = 0; i < marks->picture_count; i++)
        put_picture(w, i);
    gr_status status = GR_OK;
    if (w->out.failed)
        status = gr_marks_no_memory(err);
    else if (w->rows == 0)
        status = gr_fail(err, GR_INVALID, "import: nothing of %lld pictures can be a row: %s", (long long)marks->picture_count,
                         marks->picture_count == 0           ? "the source names none"
                         : marks->lacks[GR_LACK_LOST] > 0    ? "they are not there, --images FOLDER says where they are"
                                                             : "none has a box or a landmark");
    if (status == GR_OK && marks->landmark_count > 0)
        status = write_landmarks(marks, &landmarks, err);
    if (status == GR_OK)
        status = gr_file_write(marks->request->out, w->out.data, w->out.size, err);
    if (status == GR_OK)
        status = say_rows(w, landmarks.data, err);
    gr_text_free(&landmarks);
    return status;
}

gr_status gr_marks_write(gr_marks *marks, gr_error *err)
{
    writer w = {.marks = marks, .files = gr_alloc((size_t)marks->picture_count + 1, sizeof *w.files),
                .place = gr_alloc((size_t)marks->names.count + 1, sizeof *w.place),
                .cells = gr_alloc((size_t)marks->landmark_count + 1, sizeof *w.cells)};
    gr_status status = w.files == NULL || w.place == NULL || w.cells == NULL ? gr_marks_no_memory(err) : GR_OK;
    if (status == GR_OK)
        status = gr_marks_find_pictures(marks, w.files, err);
    if (status == GR_OK) {
        for (int64_t i = 0; i < marks->names.count; i++)
            w.place[i] = -1;
        for (int i = 0; i < marks->landmark_count; i++)
            w.place[marks->landmarks[i]] = i;
        status = write_all(&w, err);
    }
    gr_text_free(&w.out);
    gr_free(w.files);
    gr_free(w.place);
    gr_free(w.cells);
    return status;
}
