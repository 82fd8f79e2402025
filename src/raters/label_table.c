/* What the manifests of all schemes have in common. */
#include <string.h>

#include "raters/label.h"

static void put_first(const gr_ratings *r, gr_text *out)
{
    gr_csv_put(out, "image", ',');
    if (r->group >= 0)
        gr_csv_put(out, r->csv->header[r->group], ',');
}

/* au_UNITEND of each unit. */
static void put_units(const gr_ratings *r, const char *end, gr_text *out)
{
    for (int u = 0; u < r->unit_count; u++) {
        gr_text full = {0};
        gr_text_printf(&full, "%s%s%s", gr_starts_with(r->units[u], "au_") ? "" : "au_", r->units[u], end);
        if (!full.failed)
            gr_csv_put(out, full.data, ',');
        out->failed = out->failed || full.failed;
        gr_text_free(&full);
    }
}

void gr_label_put_header(const gr_ratings *r, bool units, gr_text *out)
{
    put_first(r, out);
    if (units)
        put_units(r, "", out);
    gr_text_printf(out, "label,score\n");
}

void gr_label_put_rules(const gr_ratings *r, gr_text *out)
{
    put_first(r, out);
    put_units(r, "_mode", out);
    put_units(r, "_max", out);
    put_units(r, "_min", out);
    gr_text_printf(out, "and,or,mean,max,min,mode\n");
}

void gr_label_put_image(const gr_ratings *r, const gr_rating *rating, gr_text *out)
{
    gr_csv_put(out, rating->image, ',');
    if (r->group >= 0)
        gr_csv_put(out, gr_csv_field(r->csv, rating->row, r->group), ',');
}

gr_status gr_label_check_group(const gr_ratings *r, int64_t begin, int64_t end, gr_error *err)
{
    for (int64_t i = begin + 1; r->group >= 0 && i < end; i++)
        if (strcmp(gr_csv_field(r->csv, r->list[i].row, r->group), gr_csv_field(r->csv, r->list[begin].row, r->group)) != 0)
            return gr_fail(err, GR_INVALID, "%s:%lld: %s: image \"%.200s\" has another value on line %lld", r->csv->path,
                           (long long)r->csv->line[r->list[i].row], r->csv->header[r->group], r->list[i].image,
                           (long long)r->csv->line[r->list[begin].row]);
    return GR_OK;
}

/* Is the file `name` there, seen from the folder of `path`? */
static bool is_beside(const char *path, const char *name)
{
    char *folder = gr_path_folder(path), *full = folder != NULL ? gr_path_join(folder, name) : NULL;
    bool there = full != NULL && gr_path_exists(full);
    gr_free(folder);
    gr_free(full);
    return there;
}

void gr_label_say_place(const gr_csv *csv, int image, const char *out, gr_text *notices)
{
    const char *first = csv->rows > 0 ? gr_csv_field(csv, 0, image) : "";
    if (notices == NULL || first[0] == '\0' || is_beside(out, first) || !is_beside(csv->path, first))
        return;
    gr_text_printf(notices,
                   "%s: its images are not there from its folder on, but from that of %s, which spells them so; a place "
                   "beside that would be right\n",
                   out, csv->path);
}
