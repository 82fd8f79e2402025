#include "data/marked.h"

#include <string.h>

#include "base/base.h"
#include "grimace/image.h"

static const char *const ends[4] = {"x", "y", "w", "h"};

/* The number of a kind among those that were named before; a new one is added. */
static int kind_number(const char **kinds, int *count, const char *kind)
{
    int k = 0;
    while (k < *count && strcmp(kinds[k], kind) != 0)
        k++;
    if (k == *count)
        kinds[(*count)++] = kind;
    return k;
}

static const char *prefix_of(const gr_manifest_options *o, int i)
{
    return strchr(o->marks[i], '=') + 1;
}

gr_status gr_marked_find(gr_manifest_reader *rd, const char **missing)
{
    const gr_manifest_options *o = rd->options;
    size_t count = (size_t)o->mark_count;
    *missing = NULL;
    if (count == 0)
        return GR_OK;
    const char **kinds = gr_arena_alloc(rd->arena, count, sizeof *kinds);
    rd->mark_columns = gr_arena_alloc(rd->arena, 4 * count, sizeof *rd->mark_columns);
    rd->mark_kinds = gr_arena_alloc(rd->arena, count, sizeof *rd->mark_kinds);
    if (kinds == NULL || rd->mark_columns == NULL || rd->mark_kinds == NULL)
        return gr_manifest_no_memory(rd);
    for (int i = 0; i < o->mark_count; i++) {
        const char *prefix = prefix_of(o, i);
        const char *kind = gr_arena_printf(rd->arena, "%.*s", (int)(prefix - 1 - o->marks[i]), o->marks[i]);
        if (kind == NULL)
            return gr_manifest_no_memory(rd);
        rd->mark_kinds[i] = kind_number(kinds, &rd->m->kind_count, kind);
        for (int e = 0; e < 4; e++) {
            const char *name = gr_arena_printf(rd->arena, "%s_%s", prefix, ends[e]);
            if (name == NULL)
                return gr_manifest_no_memory(rd);
            rd->mark_columns[4 * i + e] = gr_csv_column(rd->csv, name);
            if (rd->mark_columns[4 * i + e] < 0 && *missing == NULL)
                *missing = name;
        }
    }
    if (*missing != NULL && o->marks_if_there) {
        *missing = NULL;
        rd->mark_columns = NULL;
        rd->m->kind_count = 0;
        return GR_OK;
    }
    rd->m->kinds = kinds;
    return GR_OK;
}

bool gr_marked_room(gr_manifest_reader *rd)
{
    size_t cells, rows = (size_t)rd->csv->rows;
    if (rd->mark_columns == NULL)
        return true;
    bool fits = gr_mul_size(rows, (size_t)rd->options->mark_count, &cells);
    rd->marks = fits ? gr_arena_alloc(rd->arena, cells, sizeof *rd->marks) : NULL;
    rd->joined = gr_arena_alloc(rd->arena, rows, sizeof *rd->joined);
    return rd->marks != NULL && rd->joined != NULL;
}

static gr_status read_one(const gr_manifest_reader *rd, int64_t row, int i, bool *usable)
{
    const int *columns = rd->mark_columns + 4 * i;
    double value[4] = {0};
    char said[200];
    int empty = 0;
    for (int e = 0; e < 4; e++) {
        const char *text = gr_csv_field(rd->csv, row, columns[e]);
        bool unknown = gr_csv_unknown(text);
        empty += unknown;
        /* what is to be found may reach over the picture's edge (gr_manifest_boxes_within), unlike what is cut out of it */
        if (unknown || (gr_parse_double(text, &value[e]) && (e < 2 || value[e] > 0.0)))
            continue;
        snprintf(said, sizeof said, "'%.80s' is not a number of pixels%s", text, e < 2 ? "" : " above 0");
        return gr_manifest_problem(rd, rd->csv->line[row], rd->csv->header[columns[e]], usable, said);
    }
    if (empty != 0 && empty != 4) {
        snprintf(said, sizeof said, "the box is half there: %.30s_x, _y, _w and _h all hold a number, or all are empty",
                 prefix_of(rd->options, i));
        return gr_manifest_problem(rd, rd->csv->line[row], rd->csv->header[columns[0]], usable, said);
    }
    rd->marks[row * rd->options->mark_count + i] = (gr_box){value[0], value[1], value[2], value[3]};
    return GR_OK;
}

gr_status gr_marked_read(const gr_manifest_reader *rd, int64_t row, bool *usable)
{
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && *usable && i < rd->options->mark_count; i++)
        status = read_one(rd, row, i, usable);
    return status;
}

/* Has the row a box in columns PREFIX_x, _y, _w and _h that nobody asks for? */
static bool has_other(const gr_manifest_reader *rd, int64_t row)
{
    const gr_csv *csv = rd->csv;
    for (int c = 0; c < csv->columns; c++) {
        size_t length = strlen(csv->header[c]);
        bool there = length > 2 && strcmp(csv->header[c] + length - 2, "_w") == 0;
        for (int e = 0; there && e < 4; e++) {
            char name[200];
            snprintf(name, sizeof name, "%.*s_%s", length < 190 ? (int)length - 2 : 188, csv->header[c], ends[e]);
            int column = gr_csv_column(csv, name);
            there = column >= 0 && !gr_csv_unknown(gr_csv_field(csv, row, column));
        }
        if (there)
            return true;
    }
    return false;
}

/* Does the row say that nothing is in the image? A face whose eyes are hidden is something, where only eyes are asked for. */
static bool has_none(const gr_manifest_reader *rd, int64_t row)
{
    for (int i = 0; i < rd->options->mark_count; i++)
        if (rd->marks[row * rd->options->mark_count + i].width > 0.0)
            return false;
    return !has_other(rd, row);
}

/* Have the two rows a box in common that stands in the same columns? */
static bool share_box(const gr_manifest_reader *rd, int64_t a, int64_t b)
{
    for (int i = 0; i < rd->options->mark_count; i++) {
        const gr_box *x = &rd->marks[a * rd->options->mark_count + i], *y = &rd->marks[b * rd->options->mark_count + i];
        if (x->width > 0.0 && x->x == y->x && x->y == y->y && x->width == y->width && x->height == y->height)
            return true;
    }
    return false;
}

const char *gr_marked_clash(const gr_manifest_reader *rd, int64_t r, int64_t other)
{
    if (has_none(rd, r) || has_none(rd, other))
        return "the image has a row without a box and another row";
    for (int64_t q = other; q < r; q++)
        if ((q == other || rd->joined[q] == other + 1) && share_box(rd, q, r))
            return "the image has a row with the same box already";
    return NULL;
}

gr_status gr_marked_keep(gr_manifest_reader *rd)
{
    int per_row = rd->options->mark_count;
    int64_t rows = rd->csv->rows, boxes = 0, kept = 0;
    if (rd->marks == NULL)
        return GR_OK;
    int64_t *next = gr_alloc((size_t)rows, sizeof *next), *last = gr_alloc((size_t)rows, sizeof *last);
    int64_t *marked = gr_arena_alloc(rd->arena, (size_t)rows + 1, sizeof *marked);
    for (int64_t i = 0; i < rows * per_row; i++)
        boxes += rd->marks[i].width > 0.0;
    gr_marked_box *marks = gr_arena_alloc(rd->arena, (size_t)boxes + 1, sizeof *marks);
    bool good = next != NULL && last != NULL && marked != NULL && marks != NULL;
    for (int64_t r = 0; good && r < rows; r++) { /* chains of the rows of one image, in the order of the file */
        int64_t first = rd->joined[r] > 0 ? rd->joined[r] - 1 : r;
        next[r] = last[r] = -1;
        if (first != r) {
            next[last[first] >= 0 ? last[first] : first] = r;
            last[first] = r;
        }
    }
    boxes = 0;
    for (int64_t r = 0; good && r < rows; r++) {
        if (!rd->usable[r])
            continue;
        marked[kept++] = boxes;
        for (int64_t q = r; q >= 0; q = next[q])
            for (int i = 0; i < per_row; i++)
                if (rd->marks[q * per_row + i].width > 0.0)
                    marks[boxes++] = (gr_marked_box){rd->marks[q * per_row + i], rd->mark_kinds[i]};
    }
    if (good) {
        marked[kept] = boxes;
        rd->m->marked = marked;
        rd->m->marks = marks;
    }
    gr_free(next);
    gr_free(last);
    return good ? GR_OK : gr_manifest_no_memory(rd);
}

/* ---- within their pictures -------------------------------------------------------------------------------------------- */

/* The share of a stretch that lies between 0 and `length`; ends that are no finite sum have none of it. */
static double within(double at, double size, int length)
{
    double low = at > 0.0 ? at : 0.0, high = at + size < length ? at + size : length;
    return high > low ? (high - low) / size : 0.0;
}

/* Boxes of which less lies in the picture are refused: neither can their middle be found nor is most of them to be seen. */
static const double least_within = 0.5;

gr_status gr_manifest_boxes_within(const gr_manifest *m, int64_t row, int width, int height, int64_t *across, gr_error *err)
{
    for (int64_t i = m->marked[row]; i < m->marked[row + 1]; i++) {
        const gr_box *b = &m->marks[i].box;
        double share = within(b->x, b->width, width) * within(b->y, b->height, height);
        if (share < least_within)
            return gr_fail(err, GR_INVALID,
                           "%s:%lld: the box of the kind %.80s at %g, %g of %g x %g lies beyond %.400s of %d x %d pixels; one "
                           "that has half of its area inside at least, or empty cells where there is none, would be right",
                           gr_manifest_file(m, row), (long long)m->lines[row], m->kinds[m->marks[i].kind], b->x, b->y,
                           b->width, b->height, m->images[row], width, height);
        if (across != NULL)
            *across += share < 1.0;
    }
    return GR_OK;
}

gr_status gr_manifest_boxes_check(const gr_manifest *m, int64_t *across, gr_error *err)
{
    gr_status status = GR_OK;
    *across = 0;
    for (int64_t r = 0; status == GR_OK && m->marked != NULL && r < m->rows; r++) {
        int width, height;
        gr_error unread = {0}; /* whoever decodes the picture tells of it, with all that is wrong */
        if (m->marked[r] < m->marked[r + 1] && gr_image_size(m->paths[r], &width, &height, &unread) == GR_OK)
            status = gr_manifest_boxes_within(m, r, width, height, across, err);
    }
    return status;
}

const char *gr_manifest_boxes_across(int64_t across, char said[GR_BOXES_ACROSS])
{
    snprintf(said, GR_BOXES_ACROSS, "%lld box%s over the edge of %s picture; what lies beyond it is not to be seen",
             (long long)across, across == 1 ? " reaches" : "es reach", across == 1 ? "its" : "their");
    return said;
}
