/* YOLO's labels: a .txt for each picture with lines `class x y w h`, shares of the picture with the box's middle; a pose adds
 * `x y v` or `x y` for each key point, saved predictions their score behind that, and tracks a number behind the score. */
#include "import/yolo_classes.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "import/importers.h"

enum { MOST_NUMBERS = 7 + 3 * GR_YOLO_POINTS, LABEL_LIMIT = 64 << 20, LINE_SET = 64 };

/* The lines of a file that were seen: hashes, each with the number of its file. */
typedef struct line_set {
    uint64_t *hashes;
    int64_t *files;
    size_t room, count; /* a power of two; of this file */
} line_set;

typedef struct reader {
    gr_yolo_classes classes;
    int64_t point_names[GR_YOLO_POINTS]; /* numbers of names, once there are points */
    int points;                          /* of all lines; -1: not known yet */
    int64_t file;                        /* a number */
    line_set lines;
    const char *path;
    int64_t line;
    double numbers[MOST_NUMBERS];
    int count;
} reader;

static gr_status refuse(const reader *r, const char *what, gr_error *err)
{
    return gr_fail(err, GR_INVALID, "%s:%lld: %s", r->path, (long long)r->line, what);
}

/* ---- lines that are there twice ----------------------------------------------------------------------------------------- */

static bool grow_lines(line_set *set, int64_t file)
{
    size_t room = set->room > 0 ? 2 * set->room : LINE_SET;
    line_set grown = {gr_alloc(room, sizeof *grown.hashes), gr_alloc(room, sizeof *grown.files), room, set->count};
    if (grown.hashes == NULL || grown.files == NULL) {
        gr_free(grown.hashes);
        gr_free(grown.files);
        return false;
    }
    for (size_t i = 0; i < set->room; i++)
        if (set->files[i] == file) {
            size_t at = set->hashes[i] & (room - 1);
            while (grown.files[at] == file)
                at = (at + 1) & (room - 1);
            grown.hashes[at] = set->hashes[i];
            grown.files[at] = file;
        }
    gr_free(set->hashes);
    gr_free(set->files);
    *set = grown;
    return true;
}

/* Is the line there already? It is kept. */
static gr_status see_line(reader *r, const char *line, bool *seen, gr_error *err)
{
    line_set *set = &r->lines;
    uint64_t hash = gr_hash_text(0, line);
    hash ^= hash >> 29;
    if (2 * set->count >= set->room && !grow_lines(set, r->file))
        return gr_marks_no_memory(err);
    size_t at = hash & (set->room - 1);
    while (set->files[at] == r->file && set->hashes[at] != hash)
        at = (at + 1) & (set->room - 1);
    *seen = set->files[at] == r->file;
    set->count += !*seen;
    set->hashes[at] = hash;
    set->files[at] = r->file;
    return GR_OK;
}

/* ---- a line --------------------------------------------------------------------------------------------------------------- */

/* Cuts the line in place. */
static gr_status read_numbers(reader *r, char *line, gr_error *err)
{
    r->count = 0;
    for (char *at = line, *end; *(at += strspn(at, " \t")) != '\0'; at = end) {
        end = at + strcspn(at, " \t");
        if (*end != '\0')
            *end++ = '\0';
        if (r->count == MOST_NUMBERS || !gr_parse_double(at, &r->numbers[r->count]))
            return gr_fail(err, GR_INVALID, "%s:%lld: \"%.40s\" %s", r->path, (long long)r->line, at,
                           r->count == MOST_NUMBERS ? "is one number too many" : "is no number, `class x y w h` would be right");
        r->count++;
    }
    if (r->count < 5)
        return refuse(r, "has fewer than the five numbers `class x y w h`", err);
    if (r->numbers[0] < 0 || r->numbers[0] != floor(r->numbers[0]) || r->numbers[0] > 1e6)
        return refuse(r, "does not begin with the number of a class", err);
    for (int i = 1; i < 5; i++)
        if (r->numbers[i] < -0.5 || r->numbers[i] > 1.5)
            return refuse(r, "has a box that is no share of the picture: numbers from 0 to 1 would be right, no pixels", err);
    return GR_OK;
}

static bool is_whole(double v)
{
    return v >= 0 && v == floor(v);
}

/* Are the numbers from the sixth on threes whose last is 0, 1 or 2? */
static bool are_visible(const reader *r, int points)
{
    for (int i = 0; i < points; i++) {
        double v = r->numbers[7 + 3 * i];
        if (v != 0 && v != 1 && v != 2)
            return false;
    }
    return points > 0;
}

/* How many key points of how many numbers the line has, and how many numbers stand behind them: a score, a track. */
static gr_status read_form(const reader *r, int *points, int *each, int *behind, gr_error *err)
{
    int rest = r->count - 5;
    *points = r->classes.points;
    *each = r->classes.numbers;
    if (*points > 0) {
        *behind = rest - *points * *each;
        return *behind >= 0 && *behind <= 2
                   ? GR_OK
                   : gr_fail(err, GR_INVALID, "%s:%lld: has %d numbers behind its box, %d points of %d numbers are expected",
                             r->path, (long long)r->line, rest, *points, *each);
    }
    *each = 3;
    *points = rest <= 2 ? 0 : rest / 3;
    *behind = rest - 3 * *points;
    bool good = *points == 0 || are_visible(r, *points);
    if (good && *behind == 2)
        good = is_whole(r->numbers[r->count - 1]);
    if (good)
        return GR_OK;
    return gr_fail(err, GR_INVALID,
                   "%s:%lld: has %d numbers behind its box, which may mean several things (points of two or three numbers, a "
                   "score, a polygon); --points 17x3 or kpt_shape in data.yaml says it",
                   r->path, (long long)r->line, rest);
}

static gr_status name_points(gr_marks *marks, reader *r, int points, gr_error *err)
{
    if (r->points >= 0)
        return r->points == points ? GR_OK
                                   : gr_fail(err, GR_INVALID, "%s:%lld: has %d points, the lines before have %d", r->path,
                                             (long long)r->line, points, r->points);
    r->points = points;
    for (int i = 0; i < points; i++) {
        char number[24];
        snprintf(number, sizeof number, "%d", i + 1);
        const char *name = r->classes.point_names != NULL ? r->classes.point_names[i] : NULL;
        r->point_names[i] = gr_marks_declare(marks, name != NULL ? name : number, err);
        if (r->point_names[i] < 0)
            return err->status;
    }
    return GR_OK;
}

static gr_status put_points(gr_marks *marks, reader *r, int points, int each, gr_error *err)
{
    gr_status status = name_points(marks, r, points, err);
    for (int i = 0; status == GR_OK && i < points; i++) {
        const double *at = r->numbers + 5 + i * each;
        bool absent = each == 3 ? at[2] == 0 : at[0] == 0 && at[1] == 0;
        bool chance = each == 3 && !is_whole(at[2]); /* a prediction's */
        if (absent)
            gr_marks_lack(marks, GR_LACK_ABSENT);
        else if (!chance || !gr_marks_unsure(marks, at[2]))
            status = gr_marks_point_of(marks, r->point_names[i], at[0], at[1], each == 3 && at[2] == 1, err);
    }
    return status;
}

static gr_status name_class(const reader *r, char number[24], const char **name, gr_error *err)
{
    int64_t which = (int64_t)r->numbers[0];
    snprintf(number, 24, "%lld", (long long)which);
    *name = number;
    if (r->classes.count == 0)
        return GR_OK;
    if (which >= r->classes.count || r->classes.names[which] == NULL)
        return gr_fail(err, GR_INVALID, "%s:%lld: the class %lld has no name among the %d", r->path, (long long)r->line,
                       (long long)which, r->classes.count);
    *name = r->classes.names[which];
    return GR_OK;
}

static gr_status put_line(gr_marks *marks, reader *r, gr_error *err)
{
    int points, each, behind;
    char number[24], track[24];
    const char *name;
    gr_status status = read_form(r, &points, &each, &behind, err);
    if (status == GR_OK)
        status = name_class(r, number, &name, err);
    if (status != GR_OK)
        return status;
    double score = behind > 0 ? r->numbers[5 + points * each] : NAN;
    snprintf(track, sizeof track, "%.0f", r->numbers[r->count - 1]);
    if (behind > 0 && gr_marks_unsure(marks, score))
        return GR_OK;
    status = gr_marks_object(marks, name, behind == 2 ? track : NULL, err);
    if (status != GR_OK)
        return status;
    const double *box = r->numbers + 1;
    gr_marks_box(marks, box[0] - box[2] / 2, box[1] - box[3] / 2, box[2], box[3]);
    marks->objects[marks->object_count - 1].score = score;
    return points > 0 ? put_points(marks, r, points, each, err) : GR_OK;
}

/* ---- files ---------------------------------------------------------------------------------------------------------------- */

/* The folder of the pictures: `labels` in the path becomes `images` where that is there. GIVES it. */
static char *images_folder(const char *folder)
{
    const char *last = NULL;
    for (const char *at = folder; (at = strstr(at, "labels")) != NULL; at++)
        if ((at == folder || at[-1] == '/') && (at[6] == '/' || at[6] == '\0'))
            last = at;
    gr_text mapped = {0};
    if (last != NULL)
        gr_text_printf(&mapped, "%.*simages%s", (int)(last - folder), folder, last + 6);
    if (last == NULL || (mapped.data != NULL && !gr_is_folder(mapped.data))) {
        gr_text_free(&mapped);
        return gr_strdup(folder);
    }
    return mapped.failed ? NULL : mapped.data;
}

static gr_status read_lines(gr_marks *marks, reader *r, char *text, gr_error *err)
{
    gr_status status = GR_OK;
    r->line = 0;
    for (char *line = text, *next; status == GR_OK && line != NULL; line = next) {
        bool seen = false;
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        line[strcspn(line, "\r")] = '\0';
        r->line++;
        if (line[strspn(line, " \t")] == '\0')
            continue;
        status = see_line(r, line, &seen, err);
        if (status == GR_OK && seen)
            gr_marks_lack(marks, GR_LACK_LINE);
        else if (status == GR_OK)
            status = read_numbers(r, line, err);
        if (status == GR_OK && !seen)
            status = put_line(marks, r, err);
    }
    return status;
}

static gr_status read_file(gr_marks *marks, const char *path, void *ctx, gr_error *err)
{
    reader *r = ctx;
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    char *text, *folder = gr_path_folder(path), *images = folder != NULL ? images_folder(folder) : NULL;
    size_t size;
    gr_text picture = {0};
    if (strcmp(name, "classes.txt") == 0) {
        gr_free(folder);
        gr_free(images);
        return GR_OK;
    }
    gr_text_printf(&picture, "%.*s.*", (int)(strlen(name) > 4 ? strlen(name) - 4 : strlen(name)), name);
    r->path = path;
    r->file++;
    r->lines.count = 0;
    gr_status status = images == NULL || picture.failed ? gr_marks_no_memory(err)
                                                        : gr_marks_picture(marks, images, picture.data, 0, 0, err);
    if (status == GR_OK)
        status = gr_file_read(path, LABEL_LIMIT, &text, &size, err);
    if (status == GR_OK) {
        status = strlen(text) == size ? read_lines(marks, r, text, err)
                                      : gr_fail(err, GR_INVALID, "%s: holds a NUL byte, labels are text", path);
        gr_free(text);
    }
    gr_text_free(&picture);
    gr_free(folder);
    gr_free(images);
    return status;
}

/* ---- pictures without labels ------------------------------------------------------------------------------------------------ */

static bool is_picture(const char *name, size_t *stem)
{
    static const char *const endings[] = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot != NULL && name[0] != '.' && i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(dot, endings[i]) == 0) {
            *stem = (size_t)(dot - name);
            return true;
        }
    return false;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static gr_status look_at(gr_marks *marks, const char *folder, const char *name, gr_error *err)
{
    size_t stem;
    gr_text key = {0};
    if (!is_picture(name, &stem))
        return GR_OK;
    gr_text_printf(&key, "%s\x01%.*s.*", folder, (int)stem, name);
    bool known = !key.failed && gr_table_find(&marks->files, key.data) >= 0;
    gr_status status = key.failed ? gr_marks_no_memory(err) : GR_OK;
    if (status == GR_OK && !known) {
        gr_marks_lack_at(marks, GR_LACK_LABELS, name);
        if (marks->request->empty)
            status = gr_marks_picture(marks, folder, name, 0, 0, err);
    }
    gr_text_free(&key);
    return status;
}

static gr_status look_through(gr_marks *marks, const char *folder, gr_error *err)
{
    struct dirent **entries; /* the system's own blocks */
    int count = scandir(folder, &entries, NULL, by_name);
    gr_status status = GR_OK;
    for (int i = 0; i < count; i++) {
        if (status == GR_OK)
            status = look_at(marks, folder, entries[i]->d_name, err);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return status;
}

/* Every folder in which a labelled picture should be. */
static gr_status look_for_pictures(gr_marks *marks, gr_error *err)
{
    gr_status status = GR_OK;
    int64_t labelled = marks->picture_count, texts = marks->texts.count;
    bool *seen = gr_alloc((size_t)texts + 1, sizeof *seen);
    if (seen == NULL)
        return gr_marks_no_memory(err);
    for (int64_t i = 0; status == GR_OK && i < labelled; i++) {
        int64_t folder = marks->pictures[i].folder;
        if (!seen[folder])
            status = look_through(marks, marks->texts.items[folder], err);
        seen[folder] = true;
    }
    gr_free(seen);
    return status;
}

gr_status gr_read_yolo(gr_marks *marks, gr_error *err)
{
    reader *r = gr_alloc(1, sizeof *r);
    if (r == NULL)
        return gr_marks_no_memory(err);
    r->points = -1;
    marks->shares = true;
    gr_status status = gr_yolo_classes_find(marks, &r->classes, err);
    if (status == GR_OK)
        status = gr_marks_each_file(marks, ".txt", read_file, r, err);
    if (status == GR_OK)
        status = look_for_pictures(marks, err);
    gr_free(r->lines.hashes);
    gr_free(r->lines.files);
    gr_free(r);
    return status;
}
