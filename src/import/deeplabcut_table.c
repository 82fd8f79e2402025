/* DeepLabCut's columns, rows and pictures, however they are written. */
#include "import/deeplabcut_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

enum { MOST_INDIVIDUALS = 1000 };
/* DeepLabCut's own "pcutoff", below which it draws no point. */
static const double usual_cutoff = 0.6;

/* Its number; -1: memory is short, or there are too many. */
static int individual_of(gr_marks *marks, gr_dlc_table *table, const char *name)
{
    for (int i = table->individual_count - 1; i >= 0; i--)
        if (strcmp(table->individuals[i], name) == 0)
            return i;
    if (table->individual_count == MOST_INDIVIDUALS)
        return -1;
    table->individuals[table->individual_count] = gr_arena_strdup(marks->arena, name);
    return table->individuals[table->individual_count] != NULL ? table->individual_count++ : -1;
}

/* The part that column `c` goes on with, or a new one. Columns of a part stand together. */
static gr_status add_column(gr_marks *marks, const gr_dlc_column *column, int at, const char *place, gr_dlc_table *table,
                            gr_error *err)
{
    static const char *const coords[] = {"x", "y", "likelihood"};
    int which = 0;
    while (which < 3 && strcmp(column->coord, coords[which]) != 0)
        which++;
    if (which == 3)
        return gr_fail(err, GR_INVALID, "%s: a column's coords are \"%.40s\"; x, y and likelihood are known", place, column->coord);
    int individual = column->individual != NULL ? individual_of(marks, table, column->individual) : 0;
    int64_t name = gr_marks_declare(marks, column->part, err);
    if (individual < 0 && table->individual_count == MOST_INDIVIDUALS)
        return gr_fail(err, GR_INVALID, "%s: there are more than %d individuals", place, MOST_INDIVIDUALS);
    if (name < 0 || individual < 0)
        return name < 0 ? err->status : gr_marks_no_memory(err);
    gr_dlc_part *last = table->part_count > 0 ? &table->parts[table->part_count - 1] : NULL;
    if (last == NULL || last->name != name || last->individual != individual) {
        last = &table->parts[table->part_count++];
        *last = (gr_dlc_part){name, individual, {-1, -1, -1}};
    }
    if (last->at[which] >= 0)
        return gr_fail(err, GR_INVALID, "%s: \"%.60s\" has two columns %s; the labels of one scorer would be right", place,
                       column->part, coords[which]);
    last->at[which] = at;
    return GR_OK;
}

gr_status gr_dlc_table_make(gr_marks *marks, const gr_dlc_column *columns, int count, const char *place, gr_dlc_table *out,
                            gr_error *err)
{
    *out = (gr_dlc_table){.parts = gr_arena_alloc(marks->arena, (size_t)count + 1, sizeof *out->parts),
                          .individuals = gr_arena_alloc(marks->arena, (size_t)count + 1, sizeof *out->individuals)};
    gr_status status = out->parts == NULL || out->individuals == NULL ? gr_marks_no_memory(err) : GR_OK;
    for (int i = 0; status == GR_OK && i < count; i++)
        status = add_column(marks, &columns[i], i, place, out, err);
    for (int i = 0; status == GR_OK && i < out->part_count; i++)
        if (out->parts[i].at[0] < 0 || out->parts[i].at[1] < 0)
            status = gr_fail(err, GR_INVALID, "%s: \"%.60s\" lacks x or y beside the other", place,
                             marks->names.items[out->parts[i].name]);
    if (status == GR_OK && out->part_count == 0)
        status = gr_fail(err, GR_INVALID, "%s: there is no column of a body part", place);
    return status;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------------ */

gr_status gr_dlc_put_row(gr_marks *marks, const gr_dlc_table *table, const double *values, gr_error *err)
{
    gr_status status = GR_OK;
    int begun = -1; /* the individual whose object is under way */
    for (int i = 0; status == GR_OK && i < table->part_count; i++) {
        const gr_dlc_part *part = &table->parts[i];
        double x = values[part->at[0]], y = values[part->at[1]];
        if (isnan(x) || isnan(y) || (part->at[2] >= 0 && gr_marks_unsure(marks, values[part->at[2]])))
            continue;
        if (part->at[2] >= 0 && values[part->at[2]] < usual_cutoff)
            gr_marks_lack(marks, GR_LACK_LIKELY);
        if (begun != part->individual) {
            begun = part->individual;
            status = gr_marks_object(marks, NULL, table->individual_count > 0 ? table->individuals[begun] : NULL, err);
        }
        if (status == GR_OK)
            status = gr_marks_point_of(marks, part->name, x, y, false, err);
    }
    return status;
}

/* What DeepLabCut calls the table of a video: the video's name, then "DLC" and the network's. */
static char *video_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    const char *end = strstr(name, "DLC");
    if (end == NULL || end == name)
        end = strrchr(name, '.');
    gr_text video = {0};
    gr_text_add(&video, name, end != NULL && end > name ? (size_t)(end - name) : strlen(name));
    return video.data;
}

gr_status gr_dlc_picture(gr_marks *marks, const char *path, const char *name, gr_error *err)
{
    int64_t frame;
    char *folder = gr_path_folder(path);
    gr_status status = folder == NULL ? gr_marks_no_memory(err) : GR_OK;
    if (status == GR_OK && gr_parse_int64(name, &frame) && frame >= 0) {
        char *video = video_of(path);
        status = video != NULL ? gr_marks_frame(marks, folder, video, frame, err) : gr_marks_no_memory(err);
        gr_free(video);
    } else if (status == GR_OK)
        status = gr_marks_picture(marks, folder, name, 0, 0, err);
    gr_free(folder);
    return status;
}
