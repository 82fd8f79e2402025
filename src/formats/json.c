#include "formats/json.h"

#include <math.h>

enum { READ_LIMIT = 256 << 20 };

json_t *gr_json_real(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static int add_piece(const char *bytes, size_t size, void *buffer)
{
    gr_text_add(buffer, bytes, size);
    return ((gr_text *)buffer)->failed ? -1 : 0;
}

static gr_status write_digits(const char *path, const json_t *value, size_t digits, gr_error *err)
{
    gr_text text = {0};
    int failed = json_dump_callback(value, add_piece, &text, JSON_INDENT(2) | digits | JSON_ENCODE_ANY);
    gr_text_add(&text, "\n", 1);
    gr_status status = failed || text.failed ? gr_fail(err, GR_NOMEM, "%s: no memory for its text", path)
                                             : gr_file_write(path, text.data, text.size, err);
    gr_text_free(&text);
    return status;
}

gr_status gr_json_write(const char *path, const json_t *value, gr_error *err)
{
    return write_digits(path, value, JSON_REAL_PRECISION(17), err);
}

gr_status gr_json_write_rounded(const char *path, const json_t *value, gr_error *err)
{
    return write_digits(path, value, JSON_REAL_PRECISION(9), err);
}

void gr_json_line(gr_text *out, const json_t *value)
{
    if (!value || json_dump_callback(value, add_piece, out, JSON_REAL_PRECISION(17) | JSON_ENCODE_ANY) != 0)
        out->failed = true;
    gr_text_add(out, "\n", 1);
}

gr_status gr_json_read(const char *path, json_t **value, gr_error *err)
{
    char *text;
    size_t size;
    json_error_t json;
    *value = NULL;
    gr_status status = gr_file_read(path, READ_LIMIT, &text, &size, err);
    if (status != GR_OK)
        return status;
    *value = json_loadb(text, size, JSON_REJECT_DUPLICATES, &json);
    if (!*value)
        status = gr_fail(err, json_error_code(&json) == json_error_out_of_memory ? GR_NOMEM : GR_INVALID,
                         "%s:%d: is not valid JSON: %s", path, json.line, json.text);
    gr_free(text);
    return status;
}
