#include "run/apply/align_rule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/landmarks.h"

/* ---- rules ----------------------------------------------------------------------------------------------------------- */

/* "13,14" up to `end`; numbers come to be from 0 on. */
static gr_status read_numbers(const char **at, char end, const char *option, int landmarks, int *to, int *count,
                              gr_error *err)
{
    const char *from = *at;
    for (*count = 0;;) {
        char *behind;
        long number = strtol(*at, &behind, 10);
        if (behind == *at || *count == GR_ALIGNMENT_POINTS || (*behind != ',' && *behind != end))
            return gr_fail(err, GR_INVALID,
                           "%s: \"%.60s\" is no list of landmarks; fgs37, synth18, or LEFT:RIGHT:FRAME such as "
                           "13,14:17,18:3,10,29,30 would be right",
                           option, from);
        if (number < 1 || number > landmarks)
            return gr_fail(err, GR_INVALID, "%s: there is no landmark %ld, the table has %d", option, number, landmarks);
        to[(*count)++] = (int)number - 1;
        *at = behind;
        if (*behind == end)
            break;
        ++*at;
    }
    *at += **at != '\0';
    return GR_OK;
}

gr_status gr_align_rule_read(const char *by, const char *option, int landmarks, gr_align_rule *out, gr_error *err)
{
    static const struct {
        const char *name;
        const gr_alignment *rule;
    } named[] = {{"fgs37", &gr_alignment_fgs37}, {"synth18", &gr_alignment_synth18}};
    *out = (gr_align_rule){0};
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        if (strcmp(by, named[i].name) != 0)
            continue;
        out->by = *named[i].rule;
        int needed = gr_align_rule_needs(out);
        return needed <= landmarks
                   ? GR_OK
                   : gr_fail(err, GR_INVALID, "%s: there is no landmark %d, which %s needs; the table has %d", option,
                             needed, by, landmarks);
    }
    gr_alignment *a = &out->by;
    const char *at = by;
    gr_status status = read_numbers(&at, ':', option, landmarks, a->left, &a->left_count, err);
    if (status == GR_OK)
        status = read_numbers(&at, ':', option, landmarks, a->right, &a->right_count, err);
    if (status == GR_OK)
        status = read_numbers(&at, '\0', option, landmarks, a->frame, &a->frame_count, err);
    return status;
}

/* ---- templates ------------------------------------------------------------------------------------------------------- */

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for a template");
}

static gr_status read_shape(const gr_csv *csv, int size, int landmarks, gr_arena *arena, gr_align_rule *out, gr_error *err)
{
    const int *columns;
    int count = 0, column = gr_csv_column(csv, "size");
    double side = 0;
    gr_status status = gr_landmarks_find(csv, arena, &columns, &count, err);
    if (status != GR_OK)
        return status;
    if (column < 0 || csv->rows != 1)
        return gr_fail(err, GR_INVALID, "%s: is no template; one row of size,lm1_x,lm1_y,... would be right", csv->path);
    if (!gr_parse_double(gr_csv_field(csv, 0, column), &side) || !(side > 0) || side > 1e6)
        return gr_fail(err, GR_INVALID, "%s:%lld: size: is no number of pixels above 0", csv->path, (long long)csv->line[0]);
    if (landmarks > 0 && count != landmarks)
        return gr_fail(err, GR_INVALID, "%s: has %d landmarks, the table has %d", csv->path, count, landmarks);
    float *shape = gr_arena_alloc(arena, 2 * (size_t)count, sizeof *shape);
    if (shape == NULL)
        return no_memory(err);
    out->shape = shape;
    out->landmarks = count;
    for (int i = 0; i < 2 * count; i++) {
        const char *text = gr_csv_field(csv, 0, columns[i]);
        double value = NAN;
        if (!gr_csv_unknown(text) && !gr_parse_double(text, &value))
            return gr_fail(err, GR_INVALID, "%s:%lld: %s: \"%.40s\" is no number", csv->path, (long long)csv->line[0],
                           csv->header[columns[i]], text);
        shape[i] = (float)(value * size / side);
    }
    return GR_OK;
}

gr_status gr_align_template_read(const char *path, int size, int landmarks, gr_arena *arena, gr_align_rule *out,
                                 gr_error *err)
{
    gr_csv *csv = NULL;
    *out = (gr_align_rule){.is_template = true, .landmarks = landmarks};
    gr_status status = gr_csv_read(path, &csv, err);
    if (status == GR_OK)
        status = read_shape(csv, size, landmarks, arena, out, err);
    gr_csv_destroy(csv);
    return status;
}

gr_status gr_align_template_make(const float *faces, int64_t images, int landmarks, int size, double margin, gr_arena *arena,
                                 gr_align_rule *out, int64_t *used, gr_error *err)
{
    *out = (gr_align_rule){.is_template = true, .landmarks = landmarks};
    float *shape = gr_arena_alloc(arena, 2 * (size_t)landmarks, sizeof *shape);
    if (shape == NULL)
        return no_memory(err);
    out->shape = shape;
    gr_status status = gr_procrustes_mean(faces, images, landmarks, shape, used, err);
    float low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (int i = 0; i < 2 * landmarks && status == GR_OK; i++) {
        low[i % 2] = fminf(low[i % 2], shape[i]);
        high[i % 2] = fmaxf(high[i % 2], shape[i]);
    }
    double longer = fmax((double)high[0] - low[0], (double)high[1] - low[1]), scale = size / (longer * (1 + 2 * margin));
    for (int i = 0; i < 2 * landmarks && status == GR_OK; i++)
        shape[i] = (float)(size / 2.0 + scale * (shape[i] - ((double)low[i % 2] + high[i % 2]) / 2));
    return status;
}

gr_status gr_align_template_write(const gr_align_rule *rule, int size, const char *path, gr_error *err)
{
    gr_text out = {0};
    gr_text_printf(&out, "size");
    for (int i = 0; i < rule->landmarks; i++)
        gr_text_printf(&out, ",lm%d_x,lm%d_y", i + 1, i + 1);
    gr_text_printf(&out, "\n%d", size);
    for (int i = 0; i < 2 * rule->landmarks; i++)
        gr_text_printf(&out, isfinite(rule->shape[i]) ? ",%.9g" : ",", (double)rule->shape[i]);
    gr_text_printf(&out, "\n");
    gr_status status = out.failed ? no_memory(err) : gr_file_write(path, out.data, out.size, err);
    gr_text_free(&out);
    return status;
}

bool gr_align_rule_map(const gr_align_rule *rule, const float *face, int size, double margin, gr_map *map)
{
    const gr_upright upright = {.rule = *rule, .size = size, .margin = margin};
    double m[6];
    bool there = gr_upright_fit(&upright, face, m);
    if (there)
        *map = (gr_map){.xx = m[0], .xy = m[1], .x = m[2], .yx = m[3], .yy = m[4], .y = m[5]};
    return there;
}
