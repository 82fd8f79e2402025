/* The scanner finds where each item begins and ends, by brackets and strings alone; jansson reads the item. */
#include "formats/json_items.h"

#include <string.h>

enum { DEPTH_LIMIT = 200 };
#define TEXT_LIMIT ((size_t)2 << 30)

typedef struct scanner {
    const gr_json_text *text;
    const char *at, *end;
    const char *counted; /* lines are counted up to here */
    int64_t line;
    gr_error *err;
} scanner;

gr_status gr_json_text_read(const char *path, gr_json_text *text, gr_error *err)
{
    *text = (gr_json_text){.path = path};
    return gr_file_read(path, TEXT_LIMIT, &text->text, &text->size, err);
}

void gr_json_text_free(gr_json_text *text)
{
    gr_free(text->text);
    *text = (gr_json_text){0};
}

/* The line of `at`, which never goes back. */
static int64_t line_of(scanner *s, const char *at)
{
    for (const char *next; s->counted < at && (next = memchr(s->counted, '\n', (size_t)(at - s->counted))) != NULL;) {
        s->line++;
        s->counted = next + 1;
    }
    if (s->counted < at)
        s->counted = at;
    return s->line;
}

static gr_status refuse(scanner *s, const char *what)
{
    return gr_fail(s->err, GR_INVALID, "%s:%lld: is not valid JSON: %s", s->text->path, (long long)line_of(s, s->at), what);
}

static void skip_blanks(scanner *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\t' || *s->at == '\r'))
        s->at++;
}

static gr_status skip_string(scanner *s)
{
    const char *from = s->at++;
    for (; s->at < s->end && *s->at != '"'; s->at++)
        if (*s->at == '\\' && s->at + 1 < s->end)
            s->at++;
    if (s->at >= s->end) {
        s->at = from;
        return refuse(s, "a string has no end");
    }
    s->at++;
    return GR_OK;
}

/* Steps over one value. */
static gr_status skip_value(scanner *s)
{
    int depth = 0;
    const char *from = s->at;
    while (s->at < s->end) {
        char c = *s->at;
        if (c == '"') {
            gr_status status = skip_string(s);
            if (status != GR_OK)
                return status;
            if (depth == 0)
                return GR_OK;
            continue;
        }
        if (depth == 0 && (c == ',' || c == '}' || c == ']'))
            return s->at > from ? GR_OK : refuse(s, "a value is missing");
        if ((c == '{' || c == '[') && ++depth > DEPTH_LIMIT)
            return refuse(s, "lists and objects lie more than 200 deep in each other");
        s->at++;
        if ((c == '}' || c == ']') && --depth == 0)
            return GR_OK;
    }
    return depth == 0 && s->at > from ? GR_OK : refuse(s, "it ends in the middle of a value");
}

static gr_status load(scanner *s, const char *from, const char *to, json_t **value)
{
    json_error_t json;
    int64_t line = line_of(s, from);
    *value = json_loadb(from, (size_t)(to - from), JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &json);
    if (*value != NULL)
        return GR_OK;
    return gr_fail(s->err, json_error_code(&json) == json_error_out_of_memory ? GR_NOMEM : GR_INVALID,
                   "%s:%lld: is not valid JSON: %s", s->text->path, (long long)(line + (json.line > 0 ? json.line - 1 : 0)),
                   json.text);
}

/* Reads a member's name and steps over the colon; *key: the name as a JSON string. */
static gr_status take_key(scanner *s, json_t **key)
{
    *key = NULL;
    if (s->at >= s->end || *s->at != '"')
        return refuse(s, "a member's name in quotes is expected");
    const char *from = s->at;
    gr_status status = skip_string(s);
    if (status == GR_OK)
        status = load(s, from, s->at, key);
    if (status != GR_OK)
        return status;
    skip_blanks(s);
    if (s->at < s->end && *s->at == ':') {
        s->at++;
        skip_blanks(s);
        return GR_OK;
    }
    json_decref(*key);
    *key = NULL;
    return refuse(s, "a colon is expected behind a member's name");
}

/* What stands behind a value: *more tells that it is a comma. */
static gr_status take_comma(scanner *s, char close, bool *more)
{
    skip_blanks(s);
    *more = s->at < s->end && *s->at == ',';
    if (!*more && (s->at >= s->end || *s->at != close))
        return refuse(s, close == ']' ? "a comma or ] is expected" : "a comma or } is expected");
    s->at++;
    skip_blanks(s);
    return GR_OK;
}

static gr_status visit_item(scanner *s, const json_t *key, gr_json_visit visit, void *ctx)
{
    const char *from = s->at;
    json_t *value;
    gr_status status = skip_value(s);
    if (status == GR_OK)
        status = load(s, from, s->at, &value);
    if (status != GR_OK)
        return status;
    gr_json_item item = {s->text->path, s->line, key != NULL ? json_string_value(key) : NULL, value};
    status = visit(ctx, &item, s->err);
    json_decref(value);
    return status;
}

/* Visits the items of the list or object that begins here. */
static gr_status each_here(scanner *s, gr_json_visit visit, void *ctx)
{
    if (s->at >= s->end || (*s->at != '[' && *s->at != '{'))
        return skip_value(s);
    bool object = *s->at++ == '{';
    char close = object ? '}' : ']';
    skip_blanks(s);
    if (s->at < s->end && *s->at == close) {
        s->at++;
        return GR_OK;
    }
    gr_status status = GR_OK;
    for (bool more = true; status == GR_OK && more;) {
        json_t *key = NULL;
        if (object)
            status = take_key(s, &key);
        if (status == GR_OK)
            status = visit_item(s, key, visit, ctx);
        if (status == GR_OK)
            status = take_comma(s, close, &more);
        json_decref(key);
    }
    return status;
}

static gr_status check_end(scanner *s)
{
    skip_blanks(s);
    return s->at >= s->end ? GR_OK : refuse(s, "something follows behind its end");
}

gr_status gr_json_each(const gr_json_text *text, const char *section, gr_json_visit visit, void *ctx, bool *found,
                       gr_error *err)
{
    bool none;
    if (found == NULL)
        found = &none;
    scanner s = {text, text->text, text->text + text->size, text->text, 1, err};
    *found = section == NULL;
    if (text->size >= 3 && memcmp(s.at, "\xef\xbb\xbf", 3) == 0)
        s.at += 3;
    skip_blanks(&s);
    if (s.at >= s.end || (*s.at != '{' && *s.at != '['))
        return refuse(&s, "an object or a list is expected");
    if (section == NULL) {
        gr_status all = each_here(&s, visit, ctx);
        return all == GR_OK ? check_end(&s) : all;
    }
    if (*s.at == '[')
        return GR_OK;
    s.at++;
    skip_blanks(&s);
    if (s.at < s.end && *s.at == '}')
        return GR_OK;
    gr_status status = GR_OK;
    for (bool more = true; status == GR_OK && more;) {
        json_t *key;
        status = take_key(&s, &key);
        if (status != GR_OK)
            break;
        bool here = strcmp(json_string_value(key), section) == 0;
        json_decref(key);
        if (here && *found)
            return refuse(&s, "a member of the outermost object is there twice");
        *found = *found || here;
        status = here ? each_here(&s, visit, ctx) : skip_value(&s);
        if (status == GR_OK)
            status = take_comma(&s, '}', &more);
    }
    return status == GR_OK ? check_end(&s) : status;
}

gr_status gr_json_number(const gr_json_item *item, const json_t *value, const char *what, double *out, gr_error *err)
{
    if (json_is_number(value)) {
        *out = json_number_value(value);
        return GR_OK;
    }
    if (json_is_string(value) && gr_parse_double(json_string_value(value), out))
        return GR_OK;
    return gr_fail(err, GR_INVALID, "%s:%lld: %s is %s, expected a number", item->path, (long long)item->line, what,
                   value == NULL ? "missing" : "no number");
}

gr_status gr_json_numbers(const gr_json_item *item, const json_t *value, const char *what, size_t least, double *out,
                          gr_error *err)
{
    if (!json_is_array(value) || json_array_size(value) < least)
        return gr_fail(err, GR_INVALID, "%s:%lld: %s is %s, expected a list of %zu numbers", item->path, (long long)item->line,
                       what, value == NULL ? "missing" : "no such list", least);
    for (size_t i = 0; i < least; i++) {
        gr_status status = gr_json_number(item, json_array_get(value, i), what, &out[i], err);
        if (status != GR_OK)
            return status;
    }
    return GR_OK;
}
