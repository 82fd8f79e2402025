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
