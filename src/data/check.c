/* Checking a data set: rows, files, pictures, twins, and whether the classes and groups can be learnt from. */
#include "grimace/check.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "run/cohort/open.h"

enum { FEW = 10 /* images of a class: fewer is a warning */, SMALL = 32 /* pixels a side */, FILE_LIMIT = 1 << 30 };

/* The findings under construction. */
typedef struct checker {
    gr_check *out;
    gr_arena *arena;
    gr_finding *findings; /* grows by gr_realloc */
    int64_t room;
    const char *path;
    bool extra;  /* a table whose images train only: it need not have all classes, or several groups */
    bool failed; /* no memory */
} checker;

GR_PRINTF(3, 4) static void found(checker *ck, bool error, const char *fmt, ...)
{
    char text[1500];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (ck->out->count == ck->room) {
        int64_t room = ck->room > 0 ? 2 * ck->room : 64;
        gr_finding *grown = gr_realloc(ck->findings, (size_t)room, sizeof *grown);
        if (grown == NULL) {
            ck->failed = true;
            return;
        }
        ck->findings = grown;
        ck->room = room;
    }
    const char *kept = gr_arena_strdup(ck->arena, text);
    if (kept == NULL) {
        ck->failed = true;
        return;
    }
    ck->findings[ck->out->count++] = (gr_finding){error, kept};
    ck->out->errors += error;
    ck->out->warnings += !error;
}

static void hear(void *ctx, int64_t line, const char *column, const char *text)
{
    checker *ck = ctx;
    found(ck, true, "%s:%lld: %s: %s", ck->path, (long long)line, column, text);
}

/* ---- pictures -------------------------------------------------------------------------------------------------------- */

static void check_pictures(checker *ck)
{
    const gr_manifest *m = &ck->out->manifest;
    for (int64_t r = 0; r < m->rows; r++) {
        const gr_image_facts *f = &ck->out->facts[r];
        if (f->problem != NULL)
            found(ck, true, "%s:%lld: image: %s", m->path, (long long)m->lines[r], f->problem);
        else if (f->width < SMALL || f->height < SMALL)
            found(ck, false, "%s:%lld: image: %s is only %d x %d pixels", m->path, (long long)m->lines[r], m->images[r],
                  f->width, f->height);
    }
}

static void check_landmarks(checker *ck)
{
    const gr_manifest *m = &ck->out->manifest;
    for (int64_t r = 0; r < m->rows; r++) {
        const gr_image_facts *f = &ck->out->facts[r];
        int beyond = f->problem == NULL ? gr_manifest_landmark_beyond(m, r, f->width, f->height) : 0;
        if (beyond == 0)
            continue;
        const float *at = m->landmarks + 2 * (r * m->landmark_count + beyond - 1);
        found(ck, true, "%s:%lld: lm%d_x: the landmark at %g, %g lies beyond the image of %d x %d pixels", m->path,
              (long long)m->lines[r], beyond, (double)at[0], (double)at[1], f->width, f->height);
    }
    for (int l = 0; l < m->landmark_count; l++) {
        int64_t known = 0;
        for (int64_t r = 0; r < m->rows; r++)
            known += !isnan(m->landmarks[2 * (r * m->landmark_count + l)]);
        if (known < FEW)
            found(ck, false, "%s: lm%d_x: landmark %d is known in %lld image%s", m->path, l + 1, l + 1, (long long)known,
                  known == 1 ? "" : "s");
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

static void check_pair(checker *ck, int64_t first, int64_t row)
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
    found(ck, differ != NULL, "%s:%lld: image: %.300s is the same picture as %.300s on line %lld%s", m->path,
          (long long)m->lines[row], m->images[row], m->images[first], (long long)m->lines[first], but);
}

static void check_twins(checker *ck)
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

static void check_classes(checker *ck)
{
    const gr_manifest *m = &ck->out->manifest;
    int present = 0;
    for (int c = 0; m->labels != NULL && c < m->class_count; c++) {
        int64_t members = 0;
        for (int64_t r = 0; r < m->rows; r++)
            members += m->labels[r] == c;
        present += members > 0;
        if (members < FEW)
            found(ck, false, "%s: %s: class %s has %lld image%s", m->path, m->label_column, m->classes[c],
                  (long long)members, members == 1 ? "" : "s");
    }
    if (m->labels != NULL && present < 2)
        found(ck, true, "%s: %s: all images are of one class, at least two are needed", m->path, m->label_column);
}

/* Scores, and several columns of classes. */
static void check_values(checker *ck)
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
            found(ck, known == 0, "%s: %s: has a label in %lld image%s", m->path, column, (long long)known, known == 1 ? "" : "s");
        if (known > 1 && constant && m->class_count > 0)
            found(ck, false, "%s: %s: all labels are %s", m->path, column, m->classes[(int)value]);
        else if (known > 1 && constant)
            found(ck, false, "%s: %s: all labels are %.15g", m->path, column, value);
    }
    if (m->unlabelled > 0)
        found(ck, false, "%s: %lld row%s without a label %s left out of training and numbers", m->path, (long long)m->unlabelled,
              m->unlabelled == 1 ? "" : "s", m->unlabelled == 1 ? "is" : "are");
}

static void check_groups(checker *ck)
{
    const gr_manifest *m = &ck->out->manifest;
    if (m->groups == NULL)
        return;
    if (m->group_count < 2)
        found(ck, true, "%s: %s: all images are of the one group %s, at least two are needed to test on one", m->path,
              m->group_column, m->group_names[0]);
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
            found(ck, false, "%s: %s: %s has images of class %s only: tested alone, some numbers are undefined", m->path,
                  m->group_column, m->group_names[g], m->classes[class[g] - 1]);
    gr_free(class);
}

/* ---- all together ---------------------------------------------------------------------------------------------------- */

static gr_status check(checker *ck, const gr_manifest_options *options, gr_error *err)
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
    out->facts = gr_alloc((size_t)out->manifest.rows, sizeof *out->facts);
    if (out->facts == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory to check its images", ck->path);
    status = gr_scan_images(&out->manifest, out->facts, err);
    if (status != GR_OK)
        return status;
    check_pictures(ck);
    check_landmarks(ck);
    check_twins(ck);
    if (!ck->extra) {
        check_classes(ck);
        check_values(ck);
        check_groups(ck);
    }
    return GR_OK;
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
    checker ck = {.out = out, .arena = owned->arena, .path = path, .extra = extra};
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

/* What a config's tables have wrong, the extra ones behind the first. */
typedef struct checking {
    const gr_config *config;
    gr_check *out;
} checking;

/* Goes on with the list of an ended check. */
static checker go_on(gr_check *out)
{
    memory *owned = out->memory;
    return (checker){.out = out, .arena = owned->arena, .findings = owned->findings, .room = out->count};
}

static gr_status end(checker *ck, gr_error *err)
{
    memory *owned = ck->out->memory;
    owned->findings = ck->findings;
    ck->out->findings = ck->findings;
    return ck->failed ? gr_fail(err, GR_NOMEM, "no memory to list what is wrong") : GR_OK;
}

static gr_status check_extra(const char *path, const gr_manifest_options *options, gr_check *out, gr_error *err)
{
    gr_manifest_options mine = *options;
    gr_check extra;
    mine.classes = out->manifest.rows > 0 ? out->manifest.classes : options->classes;
    mine.class_count = out->manifest.rows > 0 ? out->manifest.class_count : options->class_count;
    mine.only_count = 0;
    mine.at_most = 0;
    gr_status status = check_table(path, &mine, true, &extra, err);
    if (status != GR_OK)
        return status;
    checker ck = go_on(out);
    for (int64_t i = 0; i < extra.count; i++)
        found(&ck, extra.findings[i].error, "%s", extra.findings[i].text);
    gr_check_free(&extra);
    return end(&ck, err);
}

static gr_status check_options(void *ctx, const char *path, const gr_manifest_options *options, gr_error *err)
{
    const checking *c = ctx;
    const gr_strings *extra = &c->config->data.extra_manifests;
    gr_status status = gr_check_manifest(path, options, c->out, err);
    for (int i = 0; status == GR_OK && i < extra->count; i++)
        status = check_extra(extra->items[i], options, c->out, err);
    if (status != GR_OK || extra->count == 0 || c->out->errors > 0)
        return status;
    gr_manifest all; /* what is wrong with the tables together */
    gr_error why = {0};
    status = gr_manifest_open(c->config, &all, &why);
    gr_manifest_free(&all);
    if (status != GR_INVALID)
        return status == GR_OK ? GR_OK : gr_fail(err, status, "%s", why.text);
    checker ck = go_on(c->out);
    found(&ck, true, "%s", why.text);
    return end(&ck, err);
}

gr_status gr_check_config(const gr_config *config, gr_check *out, gr_error *err)
{
    checking c = {.config = config, .out = out};
    *out = (gr_check){0};
    gr_status status = gr_with_manifest_options(config, check_options, &c, err);
    if (status != GR_OK)
        gr_check_free(out);
    return status;
}

void gr_check_free(gr_check *check)
{
    memory *owned = check->memory;
    gr_image_facts_free(check->facts, check->manifest.rows);
    gr_free(check->facts);
    gr_manifest_free(&check->manifest);
    if (owned != NULL) {
        gr_arena_destroy(owned->arena);
        gr_free(owned->findings);
    }
    gr_free(owned);
    *check = (gr_check){0};
}
