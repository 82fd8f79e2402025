/* Tables of counts: class by group, parts by fold. */
#include "data/tables.h"

#include <math.h>
#include <string.h>

enum { LINES_MAX = 60, COLUMNS_MAX = 12, NAME_MAX_WIDTH = 28 };

gr_kinds gr_kinds_labels(const gr_manifest *m)
{
    return (gr_kinds){m->label_column, m->classes, m->labels, m->labels != NULL ? m->class_count : 0};
}

gr_kinds gr_kinds_groups(const gr_manifest *m)
{
    return (gr_kinds){m->group_column, m->group_names, m->groups, m->groups != NULL ? m->group_count : 0};
}

/* The printed width: code points. */
static int width_of(const char *text)
{
    int width = 0;
    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

/* `text` in `width` characters, cut when longer. */
static void put(gr_text *out, const char *text, int width, bool right)
{
    int own = width_of(text), blank = own < width ? width - own : 0, bytes = 0;
    for (int points = 0; text[bytes] != '\0'; bytes++)
        if (((unsigned char)text[bytes] & 0xC0) != 0x80 && points++ == width)
            break;
    gr_text_printf(out, "%*s%.*s%*s", right ? blank : 0, "", bytes, text, right ? 0 : blank, "");
}

static int widest(const char *title, const char *const *names, int count, int least)
{
    int width = title != NULL && width_of(title) > least ? width_of(title) : least;
    for (int i = 0; i < count; i++)
        width = width_of(names[i]) > width ? width_of(names[i]) : width;
    return width < NAME_MAX_WIDTH ? width : NAME_MAX_WIDTH;
}

void gr_table_title(gr_text *out, const gr_manifest *m)
{
    gr_text_printf(out, "%lld image%s", (long long)m->rows, m->rows == 1 ? "" : "s");
    if (m->labels != NULL)
        gr_text_printf(out, ", %d class%s (%s)", m->class_count, m->class_count == 1 ? "" : "es", m->label_column);
    if (m->value_count > 1)
        gr_text_printf(out, ", %d label columns", m->value_count);
    if (m->value_count > 1 && m->class_count > 0)
        gr_text_printf(out, " of %d classes", m->class_count);
    if (m->value_count == 1)
        gr_text_printf(out, ", scores (%s)", m->value_columns[0]);
    if (m->groups != NULL)
        gr_text_printf(out, ", %d group%s (%s)", m->group_count, m->group_count == 1 ? "" : "s", m->group_column);
    if (m->landmark_count > 0)
        gr_text_printf(out, ", %d landmark%s", m->landmark_count, m->landmark_count == 1 ? "" : "s");
    for (int k = 0; k < m->kind_count; k++) {
        int64_t count = 0;
        for (int64_t i = 0; i < m->marked[m->rows]; i++)
            count += m->marks[i].kind == k;
        gr_text_printf(out, "%s%s %lld", k == 0 ? ", boxes: " : ", ", m->kinds[k], (long long)count);
    }
    gr_text_printf(out, "\n");
}

static void count_line(gr_text *out, const char *name, int name_width, const int64_t *counts, int columns, int width,
                       int64_t sum)
{
    put(out, name, name_width, false);
    for (int c = 0; c < columns; c++)
        gr_text_printf(out, "  %*lld", width, (long long)counts[c]);
    gr_text_printf(out, "  %*lld\n", width, (long long)sum);
}

void gr_table_counts(gr_text *out, int64_t rows, const gr_kinds *down, const gr_kinds *across)
{
    int columns = across != NULL && across->count <= COLUMNS_MAX ? across->count : 0;
    int lines = down->count < LINES_MAX ? down->count : LINES_MAX;
    int name_width = widest(down->title, down->names, lines, 3);
    int width = columns > 0 ? widest(NULL, across->names, columns, 6) : 6;
    size_t cells = 0;
    int64_t *counts = gr_mul_size((size_t)down->count, (size_t)columns + 1, &cells) ? gr_alloc(cells, sizeof *counts) : NULL;
    int64_t all[COLUMNS_MAX] = {0};
    if (counts == NULL) {
        out->failed = true;
        return;
    }
    for (int64_t r = 0; r < rows; r++) {
        int64_t *line = counts + (int64_t)down->index[r] * (columns + 1);
        line[columns]++;
        if (columns > 0) {
            line[across->index[r]]++;
            all[across->index[r]]++;
        }
    }
    put(out, down->title, name_width, false);
    for (int c = 0; c < columns; c++) {
        gr_text_printf(out, "  ");
        put(out, across->names[c], width, true);
    }
    gr_text_printf(out, "  %*s\n", width, columns > 0 ? "all" : "images");
    for (int i = 0; i < lines; i++) {
        const int64_t *line = counts + (int64_t)i * (columns + 1);
        count_line(out, down->names[i], name_width, line, columns, width, line[columns]);
    }
    if (lines < down->count)
        gr_text_printf(out, "... and %d more\n", down->count - lines);
    count_line(out, "all", name_width, all, columns, width, rows);
    gr_free(counts);
}

/* ---- labels that are in no single column of classes ------------------------------------------------------------------- */

/* The known labels of a column in the rows of one part of a fold; NULL: in all rows. */
static int64_t count_known(const gr_manifest *m, int column, const gr_fold *fold, gr_part part)
{
    int64_t known = 0;
    for (int64_t r = 0; r < m->rows; r++)
        known += (fold == NULL || gr_fold_part(fold, r) == part) && !isnan(m->values[r * m->value_count + column]);
    return known;
}

static void score_line(gr_text *out, const gr_manifest *m, int column, int name_width)
{
    double least = INFINITY, most = -INFINITY, sum = 0.0, square = 0.0;
    int64_t known = count_known(m, column, NULL, GR_PART_NONE);
    const double *values = m->values + column;
    for (int64_t r = 0; r < m->rows; r++) {
        double value = values[r * m->value_count];
        least = fmin(least, value); /* which take the number of a number and a NaN */
        most = fmax(most, value);
        sum += isnan(value) ? 0.0 : value;
    }
    double mean = sum / (double)known;
    for (int64_t r = 0; r < m->rows; r++) {
        double d = values[r * m->value_count] - mean;
        square += isnan(d) ? 0.0 : d * d;
    }
    put(out, m->value_columns[column], name_width, false);
    gr_text_printf(out, "  %6lld", (long long)known);
    if (known > 0)
        gr_text_printf(out, "  %8.6g  %8.4g  %8.6g", least, mean, most);
    if (known > 1)
        gr_text_printf(out, "  %8.4g", sqrt(square / (double)(known - 1)));
    gr_text_printf(out, "\n");
}

static void classes_line(gr_text *out, const gr_manifest *m, int column, int name_width, int class_width)
{
    put(out, m->value_columns[column], name_width, false);
    gr_text_printf(out, "  %6lld", (long long)count_known(m, column, NULL, GR_PART_NONE));
    for (int c = 0; c < m->class_count && c < COLUMNS_MAX; c++) {
        int64_t members = 0;
        for (int64_t r = 0; r < m->rows; r++)
            members += m->values[r * m->value_count + column] == (double)c;
        gr_text_printf(out, "  %*lld", class_width, (long long)members);
    }
    gr_text_printf(out, "\n");
}

void gr_table_values(gr_text *out, const gr_manifest *m)
{
    int classes = m->class_count < COLUMNS_MAX ? m->class_count : COLUMNS_MAX;
    int name_width = widest("label", m->value_columns, m->value_count, 5),
        class_width = widest(NULL, m->classes, classes, 6);
    if (m->value_count == 0)
        return;
    put(out, "label", name_width, false);
    gr_text_printf(out, "   known");
    for (int c = 0; c < classes; c++) {
        gr_text_printf(out, "  ");
        put(out, m->classes[c], class_width, true);
    }
    gr_text_printf(out, classes > 0 ? "\n" : "  %8s  %8s  %8s  %8s\n", "least", "mean", "greatest", "sd");
    for (int k = 0; k < m->value_count; k++)
        if (classes > 0)
            classes_line(out, m, k, name_width, class_width);
        else
            score_line(out, m, k, name_width);
}

/* ---- folds ------------------------------------------------------------------------------------------------------------ */

/* What the columns of the table of folds count: images of each class, or the known labels of each column. */
static int heads_of(const gr_manifest *m, const char *const **names)
{
    int count = m->labels != NULL ? m->class_count : m->value_count;
    *names = m->labels != NULL ? m->classes : m->value_columns;
    return count <= COLUMNS_MAX ? count : 0;
}

/* One line of a fold: how many groups, images, and images of each class are in `part`. */
static void part_line(gr_text *out, const gr_split *split, int f, gr_part part, const gr_manifest *m, int name_width,
                      int class_width, uint8_t *seen)
{
    const char *const *names;
    int64_t counts[COLUMNS_MAX] = {0}, images = 0, groups = 0;
    int columns = heads_of(m, &names);
    memset(seen, 0, (size_t)m->group_count);
    for (int64_t r = 0; r < m->rows; r++) {
        if (gr_fold_part(&split->folds[f], r) != part)
            continue;
        images++;
        if (columns > 0 && m->labels != NULL)
            counts[m->labels[r]]++;
        if (m->groups != NULL && !seen[m->groups[r]]) {
            seen[m->groups[r]] = 1;
            groups++;
        }
    }
    for (int k = 0; m->labels == NULL && k < columns; k++)
        counts[k] = count_known(m, k, &split->folds[f], part);
    if (images == 0)
        return;
    put(out, split->folds[f].name, name_width, false);
    gr_text_printf(out, "  %-5s", gr_part_name(part));
    if (m->groups != NULL)
        gr_text_printf(out, "  %6lld", (long long)groups);
    gr_text_printf(out, "  %6lld", (long long)images);
    for (int c = 0; c < columns; c++)
        gr_text_printf(out, "  %*lld", class_width, (long long)counts[c]);
    gr_text_printf(out, "\n");
}

/* Has the part of a fold a row of class `kind`, or a known label in column `kind`? */
static bool has_kind(const gr_split *split, int f, int kind, gr_part part, const gr_manifest *m)
{
    bool found = false;
    for (int64_t r = 0; m->labels != NULL && r < m->rows && !found; r++)
        found = gr_fold_part(&split->folds[f], r) == part && m->labels[r] == kind;
    return found || (m->labels == NULL && count_known(m, kind, &split->folds[f], part) > 0);
}

/* "no image of class 2 in the test part of folds 1, 4, 7". */
static void missing_line(gr_text *out, const gr_split *split, int kind, gr_part part, const gr_manifest *m)
{
    int missing = 0;
    gr_text folds = {0};
    for (int f = 0; f < split->fold_count; f++) {
        bool used = gr_split_rows(split, f, part, NULL) > 0;
        if (used && !has_kind(split, f, kind, part, m) && missing++ < LINES_MAX)
            gr_text_printf(&folds, "%s%s", missing > 1 ? ", " : "", split->folds[f].name);
    }
    if (missing > 0)
        gr_text_printf(out, "no %s %s in the %s part of fold%s %s%s\n",
                       m->labels != NULL ? "image of class" : "label in column",
                       m->labels != NULL ? m->classes[kind] : m->value_columns[kind], gr_part_name(part),
                       missing > 1 ? "s" : "", folds.data != NULL ? folds.data : "", missing > LINES_MAX ? ", ..." : "");
    out->failed = out->failed || folds.failed;
    gr_text_free(&folds);
}

void gr_table_split(gr_text *out, const gr_split *split, const gr_manifest *m)
{
    const char *const *names;
    int name_width = 4, columns = heads_of(m, &names), kinds = m->labels != NULL ? m->class_count : m->value_count;
    int class_width = widest(NULL, names, columns, 6);
    for (int f = 0; f < split->fold_count; f++)
        name_width = widest(NULL, &split->folds[f].name, 1, name_width);
    uint8_t *seen = gr_alloc((size_t)m->group_count, 1);
    if (seen == NULL) {
        out->failed = true;
        return;
    }
    put(out, "fold", name_width, false);
    gr_text_printf(out, "  part %s  images", m->groups != NULL ? "  groups" : "");
    for (int c = 0; c < columns; c++) {
        gr_text_printf(out, "  ");
        put(out, names[c], class_width, true);
    }
    gr_text_printf(out, "\n");
    for (int f = 0; f < split->fold_count; f++)
        for (int p = GR_PART_TRAIN; p < GR_PART_COUNT; p++)
            part_line(out, split, f, (gr_part)p, m, name_width, class_width, seen);
    for (int c = 0; c < kinds; c++)
        for (int p = GR_PART_TRAIN; p < GR_PART_COUNT; p++)
            missing_line(out, split, c, (gr_part)p, m);
    gr_free(seen);
}
