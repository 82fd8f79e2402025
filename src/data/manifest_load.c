/* Reading a manifest: columns, classes, groups, and everything that a row can have wrong. */
#include "grimace/manifest.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "data/landmarks.h"
#include "data/manifest_memory.h"
#include "data/manifest_reader.h"
#include "data/manifest_rows.h"
#include "data/marked.h"
#include "data/values.h"

static const char *cell(const gr_manifest_reader *rd, int64_t row, int column)
{
    return rd->csv->fields[row * rd->csv->columns + column];
}

/* ---- columns --------------------------------------------------------------------------------------------------------- */

static gr_status column_missing(const gr_manifest_reader *rd, const char *name, const char *where)
{
    gr_text list = {0};
    for (int c = 0; c < rd->csv->columns && list.size < 400; c++)
        gr_text_printf(&list, "%s%s", c > 0 ? ", " : "", rd->csv->header[c]);
    const char *near = gr_nearest(name, rd->csv->header, (size_t)rd->csv->columns);
    gr_status status;
    if (where != NULL)
        status = gr_fail(rd->err, GR_INVALID, "%s: there is no column %.100s in %s%s%.100s%s; its columns are %s", where,
                         name, rd->csv->path, near != NULL ? ", did you mean " : "", near != NULL ? near : "",
                         near != NULL ? "?" : "", list.failed ? "" : list.data);
    else
        status = gr_fail(rd->err, GR_INVALID, "%s:%lld: %.100s: there is no such column%s%.100s%s; the columns are %s",
                         rd->csv->path, (long long)rd->csv->header_line, name, near != NULL ? ", did you mean " : "",
                         near != NULL ? near : "", near != NULL ? "?" : "", list.failed ? "" : list.data);
    gr_text_free(&list);
    return status;
}

/* Of all landmarks of the table those of the list. */
static gr_status choose_landmarks(gr_manifest_reader *rd)
{
    const gr_manifest_options *o = rd->options;
    int *chosen = gr_arena_alloc(rd->arena, 2 * (size_t)o->landmark_list_count, sizeof *chosen);
    if (chosen == NULL)
        return gr_fail(rd->err, GR_NOMEM, "%s: no memory for its columns", rd->csv->path);
    for (int i = 0; i < o->landmark_list_count; i++) {
        int number = o->landmark_list[i];
        if (number < 1 || number > rd->point_count)
            return gr_fail(rd->err, GR_INVALID, "%s: names landmark %d, but %s has %d", o->landmark_list_where, number,
                           rd->csv->path, rd->point_count);
        for (int k = 0; k < i; k++)
            if (o->landmark_list[k] == number)
                return gr_fail(rd->err, GR_INVALID, "%s: names landmark %d twice, once is right", o->landmark_list_where, number);
        chosen[2 * i] = rd->point_columns[2 * (number - 1)];
        chosen[2 * i + 1] = rd->point_columns[2 * (number - 1) + 1];
    }
    rd->point_columns = chosen;
    rd->point_count = o->landmark_list_count;
    return GR_OK;
}

static gr_status find_landmarks(gr_manifest_reader *rd)
{
    const gr_manifest_options *o = rd->options;
    if (o->landmarks == GR_LANDMARKS_IGNORED)
        return GR_OK;
    gr_status status = gr_landmarks_find(rd->csv, rd->arena, &rd->point_columns, &rd->point_count, rd->err);
    if (status == GR_OK && rd->point_count == 0 && o->landmarks == GR_LANDMARKS_NEEDED)
        return column_missing(rd, "lm1_x", o->landmarks_where);
    return status == GR_OK && rd->point_count > 0 && o->landmark_list_count > 0 ? choose_landmarks(rd) : status;
}

static gr_status find_values(gr_manifest_reader *rd)
{
    const gr_manifest_options *o = rd->options;
    if (o->values == GR_VALUES_NONE)
        return GR_OK;
    const char **names = gr_arena_alloc(rd->arena, (size_t)o->value_count, sizeof *names);
    rd->value_columns = gr_arena_alloc(rd->arena, (size_t)o->value_count, sizeof *rd->value_columns);
    if (names == NULL || rd->value_columns == NULL)
        return gr_manifest_no_memory(rd);
    for (int i = 0; i < o->value_count; i++) {
        rd->value_columns[i] = gr_csv_column(rd->csv, o->value_columns[i]);
        if (rd->value_columns[i] < 0)
            return column_missing(rd, o->value_columns[i], o->values_where);
        names[i] = rd->csv->header[rd->value_columns[i]];
    }
    rd->m->value_columns = names;
    rd->m->value_count = o->value_count;
    return GR_OK;
}

static gr_status find_columns(gr_manifest_reader *rd)
{
    static const char *const box_names[4] = {"box_x", "box_y", "box_w", "box_h"};
    const gr_manifest_options *o = rd->options;
    rd->image = gr_csv_column(rd->csv, "image");
    if (rd->image < 0)
        return column_missing(rd, "image", NULL);
    rd->label = o->label != NULL ? gr_csv_column(rd->csv, o->label) : -1;
    if (o->label != NULL && rd->label < 0)
        return column_missing(rd, o->label, o->label_where);
    rd->group = o->group != NULL ? gr_csv_column(rd->csv, o->group) : -1;
    if (o->group != NULL && rd->group < 0)
        return column_missing(rd, o->group, o->group_where);
    int boxes = 0;
    for (int i = 0; i < 4; i++)
        rd->box[i] = -1;
    for (int i = 0; o->mark_count == 0 && !o->whole && i < 4; i++) {
        rd->box[i] = gr_csv_column(rd->csv, box_names[i]);
        boxes += rd->box[i] >= 0;
    }
    for (int i = 0; boxes > 0 && i < 4; i++)
        if (rd->box[i] < 0)
            return column_missing(rd, box_names[i], NULL);
    gr_status status = find_values(rd);
    const char *missing = NULL;
    if (status == GR_OK)
        status = gr_marked_find(rd, &missing);
    if (status == GR_OK && missing != NULL)
        return column_missing(rd, missing, o->marks_where);
    return status == GR_OK ? find_landmarks(rd) : status;
}

/* ---- cells that must say something ----------------------------------------------------------------------------------- */

static gr_status read_box(const gr_manifest_reader *rd, int64_t row, bool *usable)
{
    gr_box *box = &rd->boxes[row];
    double value[4] = {0};
    int empty = 0;
    for (int i = 0; i < 4; i++) {
        const char *text = cell(rd, row, rd->box[i]);
        char said[200];
        bool unknown = gr_csv_unknown(text);
        empty += unknown;
        bool good = unknown || (gr_parse_double(text, &value[i]) && (i < 2 ? value[i] >= 0.0 : value[i] > 0.0));
        if (good)
            continue;
        snprintf(said, sizeof said, "'%.80s' is not a number of pixels %s", text, i < 2 ? "from 0 on" : "above 0");
        return gr_manifest_problem(rd, rd->csv->line[row], rd->csv->header[rd->box[i]], usable, said);
    }
    if (empty != 0 && empty != 4)
        return gr_manifest_problem(
            rd, rd->csv->line[row], "box_x", usable,
            "the box is half there: box_x, box_y, box_w and box_h all hold a number, or all are empty");
    *box = (gr_box){value[0], value[1], value[2], value[3]};
    return GR_OK;
}

static gr_status read_landmarks(const gr_manifest_reader *rd, int64_t row, bool *usable)
{
    char said[200];
    int column;
    if (gr_landmarks_read(rd->csv, row, rd->point_columns, rd->point_count, rd->points + row * 2 * rd->point_count, &column,
                          said, sizeof said))
        return GR_OK;
    return gr_manifest_problem(rd, rd->csv->line[row], rd->csv->header[column], usable, said);
}

/* A row without any label is left out, and counted. */
static void leave_out(const gr_manifest_reader *rd, bool *usable)
{
    *usable = false;
    rd->m->unlabelled++;
}

static gr_status read_values(const gr_manifest_reader *rd, int64_t row, bool *usable)
{
    char said[500];
    int column, known;
    double *to = rd->values + row * rd->options->value_count;
    if (!gr_values_read(rd->csv, row, rd->value_columns, rd->options, to, &known, &column, said, sizeof said))
        return gr_manifest_problem(rd, rd->csv->line[row], rd->csv->header[column], usable, said);
    if (known == 0)
        leave_out(rd, usable);
    return GR_OK;
}

/* Is the cell of a label one that says nothing? A class of that name is a class. */
static bool is_unlabelled(const gr_manifest_options *o, const char *text)
{
    for (int c = 0; o->classes != NULL && c < o->class_count; c++)
        if (strcmp(text, o->classes[c]) == 0)
            return false;
    return gr_csv_unknown(text);
}

static gr_status check_cells(const gr_manifest_reader *rd, int64_t row, bool *usable)
{
    int columns[3] = {rd->image, rd->label, rd->group};
    static const char *const meant[3] = {"the path of an image", "a label", "the name of a group"};
    for (int i = 0; i < 3; i++) {
        char said[100];
        const char *text = columns[i] >= 0 ? cell(rd, row, columns[i]) : NULL;
        if (text == NULL || !(i == 0 ? text[0] == '\0' : i == 1 ? is_unlabelled(rd->options, text) : gr_csv_unknown(text)))
            continue;
        if (i == 1 && rd->options->skip_unlabelled) {
            leave_out(rd, usable);
            return GR_OK;
        }
        if (text[0] == '\0')
            snprintf(said, sizeof said, "the cell is empty, %s is needed", meant[i]);
        else
            snprintf(said, sizeof said, "'%.20s' says that it is not known, %s is needed", text, meant[i]);
        return gr_manifest_problem(rd, rd->csv->line[row], rd->csv->header[columns[i]], usable, said);
    }
    gr_status status = rd->values != NULL ? read_values(rd, row, usable) : GR_OK;
    if (status == GR_OK && *usable && rd->boxes != NULL)
        status = read_box(rd, row, usable);
    if (status == GR_OK && *usable && rd->marks != NULL)
        status = gr_marked_read(rd, row, usable);
    return status == GR_OK && *usable && rd->points != NULL ? read_landmarks(rd, row, usable) : status;
}

/* Refuses labels that are not of the classes that the caller lists. */
static gr_status check_class(const gr_manifest_reader *rd, int64_t row, bool *usable)
{
    const gr_manifest_options *o = rd->options;
    if (rd->label < 0 || o->classes == NULL)
        return GR_OK;
    const char *label = cell(rd, row, rd->label);
    for (int c = 0; c < o->class_count; c++)
        if (strcmp(label, o->classes[c]) == 0)
            return GR_OK;
    char said[500];
    int used = snprintf(said, sizeof said, "'%.80s' is not one of the classes: ", label);
    for (int c = 0; c < o->class_count && used < 400; c++)
        used += snprintf(said + used, sizeof said - (size_t)used, "%s%.60s", c > 0 ? ", " : "", o->classes[c]);
    return gr_manifest_problem(rd, rd->csv->line[row], rd->csv->header[rd->label], usable, said);
}

static gr_status check_file(const gr_manifest_reader *rd, int64_t row, const char *path, bool *usable)
{
    struct stat st;
    char said[700];
    if (stat(path, &st) != 0)
        snprintf(said, sizeof said, "the file %.500s is not there: %s", path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        snprintf(said, sizeof said, "%.500s is a folder or device, an image file is needed", path);
    else if (access(path, R_OK) != 0)
        snprintf(said, sizeof said, "the file %.500s may not be read: %s", path, strerror(errno));
    else
        return GR_OK;
    return gr_manifest_problem(rd, rd->csv->line[row], "image", usable, said);
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

/* Where the image of a row is; back slashes are slashes when there is a file then and none as they stand. */
static char *find_image(gr_manifest_reader *rd, const char *image)
{
    bool absolute = image[0] == '/';
    struct stat st;
    char *path = gr_arena_join(rd->arena, absolute ? "" : rd->folder, absolute ? "" : "/", image);
    if (path == NULL || strchr(image, '\\') == NULL || rd->options->skip_files || stat(path, &st) == 0)
        return path;
    char *turned = gr_arena_strdup(rd->arena, path);
    for (char *c = turned != NULL ? turned + strlen(turned) - strlen(image) : NULL; c != NULL && *c != '\0'; c++)
        *c = *c == '\\' ? '/' : *c;
    if (turned == NULL || stat(turned, &st) != 0)
        return turned == NULL ? NULL : path;
    rd->turned++;
    return turned;
}

static gr_status read_rows(gr_manifest_reader *rd)
{
    gr_arena *arena = rd->arena;
    size_t rows = (size_t)rd->csv->rows;
    rd->wanted = gr_arena_alloc(arena, rows, sizeof *rd->wanted);
    rd->usable = gr_arena_alloc(arena, rows, sizeof *rd->usable);
    rd->paths = gr_arena_alloc(arena, rows, sizeof *rd->paths);
    rd->boxes = rd->box[0] >= 0 ? gr_arena_alloc(arena, rows, sizeof *rd->boxes) : NULL;
    size_t numbers = 2 * (size_t)rd->point_count;
    bool fits = gr_mul_size(rows, numbers, &numbers);
    rd->points = rd->point_count > 0 && fits ? gr_arena_alloc(arena, numbers, sizeof *rd->points) : NULL;
    size_t values = (size_t)rd->m->value_count;
    fits = gr_mul_size(rows, values, &values);
    rd->values = values > 0 && fits ? gr_arena_alloc(arena, values, sizeof *rd->values) : NULL;
    if ((rd->m->value_count > 0 && rd->values == NULL) || !gr_marked_room(rd))
        return gr_manifest_no_memory(rd);
    if (rd->wanted == NULL || rd->usable == NULL || rd->paths == NULL || (rd->box[0] >= 0 && rd->boxes == NULL) ||
        (rd->point_count > 0 && rd->points == NULL))
        return gr_manifest_no_memory(rd);
    gr_status status = gr_rows_wanted(rd->csv, rd->options, rd->wanted, rd->err);
    for (int64_t r = 0; status == GR_OK && r < rd->csv->rows; r++) {
        const char *fault = gr_csv_fault_of(rd->csv, r);
        if (fault != NULL)
            status = gr_manifest_problem(rd, rd->csv->line[r], NULL, &rd->usable[r], fault);
        if (!rd->wanted[r] || fault != NULL)
            continue;
        rd->usable[r] = true;
        rd->paths[r] = find_image(rd, cell(rd, r, rd->image));
        if (rd->paths[r] == NULL)
            return gr_manifest_no_memory(rd);
        status = check_cells(rd, r, &rd->usable[r]);
        if (status == GR_OK && rd->usable[r])
            status = check_class(rd, r, &rd->usable[r]);
        if (status == GR_OK && rd->usable[r] && !rd->options->skip_files && !rd->options->absent_files)
            status = check_file(rd, r, rd->paths[r], &rd->usable[r]);
    }
    return status;
}

/* Row `r` names the image of the earlier row `other` again: says so, or takes it as another face in that image. */
static gr_status refuse_twin(gr_manifest_reader *rd, int64_t r, int64_t other)
{
    const char *what = rd->marks != NULL ? gr_marked_clash(rd, r, other) : "the image has a row already";
    if (rd->marks == NULL && rd->options->whole)
        what = NULL;
    else if (rd->label >= 0 && strcmp(cell(rd, r, rd->label), cell(rd, other, rd->label)) != 0)
        what = "the image has a row with another label already";
    else if (rd->group >= 0 && strcmp(cell(rd, r, rd->group), cell(rd, other, rd->group)) != 0)
        what = "the image has a row with another group already";
    const char *right = rd->marks != NULL ? "one row per face is right" : "one row per image is right";
    if (rd->marks != NULL && what != NULL && strstr(what, "group") != NULL)
        right = "one group for all faces of an image, such as the cage, is right";
    char said[700];
    if (what == NULL) {
        if (rd->marks != NULL)
            rd->joined[r] = other + 1;
        rd->usable[r] = false;
        return GR_OK;
    }
    snprintf(said, sizeof said, "%.400s: %s, on line %lld; %s", cell(rd, r, rd->image), what,
             (long long)rd->csv->line[other], right);
    return gr_manifest_problem(rd, rd->csv->line[r], "image", &rd->usable[r], said);
}

/* Names each image at most once: the later ones of several rows are problems. */
static gr_status refuse_twins(gr_manifest_reader *rd)
{
    int64_t rows = rd->csv->rows;
    const char **images = gr_alloc((size_t)rows, sizeof *images); /* by their paths: a\b may be a/b */
    int64_t *order = NULL, *twin = gr_alloc((size_t)rows, sizeof *twin);
    for (int64_t r = 0; images != NULL && r < rows; r++)
        images[r] = rd->paths[r] != NULL ? rd->paths[r] : "";
    if (images != NULL)
        order = gr_names_sort(images, rows);
    gr_status status = order != NULL && twin != NULL ? GR_OK : gr_manifest_no_memory(rd);
    /* twin[r]: one more than the first usable row of the same image, where that is an earlier one */
    for (int64_t i = 0, first = -1; status == GR_OK && i < rows; i++) {
        if (!rd->usable[order[i]])
            continue;
        if (first >= 0 && strcmp(images[order[i]], images[first]) == 0)
            twin[order[i]] = first + 1;
        else
            first = order[i];
    }
    for (int64_t r = 0; status == GR_OK && r < rows; r++) /* in the order of the file */
        if (twin[r] > 0)
            status = refuse_twin(rd, r, twin[r] - 1);
    gr_free(images);
    gr_free(order);
    gr_free(twin);
    return status;
}

/* Moves the usable rows together and fills the manifest's arrays. */
static gr_status keep_usable(gr_manifest_reader *rd)
{
    gr_manifest *m = rd->m;
    size_t rows = (size_t)rd->csv->rows, columns = (size_t)rd->csv->columns, count;
    if (!gr_mul_size(rows, columns, &count))
        return gr_manifest_no_memory(rd);
    rd->cells = gr_arena_alloc(rd->arena, count, sizeof *rd->cells);
    int64_t *lines = gr_arena_alloc(rd->arena, rows, sizeof *lines);
    const char **images = gr_arena_alloc(rd->arena, rows, sizeof *images);
    if (rd->cells == NULL || lines == NULL || images == NULL)
        return gr_manifest_no_memory(rd);
    gr_status status = gr_marked_keep(rd); /* while rows are where they were */
    if (status != GR_OK)
        return status;
    int64_t kept = 0;
    for (int64_t r = 0; r < rd->csv->rows; r++) {
        if (!rd->usable[r])
            continue;
        memcpy(rd->cells + (size_t)kept * columns, rd->csv->fields + (size_t)r * columns, columns * sizeof *rd->cells);
        lines[kept] = rd->csv->line[r];
        images[kept] = cell(rd, r, rd->image);
        rd->paths[kept] = rd->paths[r];
        if (rd->boxes != NULL)
            rd->boxes[kept] = rd->boxes[r];
        size_t numbers = 2 * (size_t)rd->point_count;
        if (rd->points != NULL)
            memmove(rd->points + (size_t)kept * numbers, rd->points + (size_t)r * numbers, numbers * sizeof *rd->points);
        size_t values = (size_t)m->value_count;
        if (rd->values != NULL)
            memmove(rd->values + (size_t)kept * values, rd->values + (size_t)r * values, values * sizeof *rd->values);
        kept++;
    }
    if (kept == 0 && m->unlabelled > 0)
        return gr_fail(rd->err, GR_INVALID, "%s: %s: no row that can be used has a label", rd->csv->path,
                       rd->csv->header[rd->label >= 0 ? rd->label : rd->value_columns[0]]);
    if (kept == 0)
        return gr_fail(rd->err, GR_INVALID, "%s: no row of the table can be used%s%s", rd->csv->path,
                       rd->first->status == GR_OK ? "" : ", ", rd->first->text);
    m->rows = kept;
    m->columns = rd->csv->columns;
    m->cells = rd->cells;
    m->lines = lines;
    m->images = images;
    m->paths = rd->paths;
    m->boxes = rd->boxes;
    m->landmark_count = rd->point_count;
    m->landmarks = rd->points;
    m->values = rd->values;
    return GR_OK;
}

static gr_status check_classes(const gr_manifest_options *o, gr_error *err)
{
    for (int c = 0; o->classes != NULL && c < o->class_count; c++) {
        const char *name = o->classes[c], *end = name + strlen(name);
        if (gr_blank(name) > 0 || gr_blank_before(name, end) > 0)
            return gr_fail(err, GR_INVALID,
                           "data.classes: '%.80s' has a blank at an end, which values of a table are read without", name);
    }
    for (int c = 0; o->classes != NULL && c < o->class_count; c++)
        for (int d = 0; d < c; d++)
            if (strcmp(o->classes[c], o->classes[d]) == 0)
                return gr_fail(err, GR_INVALID, "data.classes: '%.80s' stands there twice, once is right", o->classes[c]);
    return GR_OK;
}

/* What was read otherwise than it stands in the table. */
static gr_status say(const gr_manifest_reader *rd)
{
    gr_text said = {0};
    gr_csv_say(rd->csv, &said);
    if (rd->turned > 0)
        gr_text_printf(&said, "%s: %lld path%s back slashes, read as slashes, for the files are there then\n", rd->csv->path,
                       (long long)rd->turned, rd->turned == 1 ? " has" : "s have");
    bool failed = said.failed;
    if (said.size > 0)
        failed = (rd->m->notices = gr_arena_strdup(rd->arena, said.data)) == NULL || failed;
    gr_text_free(&said);
    return failed ? gr_manifest_no_memory(rd) : GR_OK;
}

static gr_status load(gr_manifest_reader *rd)
{
    gr_status status = find_columns(rd);
    if (status == GR_OK && rd->csv->rows == 0)
        status = gr_fail(rd->err, GR_INVALID, "%s:%lld: the table has a header and no rows, one row per image is needed",
                         rd->csv->path, (long long)rd->csv->header_line);
    if (status == GR_OK)
        status = read_rows(rd);
    if (status == GR_OK)
        status = refuse_twins(rd);
    if (status == GR_OK)
        status = gr_rows_draw(rd->csv, rd->options, rd->usable, rd->err);
    if (status == GR_OK)
        status = keep_usable(rd);
    if (status == GR_OK)
        status = gr_manifest_refuse_shares(rd);
    if (status == GR_OK)
        status = gr_manifest_read_names(rd);
    return status == GR_OK ? say(rd) : status;
}

gr_status gr_manifest_load(const char *path, const gr_manifest_options *options, gr_manifest *out, gr_error *err)
{
    *out = (gr_manifest){0};
    gr_status status = check_classes(options, err);
    if (status != GR_OK)
        return status;
    gr_manifest_memory *owned = gr_alloc(1, sizeof *owned);
    char *folder = gr_path_folder(path);
    out->memory = owned;
    if (owned == NULL || folder == NULL || (owned->arena = gr_arena_create()) == NULL)
        status = gr_fail(err, GR_NOMEM, "%s: no memory to read it", path);
    if (status == GR_OK)
        status = options->tolerant && options->report != NULL ? gr_csv_read_tolerant(path, &owned->csv, err)
                                                              : gr_csv_read(path, &owned->csv, err);
    if (status == GR_OK) {
        out->path = owned->csv->path;
        out->names = owned->csv->header;
        gr_error first = {0};
        gr_manifest_reader rd = {.first = &first,
                                 .csv = owned->csv,
                                 .options = options,
                                 .m = out,
                                 .arena = owned->arena,
                                 .folder = folder,
                                 .err = err};
        status = load(&rd);
    }
    gr_free(folder);
    if (status != GR_OK)
        gr_manifest_free(out);
    return status;
}
