/* A YAML document as a tree with line numbers: what the config is read from. Bounded in every way: size, depth, nodes (an
 * alias counts as all the nodes that it stands for), anchors. */
#ifndef GR_FORMATS_YAML_H
#define GR_FORMATS_YAML_H

#include "base/base.h"

typedef enum gr_yaml_kind { GR_YAML_SCALAR, GR_YAML_LIST, GR_YAML_MAP } gr_yaml_kind;

typedef struct gr_yaml {
    gr_yaml_kind kind;
    int line;                     /* where it begins, from 1 */
    bool plain;                   /* a scalar without quotes or !!str: may mean a number, a truth value or null */
    const char *text;             /* a scalar's text */
    const struct gr_yaml **items; /* a list's items; a map's keys and values in turn */
    int count;                    /* of items, or of pairs */
    int nodes;                    /* the node itself and all below it */
} gr_yaml;

/* Parses one document of text[size] into `arena`, where *root lives; *root is NULL when there is no document. `file`
 * (borrowed) begins the sentences, "FILE:LINE: "; NULL: the caller puts the place in front.
 * Fails: GR_INVALID (not UTF-8, NUL, not YAML, several documents, too deep, too many nodes, tags, merge keys), GR_NOMEM. */
gr_status gr_yaml_parse(const char *file, const char *text, size_t size, gr_arena *arena, const gr_yaml **root,
                        gr_error *err) GR_MUST_CHECK;

/* true for a plain scalar that means null: nothing, "~", "null". Never fails. */
bool gr_yaml_is_null(const gr_yaml *node);

/* Appends `text` as a YAML scalar that reads back as this very string, quoted unless it can only be a word. */
void gr_yaml_put_string(gr_text *out, const char *text);
/* Appends the shortest number that reads back the same, as every YAML version understands it ("1.0e-08", "224"). */
void gr_yaml_put_number(gr_text *out, double value);

#endif
