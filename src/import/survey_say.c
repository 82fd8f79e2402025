/* A survey as a manifest, and in words. */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "formats/csv.h"
#include "grimace/survey.h"

/* What stands before the pictures' paths, "" or with a '/' at its end: relative where that is possible, so that pictures and
 * manifest may be moved together. NULL: a folder is not there, or memory is short. */
static char *prefix_of(const char *folder, const char *path)
{
    char *above = gr_path_folder(path), *from = above != NULL ? realpath(above, NULL) : NULL, *to = realpath(folder, NULL);
    char *relative = from != NULL && to != NULL ? gr_path_relative(from, to) : NULL;
    gr_text out = {0};
    if (relative != NULL) {
        bool same = strcmp(relative, ".") == 0;
        gr_text_printf(&out, "%s%s", same ? "" : relative, same || gr_ends_with(relative, "/") ? "" : "/");
    }
    free(from); /* the system's own blocks */
    free(to);
    gr_free(above);
    gr_free(relative);
    if (out.failed)
        gr_text_free(&out);
    return out.data;
}

gr_status gr_survey_write(const gr_survey *s, const char *path, gr_error *err)
{
    gr_text out = {0};
    char *prefix = prefix_of(s->folder, path);
    if (prefix == NULL)
        return gr_fail(err, GR_INVALID, "%s: its folder is not there", path);
    gr_csv_put(&out, "image", s->column_count > 0 ? ',' : '\n');
    for (int c = 0; c < s->column_count; c++)
        gr_csv_put(&out, s->columns[c].name, c + 1 < s->column_count ? ',' : '\n');
    for (int64_t i = 0; i < s->images; i++) {
        gr_text image = {0};
        gr_text_printf(&image, "%s%s%s", prefix[0] == '\0' && gr_blank(s->paths[i]) > 0 ? "./" : "", prefix, s->paths[i]);
        gr_csv_put(&out, image.failed ? "" : image.data, s->column_count > 0 ? ',' : '\n');
        out.failed = out.failed || image.failed;
        gr_text_free(&image);
        for (int c = 0; c < s->column_count; c++)
            gr_csv_put(&out, s->columns[c].values[i], c + 1 < s->column_count ? ',' : '\n');
    }
    gr_status status = out.failed ? gr_fail(err, GR_NOMEM, "%s: no memory to write it", path)
                                  : gr_file_write(path, out.data, out.size, err);
    gr_free(prefix);
    gr_text_free(&out);
    return status;
}

/* "no_pain (120), pain (118)"; of many the first and the last. */
static void put_kinds(const gr_survey_column *c, gr_text *out)
{
    enum { SHOWN = 12, ENDS = 4 };
    for (int k = 0; k < c->kinds; k++) {
        if (c->kinds > SHOWN && k == ENDS) {
            gr_text_printf(out, ", ...");
            k = c->kinds - ENDS;
        }
        gr_text_printf(out, "%s%s (%lld)", k > 0 ? ", " : "", c->kind[k], (long long)c->counts[k]);
    }
}

static void put_column(const gr_survey *s, const gr_survey_column *c, gr_text *out)
{
    static const char *const what[] = {[GR_SURVEY_LABEL] = "label",
                                       [GR_SURVEY_GROUP] = "animal",
                                       [GR_SURVEY_SPLIT] = "split",
                                       [GR_SURVEY_SESSION] = "session"};
    bool label = c->role == GR_SURVEY_LABEL;
    gr_text_printf(out, "%s: %s, from %s; %d %s: ", what[c->role], c->name, c->from, c->kinds,
                   label && !s->scores ? "classes" : "values");
    if (label && s->scores)
        gr_text_printf(out, "%s to %s", c->kind[0], c->kind[c->kinds - 1]);
    else
        put_kinds(c, out);
    gr_text_printf(out, "\n");
}

/* The columns without a role, of many the first. */
static void put_others(const gr_survey *s, gr_text *out)
{
    enum { SHOWN = 10 };
    int others = 0;
    for (int c = 0; c < s->column_count; c++)
        if (s->columns[c].role == GR_SURVEY_OTHER && others++ < SHOWN)
            gr_text_printf(out, "%s%s", others == 1 ? "kept, but not used: " : ", ", s->columns[c].name);
    if (others > SHOWN)
        gr_text_printf(out, " and %d more", others - SHOWN);
    gr_text_printf(out, others > 0 ? "\n" : "");
}

static void put_lines(const char *what, const char *lines, gr_text *out)
{
    for (const char *at = lines, *end; (end = strchr(at, '\n')) != NULL; at = end + 1)
        gr_text_printf(out, "%s: %.*s\n", what, (int)(end - at), at);
}

void gr_survey_say(const gr_survey *s, gr_text *out)
{
    gr_text_printf(out, "%s: %lld picture%s of %d x %d", s->folder, (long long)s->images, s->images == 1 ? "" : "s",
                   s->width_least, s->height_least);
    if (s->width_least != s->width_most || s->height_least != s->height_most)
        gr_text_printf(out, " to %d x %d", s->width_most, s->height_most);
    gr_text_printf(out, " pixels\n");
    if (s->table != NULL)
        gr_text_printf(out, "table: %s\n", s->table);
    for (int c = 0; c < s->column_count; c++)
        if (s->columns[c].role != GR_SURVEY_OTHER)
            put_column(s, &s->columns[c], out);
    put_others(s, out);
    gr_text_printf(out, "task: %s\n", s->scores ? "scores, for the label is numbers" : "classes");
    gr_text_printf(out, "split: %s, %s\n", s->split.scheme, s->split.why);
    put_lines("notice", s->notices, out);
    put_lines("warning", s->warnings, out);
}
