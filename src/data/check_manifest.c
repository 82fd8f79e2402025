/* Checking a data set: rows, files, pictures, twins, and whether the classes and groups can be learnt from. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "data/check_near.h"
#include "data/picture_print.h"
#include "grimace/scan.h"

enum { FEW = 10 /* images of a class: fewer is a warning */, SMALL = 32 /* pixels a side */, FILE_LIMIT = 1 << 30 };

static void hear(void *ctx, int64_t line, const char *column, const char *text)
{
    gr_checker *ck = ctx;
    gr_check_found(ck, true, "%s:%lld: %s: %s", ck->path, (long long)line, column, text);
}

/* ---- pictures -------------------------------------------------------------------------------------------------------- */

static void check_pictures(gr_checker *ck)
{
    const gr_manifest *m = &ck->out->manifest;
    for (int64_t r = 0; r < m->rows; r++) {
        const gr_image_facts *f = &ck->out->facts[r];
        if (f->problem != NULL)
            gr_check_found(ck, true, "%s:%lld: image: %s", m->path, (long long)m->lines[r], f->problem);
        else if (f->width < SMALL || f->height < SMALL)
            gr_check_found(ck, false, "%s:%lld: image: %s is only %d x %d pixels", m->path, (long long)m->lines[r],
                           m->images[r], f->width, f->height);
    }
}

static void check_landmarks(gr_checker *ck)
{
    const gr_manifest *m = &ck->out->manifest;
    for (int64_t r = 0; r < m->rows; r++) {
        const gr_image_facts *f = &ck->out->facts[r];
        int beyond = f->problem == NULL ? gr_manifest_landmark_beyond(m, r, f->width, f->height) : 0;
        if (beyond == 0)
            continue;
        const float *at = m->landmarks + 2 * (r * m->landmark_count + beyond - 1);
        gr_check_found(ck, true, "%s:%lld: lm%d_x: the landmark at %g, %g lies beyond the image of %d x %d pixels", m->path,
                       (long long)m->lines[r], beyond, (double)at[0], (double)at[1], f->width, f->height);
    }
    for (int l = 0; l < m->landmark_count; l++) {
        int64_t known = 0;
        for (int64_t r = 0; r < m->rows; r++)
            known += !isnan(m->landmarks[2 * (r * m->landmark_count + l)]);
        if (known < FEW)
            gr_check_found(ck, false, "%s: lm%d_x: landmark %d is known in %lld image%s", m->path, l + 1, l + 1,
                           (long long)known, known == 1 ? "" : "s");
    }
}

/* Rows whose files have equal content come together, in the order of the table. */
typedef struct fingerprint {
    uint64_t hash[2], size;
    int64_t row;
} fingerprint;

static int same_first(const void *a, const void *b)
{
    const fingerprint *x = a, *y = b;
    int order = memcmp(x->hash, y->hash, sizeof x->hash);
    if (order == 0 && x->size != y->size)
        order = x->size < y->size ? -1 : 1;
    return order != 0 ? order : x->row < y->row ? -1 : x->row > y->row;
}

static bool same_bytes(const char *a, const char *b)
{
    char *x = NULL, *y = NULL;
    size_t nx = 0, ny = 0;
    bool same = gr_file_read(a, FILE_LIMIT, &x, &nx, NULL) == GR_OK && gr_file_read(b, FILE_LIMIT, &y, &ny, NULL) == GR_OK &&
                nx == ny && memcmp(x, y, nx) == 0;
    gr_free(x);
    gr_free(y);
    return same;
}

static bool same_box(const gr_manifest *m, int64_t a, int64_t b)
{
    return m->boxes == NULL || (m->boxes[a].x == m->boxes[b].x && m->boxes[a].y == m->boxes[b].y &&
                                m->boxes[a].width == m->boxes[b].width && m->boxes[a].height == m->boxes[b].height);
}

static void check_pair(gr_checker *ck, int64_t first, int64_t row)
{
    const gr_manifest *m = &ck->out->manifest;
    if (!same_box(m, first, row) || !same_bytes(m->paths[first], m->paths[row]))
        return;
    const char *differ = NULL;
    for (int k = m->value_count - 1; k >= 0; k--) {
        double a = m->values[first * m->value_count + k], b = m->values[row * m->value_count + k];
        if (!isnan(a) && !isnan(b) && a != b)
            differ = m->value_columns[k];
    }
    if (m->labels != NULL && m->labels[first] != m->labels[row])
        differ = m->label_column;
    else if (m->groups != NULL && m->groups[first] != m->groups[row])
        differ = m->group_column;
    char but[200] = "";
    if (differ != NULL)
        snprintf(but, sizeof but, ", but %.100s differs", differ);
    gr_check_found(ck, differ != NULL, "%s:%lld: image: %.300s is the same picture as %.300s on line %lld%s", m->path,
                   (long long)m->lines[row], m->images[row], m->images[first], (long long)m->lines[first], but);
}

static void check_twins(gr_checker *ck)
{
    const gr_manifest *m = &ck->out->manifest;
    fingerprint *prints = gr_alloc((size_t)m->rows, sizeof *prints);
    int64_t count = 0;
    if (prints == NULL) {
        ck->failed = true;
        return;
    }
    for (int64_t r = 0; r < m->rows; r++) {
        const gr_image_facts *f = &ck->out->facts[r];
        if (f->problem == NULL)
            prints[count++] = (fingerprint){{f->hash[0], f->hash[1]}, f->size, r};
    }
    qsort(prints, (size_t)count, sizeof *prints, same_first);
    for (int64_t i = 1, first = 0; i < count; i++) {
        if (memcmp(prints[i].hash, prints[first].hash, sizeof prints[i].hash) == 0 && prints[i].size == prints[first].size)
            check_pair(ck, prints[first].row, prints[i].row);
        else
            first = i;
    }
    gr_free(prints);
}

/* ---- classes and groups ---------------------------------------------------------------------------------------------- */

static void check_classes(gr_checker *ck)
{
    const gr_manifest *m = &ck->out->manifest;
    int present = 0;
    for (int c = 0; m->labels != NULL && c < m->class_count; c++) {
        int64_t members = 0;
        for (int64_t r = 0; r < m->rows; r++)
            members += m->labels[r] == c;
        present += members > 0;
        if (members < FEW)
            gr_check_found(ck, false, "%s: %s: class %s has %lld image%s", m->path, m->label_column, m->classes[c],
                           (long long)members, members == 1 ? "" : "s");
    }
    if (m->labels != NULL && present < 2)
        gr_check_found(ck, true, "%s: %s: all images are of one class, at least two are needed", m->path, m->label_column);
}

/* Scores, and several columns of classes. */
static void check_values(gr_checker *ck)
{
    const gr_manifest *m = &ck->out->manifest;
    for (int k = 0; k < m->value_count; k++) {
        const char *column = m->value_columns[k];
        double value = NAN;
        int64_t known = 0;
        bool constant = true;
        for (int64_t r = 0; r < m->rows; r++) {
            double other = m->values[r * m->value_count + k];
            if (isnan(other))
                continue;
            constant = constant && (known == 0 || other == value);
            value = known++ == 0 ? other : value;
        }
        if (known < FEW)
            gr_check_found(ck, known == 0, "%s: %s: has a label in %lld image%s", m->path, column, (long long)known,
                           known == 1 ? "" : "s");
        if (known > 1 && constant && m->class_count > 0)
            gr_check_found(ck, false, "%s: %s: all labels are %s", m->path, column, m->classes[(int)value]);
        else if (known > 1 && constant)
            gr_check_found(ck, false, "%s: %s: all labels are %.15g", m->path, column, value);
    }
}

static void check_groups(gr_checker *ck)
{
    const gr_manifest *m = &ck->out->manifest;
    if (m->groups == NULL)
        return;
    if (m->group_count < 2)
        gr_check_found(ck, true, "%s: %s: all images are of the one group %s, at least two are needed to test on one",
                       m->path, m->group_column, m->group_names[0]);
    int32_t *class = gr_alloc((size_t)m->group_count, sizeof *class); /* 0: none yet, 1 + class, -1: several */
    if (class == NULL) {
        ck->failed = true;
        return;
    }
    for (int64_t r = 0; m->labels != NULL && r < m->rows; r++) {
        int32_t *seen = &class[m->groups[r]];
        if (*seen == 0)
            *seen = m->labels[r] + 1;
        else if (*seen != m->labels[r] + 1)
            *seen = -1;
    }
    for (int g = 0; g < m->group_count; g++)
        if (class[g] > 0)
            gr_check_found(ck, false, "%s: %s: %s has images of class %s only: tested alone, some numbers are undefined",
                           m->path, m->group_column, m->group_names[g], m->classes[class[g] - 1]);
    gr_free(class);
}

/* Classes whose images are all of one group: where that is tested, the class was never seen. */
static void check_spread(gr_checker *ck)
{
    const gr_manifest *m = &ck->out->manifest;
    int32_t *group = gr_alloc((size_t)m->class_count, sizeof *group); /* 0: none yet, 1 + group, -1: several */
    if (group == NULL) {
        ck->failed = true;
        return;
    }
    for (int64_t r = 0; m->labels != NULL && m->groups != NULL && r < m->rows; r++) {
        int32_t *seen = &group[m->labels[r]];
        if (*seen == 0)
            *seen = m->groups[r] + 1;
        else if (*seen != m->groups[r] + 1)
            *seen = -1;
    }
    for (int c = 0; m->group_count > 1 && c < m->class_count; c++)
        if (group[c] > 0)
            gr_check_found(ck, false, "%s: %s: class %s is in %s %s only: what is trained without it cannot know the class",
                           m->path, m->label_column, m->classes[c], m->group_column, m->group_names[group[c] - 1]);
    gr_free(group);
}

static void check_unlabelled(gr_checker *ck)
{
    const gr_manifest *m = &ck->out->manifest;
    const char *column = m->label_column != NULL ? m->label_column : m->value_count > 0 ? m->value_columns[0] : "label";
    if (m->unlabelled > 0)
        gr_check_found(ck, false, "%s: %s: %lld row%s no label: %s neither train nor test", m->path, column,
                       (long long)m->unlabelled, m->unlabelled == 1 ? " has" : "s have",
                       m->unlabelled == 1 ? "it will" : "they will");
}

/* ---- all together ---------------------------------------------------------------------------------------------------- */

static void see(void *ctx, int64_t row, const gr_image *image)
{
    const gr_check *check = ctx;
    const gr_box *box = check->manifest.boxes != NULL ? &check->manifest.boxes[row] : NULL;
    gr_print_make(image, box != NULL ? (const double[4]){box->x, box->y, box->width, box->height} : NULL, &check->prints[row]);
}

static gr_status scan(gr_check *out, bool prints, gr_error *err)
{
    size_t rows = (size_t)out->manifest.rows;
    out->facts = gr_alloc(rows, sizeof *out->facts);
    out->prints = prints ? gr_alloc(rows, sizeof *out->prints) : NULL;
    if (out->facts == NULL || (prints && out->prints == NULL))
        return gr_fail(err, GR_NOMEM, "%s: no memory to check its images", out->manifest.path);
    return prints ? gr_scan_pictures(&out->manifest, see, out, out->facts, err)
                  : gr_scan_images(&out->manifest, false, out->facts, err);
}

static gr_status check(gr_checker *ck, const gr_manifest_options *options, gr_error *err)
{
    gr_check *out = ck->out;
    gr_manifest_options mine = *options;
    mine.report = hear;
    mine.report_ctx = ck;
    mine.skip_files = false;
    gr_error why = {0};
    gr_status status = gr_manifest_load(ck->path, &mine, &out->manifest, &why);
    if (status == GR_INVALID && out->errors > 0)
        return GR_OK; /* every row was reported: that is the result */
    if (status != GR_OK)
        return gr_fail(err, status, "%s", why.text);
    status = scan(out, options->prints, err);
    if (status != GR_OK)
        return status;
    check_pictures(ck);
    gr_check_boxes(ck);
    check_landmarks(ck);
    check_twins(ck);
    gr_check_alike(ck, false);
    check_unlabelled(ck);
    if (!ck->extra) {
        check_classes(ck);
        check_values(ck);
        check_groups(ck);
        check_spread(ck);
        gr_check_undeclared(ck);
    }
    return GR_OK;
}

gr_status gr_check_names(const gr_manifest *manifest, bool all, gr_text *said, gr_error *err)
{
    gr_check found = {.manifest = *manifest};
    gr_checker ck = {.out = &found, .arena = gr_arena_create(), .path = manifest->path};
    if (ck.arena != NULL)
        gr_check_alike(&ck, all);
    for (int64_t i = 0; i < found.count; i++)
        gr_text_printf(said, "%s\n", ck.findings[i].text);
    bool failed = ck.arena == NULL || ck.failed || said->failed;
    gr_free(ck.findings);
    gr_arena_destroy(ck.arena);
    return failed ? gr_fail(err, GR_NOMEM, "%s: no memory to compare its names", manifest->path) : GR_OK;
}

/* What a check owns beside its manifest and facts. */
typedef struct memory {
    gr_arena *arena;
    gr_finding *findings;
} memory;

static gr_status check_table(const char *path, const gr_manifest_options *options, bool extra, gr_check *out, gr_error *err)
{
    *out = (gr_check){0};
    memory *owned = gr_alloc(1, sizeof *owned);
    out->memory = owned;
    if (owned == NULL || (owned->arena = gr_arena_create()) == NULL) {
        gr_check_free(out);
        return gr_fail(err, GR_NOMEM, "%s: no memory to check it", path);
    }
    gr_checker ck = {.out = out, .arena = owned->arena, .path = path, .extra = extra};
    gr_status status = check(&ck, options, err);
    owned->findings = ck.findings;
    out->findings = ck.findings;
    if (status == GR_OK && ck.failed)
        status = gr_fail(err, GR_NOMEM, "%s: no memory to list what is wrong", path);
    if (status != GR_OK)
        gr_check_free(out);
    return status;
}

gr_status gr_check_manifest(const char *path, const gr_manifest_options *options, gr_check *out, gr_error *err)
{
    return check_table(path, options, false, out, err);
}

/* Goes on with the list of an ended check. */
static gr_checker go_on(gr_check *out)
{
    memory *owned = out->memory;
    return (gr_checker){
        .out = out, .arena = owned->arena, .findings = owned->findings, .room = out->count, .path = out->manifest.path};
}

static gr_status end(gr_checker *ck, gr_error *err)
{
    memory *owned = ck->out->memory;
    owned->findings = ck->findings;
    ck->out->findings = ck->findings;
    return ck->failed ? gr_fail(err, GR_NOMEM, "no memory to list what is wrong") : GR_OK;
}

gr_status gr_check_add(gr_check *check, bool error, const char *text, gr_error *err)
{
    gr_checker ck = go_on(check);
    gr_check_found(&ck, error, "%s", text);
    return end(&ck, err);
}

gr_status gr_check_near(gr_check *check, const gr_split *split, const gr_picture_features *features, gr_error *err)
{
    if (check->prints == NULL || check->manifest.rows == 0)
        return GR_OK;
    gr_checker ck = go_on(check);
    gr_status status = gr_checker_near(&ck, split, features, err);
    gr_status ended = end(&ck, err);
    return status == GR_OK ? ended : status;
}

gr_status gr_check_extra(const char *path, const gr_manifest_options *options, gr_check *out, gr_error *err)
{
    gr_manifest_options mine = *options;
    gr_check extra;
    mine.classes = out->manifest.rows > 0 ? out->manifest.classes : options->classes;
    mine.class_count = out->manifest.rows > 0 ? out->manifest.class_count : options->class_count;
    mine.only_count = 0;
    mine.at_most = 0;
    mine.prints = false;
    gr_status status = check_table(path, &mine, true, &extra, err);
    if (status != GR_OK)
        return status;
    gr_checker ck = go_on(out);
    for (int64_t i = 0; i < extra.count; i++)
        gr_check_found(&ck, extra.findings[i].error, "%s", extra.findings[i].text);
    gr_check_free(&extra);
    return end(&ck, err);
}

void gr_check_free(gr_check *check)
{
    memory *owned = check->memory;
    gr_image_facts_free(check->facts, check->manifest.rows);
    gr_free(check->facts);
    gr_free(check->prints);
    gr_manifest_free(&check->manifest);
    if (owned != NULL) {
        gr_arena_destroy(owned->arena);
        gr_free(owned->findings);
    }
    gr_free(owned);
    *check = (gr_check){0};
}
