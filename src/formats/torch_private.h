/* Between the parts of the reader of PyTorch's files: torch.c (the forms), torch_export.c (torch.export's archives),
 * torch_objects.c (what a pickle may make), torch_arrays.c (NumPy's arrays among it), torch_search.c (where the tensors are in
 * what was saved), torch_state.c (their elements) and torch_parts.c (what the others share). */
#ifndef GR_FORMATS_TORCH_PRIVATE_H
#define GR_FORMATS_TORCH_PRIVATE_H

#include "formats/pickle.h"
#include "formats/source.h"
#include "formats/zip.h"
#include "grimace/weights.h"

/* A storage as a persistent id describes it; a view is a part of it that the oldest versions name. */
typedef struct gr_torch_storage {
    const char *key;
    gr_type type;
    uint64_t count, view_at, view_count; /* elements */
    uint64_t at;                         /* legacy: of its elements in the file, 0 until found */
    const char *bytes;                   /* its elements, where the pickle itself holds them; else NULL */
} gr_torch_storage;

typedef struct gr_torch_view {
    const gr_torch_storage *storage;
    uint64_t offset;
    gr_shape shape;
    uint64_t stride[GR_MAX_RANK];
} gr_torch_view;

typedef struct gr_torch {
    const gr_source *source;
    gr_zip zip;
    char *prefix; /* of the names in the zip; NULL: legacy */
    bool bare;    /* a pickle, with nothing beside it */
    gr_arena *arena;
    gr_torch_storage **storages; /* [storage_count]; one key may come several times */
    size_t storage_count, storage_capacity;
    const gr_torch_storage *raw_of; /* whose elements `raw` holds */
    char *raw;
    uint64_t budget; /* bytes that may still be made */
} gr_torch;

/* What a foreign object of the pickle is. */
enum {
    GR_TORCH_STORAGE, /* gr_torch_storage */
    GR_TORCH_TENSOR,  /* gr_torch_view */
    GR_TORCH_TYPE,    /* NumPy's type of elements: gr_torch_type */
    GR_TORCH_ARRAY,   /* one of NumPy's that has not been filled yet: no data */
    GR_TORCH_THING    /* what is not asked for, such as a device or options of the training: no data */
};
/* `what` of a dict that is a module of TorchScript: the attributes are its items. */
enum { GR_TORCH_MODULE = 1 };

typedef struct gr_torch_found {
    const char *name;
    const gr_torch_view *view;
} gr_torch_found;

/* Runs the next pickle of bytes[size]; notes the storages that it names. What it makes points into `bytes`.
 * Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_torch_unpickle(gr_torch *l, const void *bytes, size_t size, size_t *at, gr_pickle **root,
                            gr_error *err) GR_MUST_CHECK;
/* Calls of NumPy's, each as `call` of gr_unpickler; those that are of no use give a GR_TORCH_THING.
 * Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_torch_make_type(gr_torch *l, const gr_pickle *args, gr_pickle **out, gr_error *err) GR_MUST_CHECK;
gr_status gr_torch_make_array(gr_torch *l, const gr_pickle *args, gr_pickle **out, gr_error *err) GR_MUST_CHECK;
gr_status gr_torch_encode(gr_torch *l, const gr_pickle *args, gr_pickle **out, gr_error *err) GR_MUST_CHECK;
/* The state of a type or an array. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_torch_set_array(gr_torch *l, gr_pickle *object, const gr_pickle *state, gr_error *err) GR_MUST_CHECK;
/* All tensors in `root` and the dicts within, in order, each under the names that lead to it, joined by dots. A dict around the
 * one set of tensors ("state_dict", "model") is not part of the names, and the optimizer's are left out. GIVES (*found)[*count],
 * whose names live in the arena. Fails: GR_INVALID (none), GR_NOMEM. */
gr_status gr_torch_find(gr_torch *l, const gr_pickle *root, gr_torch_found **found, size_t *count, gr_error *err) GR_MUST_CHECK;
/* Adds the tensors that gr_torch_find gives; legacy storages have been found. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_torch_take_state(gr_torch *l, const gr_pickle *root, gr_weights *weights, gr_error *err) GR_MUST_CHECK;

/* The list of weights in an archive of torch.export, or NULL. Never fails. */
const gr_zip_entry *gr_torch_export_list(const gr_torch *l) GR_MUST_CHECK;
/* What a pickle of the state dict would give; sets l->prefix. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_torch_export_state(gr_torch *l, const gr_zip_entry *list, gr_pickle **root, gr_error *err) GR_MUST_CHECK;

/* A new foreign object; `data` NULL is a lack of memory unless it has none. Fails: GR_NOMEM. */
gr_status gr_torch_make(const gr_torch *l, int what, void *data, gr_pickle **out, gr_error *err) GR_MUST_CHECK;
/* true and the value of a whole number from 0 up. */
bool gr_torch_whole(const gr_pickle *object, uint64_t *out);
/* Every element that the view names lies in its storage, and it does not name many times as many as there are. */
bool gr_torch_fits(const gr_torch_view *v);
/* Takes `bytes` off what may still be made. Fails: GR_INVALID (too much for the file's size). */
gr_status gr_torch_spend(gr_torch *l, uint64_t bytes, gr_error *err) GR_MUST_CHECK;
/* Record "FILE: is damaged: WHAT" and a lack of memory; return the status. */
gr_status gr_torch_refuse(const gr_torch *l, const char *what, gr_error *err);
gr_status gr_torch_no_memory(const gr_torch *l, gr_error *err);

#endif
