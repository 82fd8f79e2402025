/* What is asked of all images of `grimace explain` together, and what their manifest knows of them. */
#include "cli/explain_set.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "grimace/config.h"
#include "image/colour_maps.h"

gr_status gr_cli_explain_set_check(gr_cli_explain_set *s, const char *manifest, gr_error *err)
{
    gr_colour_map map;
    if (s->colours != NULL && (!gr_colour_map_find(s->colours, &map) || map == GR_DIVERGING))
        return gr_fail(err, GR_INVALID, "--colours: there are no colours \"%.40s\"; viridis or cividis would be right",
                       s->colours);
    if (s->opacity != NULL &&
        !(gr_parse_double(s->opacity, &s->look.opacity) && s->look.opacity > 0 && s->look.opacity <= 1))
        return gr_fail(err, GR_INVALID, "--opacity: \"%.40s\" is no number above 0 and at most 1; 0.5 would be right",
                       s->opacity);
    if (s->scale != NULL && strcmp(s->scale, "each") != 0 && strcmp(s->scale, "set") != 0)
        return gr_fail(err, GR_INVALID, "--scale: there is no scale \"%.40s\"; each or set would be right", s->scale);
    if ((s->mean != NULL || s->label != NULL) && manifest == NULL)
        return gr_fail(err, GR_INVALID, "--%s: is a column of --manifest, which is not given",
                       s->mean != NULL ? "mean" : "label");
    if (s->label != NULL && s->mean == NULL && !s->sheet && !s->check)
        return gr_fail(err, GR_INVALID, "--label: is for --sheet, --mean and --check, none of which is given");
    s->look.colours = s->colours;
    s->look.same_scale = s->scale != NULL && strcmp(s->scale, "set") == 0;
    s->look.sheet = s->sheet;
    return GR_OK;
}

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the columns of a manifest");
}

/* The column of the true class: as asked, else as the run's config has it. */
static gr_status find_label(gr_cli_explain_set *s, const char *model, gr_error *err)
{
    s->column = s->label;
    if (s->column != NULL || !gr_is_folder(model))
        return GR_OK;
    gr_config *config = NULL;
    char *path = gr_path_join(model, "config.yaml");
    gr_status status = path != NULL ? gr_config_load(path, NULL, 0, &config, err) : no_memory(err);
    if (status == GR_OK && config->data.label != NULL && (s->column = gr_arena_strdup(s->arena, config->data.label)) == NULL)
        status = no_memory(err);
    gr_config_destroy(config);
    gr_free(path);
    return status;
}

/* The column's cells; none: *out NULL. */
static gr_status take(const gr_manifest *m, int column, const char ***out, gr_error *err)
{
    *out = gr_alloc((size_t)m->rows, sizeof **out);
    for (int64_t i = 0; *out != NULL && i < m->rows; i++)
        (*out)[i] = gr_manifest_cell(m, i, column);
    return *out != NULL ? GR_OK : no_memory(err);
}

static gr_status no_column(const gr_manifest *m, const char *option, const char *column, gr_error *err)
{
    const char *near = gr_nearest(column, m->names, (size_t)m->columns);
    return gr_fail(err, GR_INVALID, "%s: %s: there is no column \"%.80s\"%s%s%s", m->path, option, column,
                   near != NULL ? ", did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "");
}

/* `label` means the column of the true class, where the table has none that is called so. */
static gr_status take_mean(gr_cli_explain_set *s, const gr_manifest *m, gr_error *err)
{
    const char *column = s->mean;
    if (strcmp(column, "label") == 0 && (s->label != NULL || gr_manifest_column(m, column) < 0) && s->column != NULL)
        column = s->column;
    int at = gr_manifest_column(m, column);
    s->look.mean_of = column;
    gr_status status = at >= 0 ? take(m, at, &s->values, err) : no_column(m, "--mean", column, err);
    s->look.values = s->values;
    return status;
}

/* Columns lm1_x, lm1_y, lm2_x ...: what is no number is not known. */
static gr_status take_points(gr_cli_explain_set *s, const gr_manifest *m, gr_error *err)
{
    int columns[2], count = 0;
    char name[32];
    for (;; count++) {
        snprintf(name, sizeof name, "lm%d_x", count + 1);
        if (gr_manifest_column(m, name) < 0)
            break;
    }
    s->points = gr_alloc(2 * (size_t)count * (size_t)m->rows + 1, sizeof *s->points);
    if (s->points == NULL)
        return no_memory(err);
    for (int k = 0; k < count; k++) {
        for (int c = 0; c < 2; c++) {
            snprintf(name, sizeof name, "lm%d_%c", k + 1, c == 0 ? 'x' : 'y');
            columns[c] = gr_manifest_column(m, name);
        }
        for (int64_t i = 0; i < m->rows; i++)
            for (int c = 0; c < 2; c++) {
                double *to = &s->points[2 * (i * count + k) + c];
                if (columns[c] < 0 || !gr_parse_double(gr_manifest_cell(m, i, columns[c]), to))
                    *to = (double)NAN;
            }
    }
    s->faces = (gr_explain_faces){s->points, count};
    return GR_OK;
}

gr_status gr_cli_explain_set_open(gr_cli_explain_set *s, const char *model, const gr_cli_pictures *pictures, gr_error *err)
{
    const gr_manifest *m = &pictures->manifest;
    bool asked = s->sheet || s->check || s->mean != NULL;
    if (m->rows == 0 || !asked)
        return GR_OK;
    if ((s->arena = gr_arena_create()) == NULL)
        return no_memory(err);
    gr_status status = find_label(s, model, err);
    int at = status == GR_OK && s->column != NULL ? gr_manifest_column(m, s->column) : -1;
    if (status == GR_OK && at < 0 && s->label != NULL)
        status = no_column(m, "--label", s->label, err);
    if (status == GR_OK && at >= 0)
        status = take(m, at, &s->truth, err);
    s->look.truth = s->truth;
    if (status == GR_OK && s->mean != NULL)
        status = take_mean(s, m, err);
    if (status == GR_OK && s->check)
        status = take_points(s, m, err);
    return status;
}

void gr_cli_explain_set_close(gr_cli_explain_set *s)
{
    gr_free(s->truth);
    gr_free(s->values);
    gr_free(s->points);
    gr_arena_destroy(s->arena);
    *s = (gr_cli_explain_set){0};
}
