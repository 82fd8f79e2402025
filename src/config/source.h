/* Where a config comes from: a file, overrides over it, and the place of each value. */
#ifndef GR_CONFIG_SOURCE_H
#define GR_CONFIG_SOURCE_H

#include "config/errors.h"
#include "config/keys.h"

enum { GR_CONFIG_SECTIONS = 32 };

typedef struct gr_config_layer {
    const char *text;  /* "key=value" */
    const char *place; /* "command line", or where the sweep's axis stands */
} gr_config_layer;

/* Where a key's value comes from. */
typedef struct gr_config_origin {
    const char *place; /* NULL: it is the default */
    int layer;         /* 0: the file; else the number of the override */
    bool relative; /* a path, or paths, that were given from the config's folder on */
    bool doubtful;     /* what is written there was refused, or another key may have meant this one */
} gr_config_origin;

struct gr_config_source {
    gr_arena *arena;
    const char *file, *folder,
        *text; /* the config file: as given, its folder (absolute), its content; NULL: there is none */
    size_t size;
    gr_config_layer *layers;
    int layer_count;
    gr_config_origin *origins; /* [gr_key_count] */
    struct {
        const char *path, *place;
    } sections[GR_CONFIG_SECTIONS]; /* where sections begin, for keys that were left out */
    int section_count;
    const char *top; /* "FILE:1" */
    struct gr_descriptor_file *descriptors; /* what data.features.describe names; NULL: nothing, or not yet */
    bool unread;     /* the file as a whole was refused: nothing is known of its keys */
};

/* GIVES an empty config that remembers a file's text (copied; NULL: no file) and has room for `layers`; NULL when memory is
 * short. */
gr_config *gr_config_start(const char *file, const char *folder, const char *text, size_t size, int layers);
/* Remembers overrides[count] behind those that are there. An override of a key that the sweep of `base` (or NULL) varies
 * stands where its axis stands. false: memory is short. */
bool gr_config_add_layers(gr_config *config, const gr_config *base, const char *const *overrides, int count);
/* Likewise those of another config, with their places. */
bool gr_config_copy_layers(gr_config *config, const gr_config *from);
/* Records that memory is short. Fails: GR_NOMEM, always. */
gr_status gr_config_no_memory(const gr_config *config, gr_error *err);

/* Applies defaults, the file and the overrides, in which `group` (NULL: as they say) stands in for a file's data.group
 * (layers.c). What is wrong goes to `errors`. Fails: GR_NOMEM. */
gr_status gr_config_apply(gr_config *config, const char *group, gr_config_errors *errors, gr_error *err) GR_MUST_CHECK;
/* Opens what data.features.describe names (describe.c). What is wrong goes to `errors`. Fails: GR_NOMEM, GR_IO. */
gr_status gr_config_describe(gr_config *config, gr_config_errors *errors, gr_error *err) GR_MUST_CHECK;
/* Fills in what was left out (fill.c). Fails: GR_NOMEM. */
gr_status gr_config_fill(gr_config *config, gr_error *err) GR_MUST_CHECK;

#endif
