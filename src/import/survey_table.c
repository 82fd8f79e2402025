/* Which of a folder's tables lists its pictures, and in which column. */
#include "import/survey_table.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/table.h"

enum { MOST_TABLES = 100 };

/* Pictures by what a table may call them. */
typedef struct lookup {
    gr_table names[3]; /* the whole path, the file's name, the same without its ending */
    int64_t *image[3]; /* the picture of each; -1: several */
    const char *const *paths;
    int64_t images;
} lookup;

static void free_lookup(lookup *x)
{
    for (int i = 0; i < 3; i++) {
        gr_table_free(&x->names[i]);
        gr_free(x->image[i]);
    }
}

/* The file's name in `path`, and how much of it is left without its ending. */
static const char *file_of(const char *path, size_t *stem)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path, *dot = strrchr(name, '.');
    *stem = dot != NULL && dot > name ? (size_t)(dot - name) : strlen(name);
    return name;
}

static bool make_lookup(lookup *x, gr_arena *arena, const char *const *paths, int64_t images)
{
    *x = (lookup){.paths = paths, .images = images};
    for (int n = 0; n < 3; n++) {
        x->image[n] = gr_alloc((size_t)images + 1, sizeof *x->image[n]);
        for (int64_t i = 0; i < images; i++) {
            size_t stem;
            const char *name = file_of(paths[i], &stem), *text = n == 0 ? paths[i] : name;
            int64_t before = x->names[n].count;
            int64_t at = x->image[n] != NULL ? gr_table_add(&x->names[n], arena, text, n == 2 ? stem : strlen(text)) : -1;
            if (at < 0)
                return false;
            x->image[n][at] = at == before ? i : -1;
        }
    }
    return true;
}

/* The picture that a cell names, or -1. Back slashes separate folders, too, and what stands before may be another machine's.
 */
static int64_t find_image(const lookup *x, const char *cell)
{
    char path[1024];
    size_t length = strlen(cell), stem;
    if (length == 0 || length >= sizeof path)
        return -1;
    memcpy(path, cell, length + 1);
    for (char *c = path; *c != '\0'; c++)
        *c = *c == '\\' ? '/' : *c;
    for (const char *from = gr_starts_with(path, "./") ? path + 2 : path; from != NULL; from = strchr(from, '/')) {
        from += *from == '/';
        int64_t at = gr_table_find(&x->names[0], from);
        if (at >= 0)
            return x->image[0][at];
    }
    const char *name = file_of(path, &stem);
    for (int n = 1; n < 3; n++) {
        int64_t at = gr_table_find(&x->names[n], name);
        if (at >= 0)
            return x->image[n][at];
    }
    return -1;
}

/* The column that names the most pictures, and how many cells of it do. */
static int naming_column(const lookup *x, const gr_csv *csv, int64_t *named)
{
    int found = -1;
    *named = 0;
    for (int c = 0; c < csv->columns; c++) {
        int64_t count = 0, bare = 0;
        for (int64_t r = 0; r < csv->rows; r++) {
            const char *cell = gr_csv_field(csv, r, c);
            bool found_it = find_image(x, cell) >= 0;
            count += found_it;
            bare += found_it && cell[strspn(cell, "0123456789")] == '\0';
        }
        if (bare == count && 10 * count < 9 * csv->rows) /* any number may happen to be a picture's */
            continue;
        if (count > *named) {
            found = c;
            *named = count;
        }
    }
    return found;
}

/* The rows of the pictures. */
static gr_status take_rows(const lookup *x, gr_arena *arena, gr_survey_table *t, gr_error *err)
{
    t->row = gr_alloc((size_t)x->images + 1, sizeof *t->row);
    if (t->row == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory for its rows", t->csv->path);
    for (int64_t i = 0; i < x->images; i++)
        t->row[i] = -1;
    for (int64_t r = 0; r < t->csv->rows; r++) {
        const char *cell = gr_csv_field(t->csv, r, t->column);
        int64_t image = find_image(x, cell);
        if (image < 0) {
            if (t->unlisted++ == 0)
                t->first_unlisted = gr_arena_strdup(arena, cell);
        } else if (t->row[image] >= 0)
            return gr_fail(
                err, GR_INVALID,
                "%s:%lld: %s: \"%.200s\" has a row already, on line %lld; a row for each picture would be right (of several "
                "raters' rows `grimace data label` makes one)",
                t->csv->path, (long long)t->csv->line[r], t->csv->header[t->column], cell,
                (long long)t->csv->line[t->row[image]]);
        else {
            t->row[image] = r;
            t->listed++;
        }
    }
    return GR_OK;
}

/* ---- the files -------------------------------------------------------------------------------------------------------- */

static bool ends_as_table(const char *name)
{
    static const char *const endings[] = {".csv", ".tsv", ".txt"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (name[0] != '.' && length > 4 && strcasecmp(name + length - 4, endings[i]) == 0)
            return true;
    return false;
}

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* The files of `folder` that may be tables, in the order of their names. false: memory is short. */
static bool list_tables(const char *folder, const char *except, gr_arena *arena, const char **out, int *count)
{
    DIR *dir = opendir(folder);
    bool good = true;
    *count = 0;
    for (struct dirent *entry; good && dir != NULL && (entry = readdir(dir)) != NULL;) {
        if (!ends_as_table(entry->d_name) || *count == MOST_TABLES)
            continue;
        const char *path = gr_arena_printf(arena, "%s/%s", folder, entry->d_name);
        good = path != NULL;
        if (good && (except == NULL || !same_file(path, except)))
            out[(*count)++] = path;
    }
    if (dir != NULL)
        closedir(dir);
    for (int i = 1; i < *count; i++)
        for (int j = i; j > 0 && strcmp(out[j], out[j - 1]) < 0; j--) {
            const char *path = out[j];
            out[j] = out[j - 1];
            out[j - 1] = path;
        }
    return good;
}

/* Reads `path`, and takes it in place of *out where it names more pictures. A file that is no table is passed over. */
static gr_status try_table(const lookup *x, const char *path, gr_survey_table *out, int64_t *best, gr_error *err)
{
    gr_csv *csv;
    gr_error unread = {0};
    int64_t named = 0;
    gr_status status = gr_csv_read(path, &csv, &unread);
    if (status != GR_OK)
        return status == GR_NOMEM ? gr_fail(err, GR_NOMEM, "%s", unread.text) : GR_OK;
    int column = naming_column(x, csv, &named);
    if (column >= 0 && named > *best && 2 * named >= csv->rows) {
        gr_csv_destroy(out->csv);
        *out = (gr_survey_table){.csv = csv, .column = column};
        *best = named;
    } else
        gr_csv_destroy(csv);
    return GR_OK;
}

gr_status gr_survey_table_find(const char *folder, const char *except, const char *const *paths, int64_t images,
                               gr_arena *arena, gr_survey_table *out, gr_text *notices, gr_error *err)
{
    const char *files[MOST_TABLES];
    int count = 0;
    int64_t best = 0;
    lookup x;
    *out = (gr_survey_table){0};
    gr_status status = make_lookup(&x, arena, paths, images) && list_tables(folder, except, arena, files, &count)
                           ? GR_OK
                           : gr_fail(err, GR_NOMEM, "%s: no memory for its tables", folder);
    for (int i = 0; status == GR_OK && i < count; i++)
        status = try_table(&x, files[i], out, &best, err);
    if (status == GR_OK && out->csv != NULL) {
        gr_csv_say(out->csv, notices);
        status = take_rows(&x, arena, out, err);
    }
    free_lookup(&x);
    if (status != GR_OK)
        gr_survey_table_free(out);
    return status;
}

bool gr_survey_table_fields(const gr_survey_table *table, gr_survey_fields *fields, int64_t images)
{
    const gr_csv *csv = table->csv;
    for (int c = 0; c < csv->columns && fields->count < GR_SURVEY_FIELDS; c++) {
        if (c == table->column)
            continue;
        gr_survey_field *field = &fields->items[fields->count];
        *field = (gr_survey_field){.source = GR_FROM_TABLE, .place = c, .of = csv->columns};
        field->title = gr_arena_strdup(fields->arena, csv->header[c]);
        field->values = gr_arena_alloc(fields->arena, (size_t)images + 1, sizeof *field->values);
        bool good = field->title != NULL && field->values != NULL;
        for (int64_t i = 0; good && i < images; i++) {
            const char *cell = table->row[i] >= 0 ? gr_csv_field(csv, table->row[i], c) : "";
            field->values[i] = gr_csv_unknown(cell) ? "" : gr_arena_strdup(fields->arena, cell);
            good = field->values[i] != NULL;
        }
        if (!good || !gr_survey_count(fields, field, images))
            return false;
        fields->count++;
    }
    return true;
}

void gr_survey_table_free(gr_survey_table *table)
{
    gr_csv_destroy(table->csv);
    gr_free(table->row);
    *table = (gr_survey_table){0};
}
