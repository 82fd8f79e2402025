#include "data/moved_table.h"

#include <math.h>
#include <string.h>

#include "base/base.h"
#include "data/landmarks.h"

static gr_status no_memory(const char *path, gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "%s: no memory for its rows", path);
}

/* ---- columns --------------------------------------------------------------------------------------------------------- */

static gr_status find_box(gr_moved_table *t, gr_error *err)
{
    static const char *const names[4] = {"box_x", "box_y", "box_w", "box_h"};
    int there = 0;
    for (int i = 0; i < 4; i++) {
        t->box[i] = gr_csv_column(t->csv, names[i]);
        there += t->box[i] >= 0;
    }
    for (int i = 0; i < 4; i++) {
        if (there > 0 && t->box[i] < 0)
            return gr_fail(err, GR_INVALID, "%s:%lld: has no column %s; a box has box_x, box_y, box_w and box_h",
                           t->csv->path, (long long)t->csv->header_line, names[i]);
        if (there > 0)
            t->moved[t->box[i]] = true;
    }
    return GR_OK;
}

static gr_status find_landmarks(gr_moved_table *t, gr_error *err)
{
    gr_status status = gr_landmarks_find(t->csv, t->arena, &t->columns, &t->landmarks, err);
    if (status != GR_OK)
        return status;
    t->seen = gr_arena_alloc(t->arena, (size_t)t->landmarks + 1, sizeof *t->seen);
    t->partner = gr_arena_alloc(t->arena, (size_t)t->landmarks + 1, sizeof *t->partner);
    if (t->seen == NULL || t->partner == NULL)
        return no_memory(t->csv->path, err);
    for (int i = 0; i < t->landmarks; i++) {
        char name[32];
        snprintf(name, sizeof name, "lm%d_v", i + 1);
        t->seen[i] = gr_csv_column(t->csv, name);
        t->partner[i] = i;
        t->moved[t->columns[2 * i]] = t->moved[t->columns[2 * i + 1]] = true;
        if (t->seen[i] >= 0)
            t->moved[t->seen[i]] = true;
    }
    return GR_OK;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

static gr_status read_pair(const gr_moved_table *t, int64_t row, int x, int y, const char *what, double at[2], gr_error *err)
{
    const gr_csv *csv = t->csv;
    const int columns[2] = {x, y};
    bool unknown[2];
    for (int k = 0; k < 2; k++) {
        const char *text = gr_csv_field(csv, row, columns[k]);
        unknown[k] = gr_csv_unknown(text);
        at[k] = NAN;
        if (!unknown[k] && (!gr_parse_double(text, &at[k]) || !isfinite(at[k])))
            return gr_fail(err, GR_INVALID, "%s:%lld: %s: \"%.40s\" is no number of pixels", csv->path,
                           (long long)csv->line[row], csv->header[columns[k]], text);
    }
    if (unknown[0] != unknown[1])
        return gr_fail(err, GR_INVALID, "%s:%lld: %s: the %s is half there; numbers, or empty cells, would be right",
                       csv->path, (long long)csv->line[row], csv->header[x], what);
    return GR_OK;
}

gr_status gr_moved_face(const gr_moved_table *t, int64_t row, float *face, gr_error *err)
{
    for (int i = 0; i < t->landmarks; i++) {
        double at[2];
        gr_status status = read_pair(t, row, t->columns[2 * i], t->columns[2 * i + 1], "landmark", at, err);
        if (status != GR_OK)
            return status;
        face[2 * i] = (float)at[0];
        face[2 * i + 1] = (float)at[1];
    }
    return GR_OK;
}

gr_status gr_moved_box(const gr_moved_table *t, int64_t row, double box[4], bool *there, gr_error *err)
{
    *there = false;
    if (t->box[0] < 0)
        return GR_OK;
    gr_status status = read_pair(t, row, t->box[0], t->box[1], "box", box, err);
    if (status == GR_OK)
        status = read_pair(t, row, t->box[2], t->box[3], "box", box + 2, err);
    if (status != GR_OK)
        return status;
    *there = isfinite(box[0]) && isfinite(box[2]);
    if (isfinite(box[0]) != isfinite(box[2]) || (*there && !(box[2] > 0 && box[3] > 0)))
        return gr_fail(err, GR_INVALID,
                       "%s:%lld: box_w: the box is half there or empty; a width and height above 0 would be right",
                       t->csv->path, (long long)t->csv->line[row]);
    return GR_OK;
}

/* What cannot be read is said before a picture is made, not moved as if it were empty. */
static gr_status check_rows(const gr_moved_table *t, gr_error *err)
{
    double box[4];
    bool there;
    float *face = gr_alloc(2 * (size_t)t->landmarks + 1, sizeof *face);
    gr_status status = face != NULL ? GR_OK : no_memory(t->csv->path, err);
    for (int64_t row = 0; status == GR_OK && row < t->csv->rows; row++) {
        status = gr_moved_face(t, row, face, err);
        if (status == GR_OK)
            status = gr_moved_box(t, row, box, &there, err);
    }
    gr_free(face);
    return status;
}

/* ---- the table ------------------------------------------------------------------------------------------------------- */

gr_status gr_moved_table_read(const char *path, gr_moved_table *t, gr_error *err)
{
    *t = (gr_moved_table){.arena = gr_arena_create()};
    if (t->arena == NULL)
        return no_memory(path, err);
    gr_status status = gr_csv_read(path, &t->csv, err);
    if (status != GR_OK)
        return status;
    char *folder = gr_path_folder(path);
    t->folder = folder != NULL ? gr_arena_strdup(t->arena, folder) : NULL;
    t->moved = gr_arena_alloc(t->arena, (size_t)t->csv->columns, sizeof *t->moved);
    gr_free(folder);
    if (t->folder == NULL || t->moved == NULL)
        return no_memory(path, err);
    t->image = gr_csv_column(t->csv, "image");
    t->has_source = gr_csv_column(t->csv, "source") >= 0;
    if (t->image < 0)
        return gr_fail(err, GR_INVALID, "%s:%lld: has no column image; a manifest would be right", path,
                       (long long)t->csv->header_line);
    if (t->csv->rows == 0)
        return gr_fail(err, GR_INVALID, "%s:%lld: has no rows", path, (long long)t->csv->header_line);
    status = find_box(t, err);
    if (status == GR_OK)
        status = find_landmarks(t, err);
    return status == GR_OK ? check_rows(t, err) : status;
}

void gr_moved_table_free(gr_moved_table *t)
{
    gr_csv_destroy(t->csv);
    if (t->arena != NULL)
        gr_arena_destroy(t->arena);
    *t = (gr_moved_table){0};
}

gr_status gr_moved_pairs(gr_moved_table *t, const char *option, const char *pairs, gr_error *err)
{
    for (const char *at = pairs; *at != '\0';) {
        int one = 0, two = 0, length = 0;
        if (sscanf(at, "%d-%d%n", &one, &two, &length) != 2 || (at[length] != ',' && at[length] != '\0') || one == two)
            return gr_fail(err, GR_INVALID, "%s: \"%.40s\" is no pair of landmarks; 1-4,2-5 would be right", option, at);
        int bad = one < 1 || one > t->landmarks ? one : two;
        if (bad < 1 || bad > t->landmarks)
            return gr_fail(err, GR_INVALID, "%s: there is no landmark %d, %s has %d", option, bad, t->csv->path,
                           t->landmarks);
        if (t->partner[one - 1] != one - 1 || t->partner[two - 1] != two - 1)
            return gr_fail(err, GR_INVALID, "%s: landmark %d stands in two pairs", option,
                           t->partner[one - 1] != one - 1 ? one : two);
        t->partner[one - 1] = two - 1;
        t->partner[two - 1] = one - 1;
        at += length + (at[length] == ',');
    }
    return GR_OK;
}

/* ---- pictures and new rows ------------------------------------------------------------------------------------------- */

gr_status gr_moved_path(const gr_moved_table *t, int64_t row, char **path, gr_error *err)
{
    const char *image = gr_csv_field(t->csv, row, t->image);
    *path = NULL;
    if (image[0] == '\0')
        return gr_fail(err, GR_INVALID, "%s:%lld: image: is empty; the path of a picture would be right", t->csv->path,
                       (long long)t->csv->line[row]);
    *path = strcmp(t->folder, ".") != 0 ? gr_path_join(t->folder, image) : gr_strdup(image);
    return *path != NULL ? GR_OK : no_memory(t->csv->path, err);
}

char *gr_moved_name(const gr_moved_table *t, int64_t row, int number)
{
    const char *image = gr_csv_field(t->csv, row, t->image), *slash = strrchr(image, '/');
    const char *base = slash != NULL ? slash + 1 : image, *dot = strrchr(base, '.');
    size_t length = dot != NULL && dot > base ? (size_t)(dot - base) : strlen(base);
    gr_text text = {0};
    gr_text_printf(&text, "images/%.*s_%06lld", (int)(length < 120 ? length : 120), base, (long long)row);
    if (number > 0)
        gr_text_printf(&text, "_%d", number);
    gr_text_printf(&text, ".png");
    char *name = text.failed ? NULL : gr_strdup(text.data);
    gr_text_free(&text);
    return name;
}

/* ---- the new table --------------------------------------------------------------------------------------------------- */

void gr_moved_put_header(const gr_moved_table *t, gr_text *out)
{
    gr_text_printf(out, t->has_source ? "image" : "image,source");
    for (int c = 0; c < t->csv->columns; c++)
        if (c != t->image) {
            gr_text_add(out, ",", 1);
            gr_csv_put_joined(out, "", t->csv->header[c]);
        }
    gr_text_add(out, "\n", 1);
}

/* The box around the moved corners, as far as it is on the picture. false: it is not. */
static bool move_box(const double box[4], const gr_map *map, int width, int height, double to[4])
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY}, at[2];
    for (int k = 0; k < 4; k++) {
        gr_map_point(map, box[0] + (k % 2 ? box[2] : 0), box[1] + (k / 2 ? box[3] : 0), at);
        for (int i = 0; i < 2; i++) {
            low[i] = fmin(low[i], at[i]);
            high[i] = fmax(high[i], at[i]);
        }
    }
    to[0] = fmax(0, low[0]);
    to[1] = fmax(0, low[1]);
    to[2] = fmin(width, high[0]) - to[0];
    to[3] = fmin(height, high[1]) - to[1];
    return to[2] > 0 && to[3] > 0;
}

typedef struct cells {
    double *numbers;    /* [columns]; NaN: empty */
    const char **texts; /* [columns]: of lmN_v */
} cells;

static void move_cells(gr_moved_table *t, int64_t row, const gr_map *map, int width, int height, cells *to)
{
    gr_error ignored = {0};
    double box[4], at[2];
    bool there = false, mirrored = gr_map_mirrors(map);
    for (int c = 0; c < t->csv->columns; c++)
        to->numbers[c] = NAN;
    if (gr_moved_box(t, row, box, &there, &ignored) == GR_OK && there) {
        if (move_box(box, map, width, height, box))
            for (int k = 0; k < 4; k++)
                to->numbers[t->box[k]] = box[k];
        else
            t->lost_boxes++;
    }
    for (int i = 0; i < t->landmarks; i++) {
        int from = mirrored ? t->partner[i] : i;
        if (t->seen[i] >= 0)
            to->texts[t->seen[i]] = t->seen[from] >= 0 ? gr_csv_field(t->csv, row, t->seen[from]) : "";
        if (read_pair(t, row, t->columns[2 * from], t->columns[2 * from + 1], "landmark", at, &ignored) != GR_OK ||
            isnan(at[0]))
            continue;
        gr_map_point(map, at[0], at[1], at);
        if (at[0] < 0 || at[1] < 0 || at[0] > width || at[1] > height) {
            t->lost_points++;
            continue;
        }
        to->numbers[t->columns[2 * i]] = at[0];
        to->numbers[t->columns[2 * i + 1]] = at[1];
    }
}

void gr_moved_put_row(gr_moved_table *t, int64_t row, const char *name, const char *source, const gr_map *map, int width,
                      int height, gr_text *out)
{
    size_t columns = (size_t)t->csv->columns;
    cells to = {gr_alloc(columns, sizeof *to.numbers), gr_alloc(columns, sizeof *to.texts)};
    out->failed = out->failed || to.numbers == NULL || to.texts == NULL;
    if (!out->failed) {
        move_cells(t, row, map, width, height, &to);
        gr_csv_put_joined(out, "", name);
        if (!t->has_source) {
            gr_text_add(out, ",", 1);
            gr_csv_put_joined(out, "", source);
        }
        for (int c = 0; c < t->csv->columns; c++) {
            if (c == t->image)
                continue;
            gr_text_add(out, ",", 1);
            if (!t->moved[c])
                gr_csv_put_joined(out, "", gr_csv_field(t->csv, row, c));
            else if (to.texts[c] != NULL)
                gr_csv_put_joined(out, "", to.texts[c]);
            else if (isfinite(to.numbers[c]))
                gr_text_printf(out, "%.10g", to.numbers[c]);
        }
        gr_text_add(out, "\n", 1);
    }
    gr_free(to.numbers);
    gr_free(to.texts);
}
