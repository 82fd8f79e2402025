/* Any folder to a manifest: columns from the paths of its images by a pattern, more of them from a table, and columns whose
 * values follow from others. */
#include <string.h>

#include "import/files.h"
#include "formats/csv.h"
#include "grimace/import.h"
#include "import/path_pattern.h"

enum { MOST_RULES = 16, MOST_PAIRS = 64 };

/* "effect=time:30min=1,*=0": the column `target` has the text to[i] where `source` has when[i]; "*": everything else. Or
 * "session={treatment}-{time}": the text with columns put in. */
typedef struct rule {
    int target;
    const char *text; /* with {columns}; NULL: the other kind */
    int source;
    const char *when[MOST_PAIRS], *to[MOST_PAIRS];
    int count;
} rule;

/* The import under way. Columns: the pattern's fields, the table's others, the rules' new ones. */
typedef struct importer {
    const char *folder;
    const gr_import_paths_options *options;
    gr_arena *arena;
    gr_image_files files;
    gr_path_pattern pattern;
    gr_csv *table;
    int *shared;       /* [table columns]: the field that the column is, or -1 */
    const char **keys; /* [table rows]: the shared columns' values, together */
    int64_t *order;    /* [table rows], of keys */
    bool *used;        /* [table rows] */
    rule rules[MOST_RULES];
    int rule_count;
    const char **columns; /* [column_count], names */
    int column_count;
    int64_t trimmed; /* names in paths that have blanks at an end */
    gr_error *err;
} importer;

static gr_status no_memory(const importer *im)
{
    return gr_fail(im->err, GR_NOMEM, "%s: no memory for its manifest", im->folder);
}

static int find_column(const importer *im, const char *name)
{
    for (int i = 0; i < im->column_count; i++)
        if (strcmp(im->columns[i], name) == 0)
            return i;
    return -1;
}

static void put(gr_text *out, const char *text)
{
    gr_text_add(out, text, strlen(text));
}

/* ---- the table ------------------------------------------------------------------------------------------------------- */

/* The values of the shared columns behind each other, each with a byte at its end that no text holds. */
static const char *key_of(const importer *im, int64_t row, const char *const *values)
{
    gr_text key = {0};
    for (int c = 0; c < im->table->columns; c++)
        if (im->shared[c] >= 0) {
            put(&key, row >= 0 ? gr_csv_field(im->table, row, c) : values[im->shared[c]]);
            gr_text_add(&key, "\x01", 1);
        }
    const char *text = key.failed ? NULL : gr_arena_strdup(im->arena, key.data);
    gr_text_free(&key);
    return text;
}

static gr_status find_twins(const importer *im)
{
    for (int64_t i = 1; i < im->table->rows; i++)
        if (strcmp(im->keys[im->order[i - 1]], im->keys[im->order[i]]) == 0)
            return gr_fail(im->err, GR_INVALID, "%s:%lld: has the same names as line %lld; one row for each would be right",
                           im->table->path, (long long)im->table->line[im->order[i]],
                           (long long)im->table->line[im->order[i - 1]]);
    return GR_OK;
}

/* Reads the table, and which of its columns are fields. */
static gr_status open_table(importer *im)
{
    int found = 0;
    gr_status status = gr_csv_read(im->options->table, &im->table, im->err);
    if (status != GR_OK)
        return status;
    if (im->options->notices != NULL)
        gr_csv_say(im->table, im->options->notices);
    size_t rows = (size_t)im->table->rows;
    im->shared = gr_arena_alloc(im->arena, (size_t)im->table->columns, sizeof *im->shared);
    im->keys = gr_arena_alloc(im->arena, rows + 1, sizeof *im->keys);
    im->used = gr_arena_alloc(im->arena, rows + 1, sizeof *im->used);
    if (im->shared == NULL || im->keys == NULL || im->used == NULL)
        return no_memory(im);
    for (int c = 0; c < im->table->columns; c++) {
        im->shared[c] = -1;
        for (int f = 0; f < im->pattern.field_count; f++)
            if (strcmp(im->table->header[c], im->pattern.fields[f]) == 0)
                im->shared[c] = f;
        found += im->shared[c] >= 0;
        if (strcmp(im->table->header[c], "image") == 0)
            return gr_fail(im->err, GR_INVALID,
                           "%s:%lld: the column image is the manifest's own; {file} in --path and a column "
                           "file would be right",
                           im->table->path, (long long)im->table->header_line);
    }
    if (found == 0)
        return gr_fail(
            im->err, GR_INVALID,
            "%s:%lld: no column has the name of a field of --path, so its rows belong to no image; a column %s would "
            "be right",
            im->table->path, (long long)im->table->header_line,
            im->pattern.field_count > 0 ? im->pattern.fields[0] : "file");
    for (int64_t r = 0; r < im->table->rows; r++)
        if ((im->keys[r] = key_of(im, r, NULL)) == NULL)
            return no_memory(im);
    im->order = gr_names_sort(im->keys, im->table->rows);
    return im->order != NULL ? find_twins(im) : no_memory(im);
}

/* Puts the values of the image's row of the table behind its fields. */
static gr_status take_row(const importer *im, const char *file, const char **values)
{
    if (im->table == NULL)
        return GR_OK;
    const char *key = key_of(im, -1, values);
    if (key == NULL)
        return no_memory(im);
    int64_t row = gr_names_find(im->keys, im->order, im->table->rows, key);
    if (row < 0)
        return gr_fail(im->err, GR_INVALID, "%s: has no row for %s/%s", im->table->path, im->folder, file);
    int at = im->pattern.field_count;
    im->used[row] = true;
    for (int c = 0; c < im->table->columns; c++)
        if (im->shared[c] < 0)
            values[at++] = gr_csv_field(im->table, row, c);
    return GR_OK;
}

/* ---- rules ----------------------------------------------------------------------------------------------------------- */

static gr_status bad_rule(const importer *im, const char *text)
{
    return gr_fail(
        im->err, GR_INVALID,
        "--set: \"%.60s\" is not understood; effect=time:30min=1,150min=1,*=0 or session={day}-{time} would be right", text);
}

/* The column called by name[length]. */
static gr_status need_column(const importer *im, const char *name, size_t length, int *column)
{
    char wanted[80];
    for (int i = 0; i < im->column_count; i++)
        if (strncmp(im->columns[i], name, length) == 0 && im->columns[i][length] == '\0') {
            *column = i;
            return GR_OK;
        }
    snprintf(wanted, sizeof wanted, "%.*s", (int)(length < 79 ? length : 79), name);
    const char *near = gr_nearest(wanted, im->columns, (size_t)im->column_count);
    return gr_fail(im->err, GR_INVALID, "--set: there is no column %.40s%s%s%s", wanted,
                   near != NULL ? ", did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "");
}

/* Cuts `text` at its first `mark`; gives what stands behind, or NULL where there is no mark. */
static char *cut(char *text, char mark)
{
    char *at = strchr(text, mark);
    if (at != NULL)
        *at++ = '\0';
    return at;
}

/* "30min=1,*=0" */
static gr_status read_pairs(const importer *im, char *pairs, const char *whole, rule *r)
{
    for (char *pair = pairs; pair != NULL;) {
        char *rest = cut(pair, ','), *to = cut(pair, '=');
        if (to == NULL || *pair == '\0' || r->count == MOST_PAIRS)
            return bad_rule(im, whole);
        r->when[r->count] = pair;
        r->to[r->count++] = to;
        pair = rest;
    }
    return GR_OK;
}

/* Every {column} of the text must be one. */
static gr_status check_text(const importer *im, const char *text, const char *whole)
{
    gr_status status = GR_OK;
    for (const char *c = text; status == GR_OK && (c = strchr(c, '{')) != NULL; c++) {
        const char *end = strchr(c, '}');
        int unused;
        status = end != NULL ? need_column(im, c + 1, (size_t)(end - c - 1), &unused) : bad_rule(im, whole);
    }
    return status;
}

/* Reads one rule, which may speak of the columns of rules before it. */
static gr_status read_rule(importer *im, char *name)
{
    const char *whole = gr_arena_strdup(im->arena, name);
    if (whole == NULL)
        return no_memory(im);
    if (im->rule_count == MOST_RULES)
        return gr_fail(im->err, GR_INVALID, "--set: has more than %d columns", MOST_RULES);
    rule *r = &im->rules[im->rule_count++];
    char *value = cut(name, '=');
    if (value == NULL || *name == '\0' || *value == '\0')
        return bad_rule(im, whole);
    if (strcmp(name, "image") == 0)
        return gr_fail(im->err, GR_INVALID, "--set: the column image is the path itself");
    gr_status status;
    if (strchr(value, '{') != NULL) {
        r->text = value;
        status = check_text(im, value, whole);
    } else {
        char *pairs = cut(value, ':');
        status = need_column(im, value, strlen(value), &r->source);
        if (status == GR_OK)
            status = pairs != NULL ? read_pairs(im, pairs, whole, r) : bad_rule(im, whole);
    }
    r->target = find_column(im, name);
    if (r->target < 0) {
        r->target = im->column_count;
        im->columns[im->column_count++] = name;
    }
    return status;
}

static gr_status read_rules(importer *im)
{
    char *text = gr_arena_strdup(im->arena, im->options->set != NULL ? im->options->set : "");
    if (text == NULL)
        return no_memory(im);
    gr_status status = GR_OK;
    for (char *one = *text != '\0' ? text : NULL; status == GR_OK && one != NULL;) {
        char *rest = cut(one, ';');
        while (*one == ' ')
            one++;
        status = read_rule(im, one);
        one = rest;
    }
    return status;
}

/* The text with the columns' values put in; NULL when memory is short. */
static const char *expand(const importer *im, const char *text, const char *const *values)
{
    gr_text out = {0};
    for (const char *c = text; *c != '\0'; c++) {
        size_t plain = strcspn(c, "{");
        gr_text_add(&out, c, plain);
        c += plain;
        if (*c == '\0')
            break;
        const char *end = strchr(c, '}');
        int column = -1;
        if (need_column(im, c + 1, (size_t)(end - c - 1), &column) == GR_OK)
            put(&out, values[column]);
        c = end;
    }
    const char *made = out.failed || out.data == NULL ? NULL : gr_arena_strdup(im->arena, out.data);
    gr_text_free(&out);
    return made;
}

/* Sets values[column] by one rule after the other. */
static gr_status apply_rules(const importer *im, const char *file, const char **values)
{
    for (int i = 0; i < im->rule_count; i++) {
        const rule *r = &im->rules[i];
        const char *made = r->text != NULL ? expand(im, r->text, values) : NULL, *value = values[r->source];
        if (r->text != NULL && made == NULL)
            return no_memory(im);
        for (int at = 0; made == NULL && at < r->count; at++)
            if (strcmp(r->when[at], value) == 0 || strcmp(r->when[at], "*") == 0)
                made = r->to[at];
        if (made == NULL)
            return gr_fail(im->err, GR_INVALID,
                           "%s/%s: %s is \"%.60s\", of which --set says nothing; %.60s=... or *=... would be right",
                           im->folder, file, im->columns[r->source], value, value);
        values[r->target] = made;
    }
    return GR_OK;
}

/* ---- the manifest ---------------------------------------------------------------------------------------------------- */

/* Notes the columns of pattern and table. */
static gr_status name_columns(importer *im)
{
    size_t most = (size_t)im->pattern.field_count + (im->table != NULL ? (size_t)im->table->columns : 0) + MOST_RULES;
    im->columns = gr_arena_alloc(im->arena, most, sizeof *im->columns);
    if (im->columns == NULL)
        return no_memory(im);
    for (int f = 0; f < im->pattern.field_count; f++)
        im->columns[im->column_count++] = im->pattern.fields[f];
    for (int c = 0; im->table != NULL && c < im->table->columns; c++)
        if (im->shared[c] < 0)
            im->columns[im->column_count++] = im->table->header[c];
    return GR_OK;
}

/* Takes the blanks off both ends of the fields' values, as a table's reader does. */
static gr_status trim_fields(importer *im, const char **values)
{
    for (int f = 0; f < im->pattern.field_count; f++) {
        const char *from = values[f], *to = from + strlen(from);
        for (size_t length; from < to && (length = gr_blank(from)) > 0;)
            from += length;
        for (size_t length; to > from && (length = gr_blank_before(from, to)) > 0;)
            to -= length;
        if (from == values[f] && *to == '\0')
            continue;
        im->trimmed++;
        if ((values[f] = gr_arena_strndup(im->arena, from, (size_t)(to - from))) == NULL)
            return no_memory(im);
    }
    return GR_OK;
}

static gr_status put_image(importer *im, const char *file, const char *prefix, const char **values, gr_text *out)
{
    bool matched;
    gr_status status = gr_path_pattern_match(&im->pattern, file, im->arena, values, &matched, im->err);
    if (status == GR_OK && !matched)
        status = gr_fail(im->err, GR_INVALID, "%s/%s: does not look like %s, which stands behind --path", im->folder, file,
                         im->options->pattern);
    if (status == GR_OK)
        status = trim_fields(im, values);
    if (status == GR_OK)
        status = take_row(im, file, values);
    if (status == GR_OK)
        status = apply_rules(im, file, values);
    const char *image = status == GR_OK ? gr_arena_join(im->arena, prefix[0] == '\0' && gr_blank(file) > 0 ? "./" : "", prefix,
                                                        file)
                                        : NULL; /* a blank at the beginning would be taken for one around the value */
    if (status == GR_OK && image == NULL)
        status = no_memory(im);
    if (status != GR_OK)
        return status;
    gr_csv_put(out, image, im->column_count > 0 ? ',' : '\n');
    for (int c = 0; c < im->column_count; c++)
        gr_csv_put(out, values[c], c + 1 < im->column_count ? ',' : '\n');
    return GR_OK;
}

static gr_status write_manifest(importer *im, const char *path, gr_import_paths_counts *counts)
{
    gr_text out = {0};
    char *prefix = gr_image_files_prefix(im->folder, path);
    const char **values = gr_arena_alloc(im->arena, (size_t)im->column_count + 1, sizeof *values);
    gr_status status = GR_OK;
    if (values == NULL)
        status = no_memory(im);
    else if (prefix == NULL)
        status = gr_fail(im->err, GR_INVALID, "%s: its folder is not there", path);
    gr_csv_put(&out, "image", im->column_count > 0 ? ',' : '\n');
    for (int c = 0; c < im->column_count; c++)
        gr_csv_put(&out, im->columns[c], c + 1 < im->column_count ? ',' : '\n');
    for (; status == GR_OK && counts->images < im->files.count; counts->images++)
        status = put_image(im, im->files.items[counts->images], prefix, values, &out);
    if (im->trimmed > 0 && im->options->notices != NULL)
        gr_text_printf(im->options->notices, "%s: %lld name%s in paths %s blanks at an end, written without\n", im->folder,
                       (long long)im->trimmed, im->trimmed == 1 ? "" : "s", im->trimmed == 1 ? "has" : "have");
    for (int64_t r = 0; im->table != NULL && r < im->table->rows; r++)
        counts->unused_rows += !im->used[r];
    if (status == GR_OK)
        status = out.failed ? no_memory(im) : gr_file_write(path, out.data, out.size, im->err);
    gr_free(prefix);
    gr_text_free(&out);
    return status;
}

/* The two things that are read, side by side: the table and the folder, each with its own memory and error. */
typedef struct reading {
    importer *im;
    gr_arena *arena; /* of the folder's list */
    gr_status table, files;
    gr_error files_err;
} reading;

static void read_one(void *ctx, int64_t index, int thread)
{
    reading *r = ctx;
    (void)thread;
    if (index == 0 && r->im->options->table != NULL)
        r->table = open_table(r->im);
    if (index == 1)
        r->files = gr_image_files_find(r->im->folder, r->arena, &r->im->files, &r->files_err);
}

/* Reads the table, the rules and the folder; what is wrong is told of in this order. */
static gr_status read_all(importer *im, gr_arena *arena)
{
    reading r = {.im = im, .arena = arena};
    gr_parallel_for(2, read_one, &r);
    gr_status status = r.table;
    if (status == GR_OK)
        status = name_columns(im);
    if (status == GR_OK)
        status = read_rules(im);
    return status == GR_OK && r.files != GR_OK ? gr_fail(im->err, r.files, "%s", r.files_err.text) : status;
}

gr_status gr_import_paths(const char *folder, const char *path, const gr_import_paths_options *options,
                          gr_import_paths_counts *counts, gr_error *err)
{
    *counts = (gr_import_paths_counts){0};
    importer im = {.folder = folder, .options = options, .arena = gr_arena_create(), .err = err};
    gr_arena *files = gr_arena_create();
    gr_status status = im.arena != NULL && files != NULL ? gr_path_pattern_read(options->pattern, im.arena, &im.pattern, err)
                                                         : no_memory(&im);
    if (status == GR_OK)
        status = read_all(&im, files);
    if (status == GR_OK && im.files.left_out != NULL)
        snprintf(counts->left_out, sizeof counts->left_out, "%s", im.files.left_out);
    if (status == GR_OK)
        status = write_manifest(&im, path, counts);
    gr_free(im.order);
    gr_csv_destroy(im.table);
    gr_arena_destroy(files);
    gr_arena_destroy(im.arena);
    return status;
}
