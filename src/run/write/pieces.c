/* What the files of all tasks share. */
#include "run/write/pieces.h"

gr_status gr_eval_finish(gr_text *out, const char *path, gr_error *err)
{
    gr_status status = out->failed ? gr_fail(err, GR_NOMEM, "%s: no memory to write it", path)
                                   : gr_file_write(path, out->data, out->size, err);
    gr_text_free(out);
    return status;
}

json_t *gr_eval_interval(gr_interval i)
{
    return json_pack("[o, o]", gr_json_real(i.low), gr_json_real(i.high));
}

json_t *gr_eval_kept(const gr_kept *k)
{
    if (k->epochs == 0)
        return json_null();
    json_t *kept = json_object();
    int bad = json_object_set_new(kept, "epoch", json_integer(k->epoch));
    bad |= json_object_set_new(kept, "epochs", json_integer(k->epochs));
    bad |= json_object_set_new(kept, "metric", k->metric[0] != '\0' ? json_string(k->metric) : json_null());
    bad |= json_object_set_new(kept, "value", gr_json_real(k->value));
    if (bad == 0)
        return kept;
    json_decref(kept);
    return NULL;
}

gr_status gr_eval_write_text(gr_text *text, const char *folder, const char *name, gr_error *err)
{
    char *path = gr_path_join(folder, name);
    text->failed = text->failed || path == NULL;
    gr_status status = gr_eval_finish(text, path != NULL ? path : name, err);
    gr_free(path);
    return status;
}

gr_status gr_eval_write_json(json_t *root, const char *folder, const char *name, gr_error *err)
{
    char *path = gr_path_join(folder, name);
    gr_status status = path != NULL && root != NULL ? gr_json_write(path, root, err)
                                                    : gr_fail(err, GR_NOMEM, "%s: no memory to write it", name);
    json_decref(root);
    gr_free(path);
    return status;
}

void gr_eval_head_names(gr_text *out, const char *group_column, bool with_folds)
{
    gr_eval_head(out, "image", group_column, with_folds ? "fold" : NULL);
}

void gr_eval_head(gr_text *out, const char *image, const char *group, const char *fold)
{
    gr_csv_put_joined(out, "", image);
    if (group != NULL) {
        gr_text_add(out, ",", 1);
        gr_csv_put_joined(out, "", group);
    }
    if (fold != NULL) {
        gr_text_add(out, ",", 1);
        gr_csv_put_joined(out, "", fold);
    }
}

/* ---- names in tables ---------------------------------------------------------------------------------------------------- */

enum { NAME_WIDTH = 24 };

/* The bytes and the printed width (in code points) of a name that is cut to NAME_WIDTH. */
static int name_bytes(const char *name, int *width)
{
    int bytes = 0;
    *width = 0;
    while (name[bytes] != '\0' && *width < NAME_WIDTH) {
        do
            bytes++;
        while (((unsigned char)name[bytes] & 0xC0) == 0x80);
        (*width)++;
    }
    return bytes;
}

int gr_eval_name_width(const char *name)
{
    int width;
    (void)name_bytes(name, &width);
    return width;
}

void gr_eval_put_name(gr_text *out, const char *name, int column, bool right)
{
    int width, bytes = name_bytes(name, &width), blank = column > width ? column - width : 0;
    gr_text_printf(out, "%*s%.*s%*s", right ? blank : 0, "", bytes, name, right ? 0 : blank, "");
}
