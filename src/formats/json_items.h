/* A large JSON file, one item at a time: only the text and the item under way are held, never a tree of all. */
#ifndef GR_FORMATS_JSON_ITEMS_H
#define GR_FORMATS_JSON_ITEMS_H

#include "formats/json.h"

typedef struct gr_json_text {
    const char *path; /* borrowed */
    char *text;
    size_t size;
} gr_json_text;

/* An item of a list or of an object. */
typedef struct gr_json_item {
    const char *path;
    int64_t line;
    const char *key; /* NULL in a list */
    json_t *value;   /* borrowed during the visit */
} gr_json_item;

typedef gr_status (*gr_json_visit)(void *ctx, const gr_json_item *item, gr_error *err);

/* Reads a file of at most 2 GB; gives its text (gr_json_text_free). Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_json_text_read(const char *path, gr_json_text *text, gr_error *err) GR_MUST_CHECK;
void gr_json_text_free(gr_json_text *text);

/* Visits each item of the member `section` of the outermost object, a list or an object itself; `section` NULL: of the
 * outermost object or list. *found (may be NULL) tells whether there is such a member; null and numbers have no items.
 * What `visit` returns but GR_OK ends it.
 * Fails: GR_INVALID ("FILE:LINE: ...": not JSON as far as it was read, deeper than 200, a name that is there twice in an item),
 * GR_NOMEM, and as `visit`. */
gr_status gr_json_each(const gr_json_text *text, const char *section, gr_json_visit visit, void *ctx, bool *found,
                       gr_error *err) GR_MUST_CHECK;

/* ---- values, which may be NULL (a member that is not there): sentences begin with the item's place ---- */

/* A number, or a text that is one. Fails: GR_INVALID. */
gr_status gr_json_number(const gr_json_item *item, const json_t *value, const char *what, double *out,
                         gr_error *err) GR_MUST_CHECK;
/* A list of numbers: at least `least`, of which `least` are read. Fails: GR_INVALID. */
gr_status gr_json_numbers(const gr_json_item *item, const json_t *value, const char *what, size_t least, double *out,
                          gr_error *err) GR_MUST_CHECK;

#endif
