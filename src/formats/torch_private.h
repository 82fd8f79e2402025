/* Between the parts of the reader of PyTorch's files: torch.c (the two forms), torch_objects.c (what a pickle may make) and
 * torch_state.c (the state dict and its elements). */
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
    gr_arena *arena;
    gr_torch_storage **storages; /* [storage_count]; one key may come several times */
    size_t storage_count, storage_capacity;
    const gr_torch_storage *raw_of; /* whose elements `raw` holds */
    char *raw;
    uint64_t budget; /* bytes that may still be made */
} gr_torch;

/* What a foreign object of the pickle is: gr_torch_storage or gr_torch_view. */
enum { GR_TORCH_STORAGE, GR_TORCH_TENSOR };

/* Runs the next pickle of bytes[size]; notes the storages that it names. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_torch_unpickle(gr_torch *l, const void *bytes, size_t size, size_t *at, gr_pickle **root,
                            gr_error *err) GR_MUST_CHECK;
/* Adds the tensors of the state dict in `root`; legacy storages have been found. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_torch_take_state(gr_torch *l, const gr_pickle *root, gr_weights *weights, gr_error *err) GR_MUST_CHECK;

/* Record "FILE: is damaged: WHAT" and a lack of memory; return the status. */
gr_status gr_torch_refuse(const gr_torch *l, const char *what, gr_error *err);
gr_status gr_torch_no_memory(const gr_torch *l, gr_error *err);

#endif
