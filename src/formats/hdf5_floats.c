/* Runs in the child of hdf5.c: sends the floats of one dataset. */
#include "formats/hdf5_walk.h"

#include <hdf5.h>
#include <inttypes.h>
#include <string.h>

#include "grimace/tensor.h"

typedef gr_hdf5_walk reader;

static gr_status bad(reader *r, const char *where, const char *what)
{
    return gr_fail(r->err, GR_INVALID, "%s: '%s' %s", r->path, where, what);
}

static gr_status no_memory(reader *r)
{
    return gr_fail(r->err, GR_NOMEM, "%s: no memory for its tensors", r->path);
}

static gr_status send_data(reader *r, hid_t dataset, const char *name, const gr_shape *shape, size_t bytes)
{
    gr_hdf5_record record = {.kind = GR_HDF5_TENSOR, .length = (uint32_t)strlen(name), .rank = (uint32_t)shape->rank};
    memcpy(record.dim, shape->dim, (size_t)shape->rank * sizeof *record.dim);
    float *data = gr_alloc(bytes + 1, 1);
    if (data == NULL)
        return no_memory(r);
    gr_status status = GR_OK;
    if (bytes > 0 && H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0)
        status = bad(r, name, "cannot be read: the file is damaged");
    else if (fwrite(&record, sizeof record, 1, r->to) != 1 || fwrite(name, 1, record.length, r->to) != record.length ||
             fwrite(data, 1, bytes, r->to) != bytes)
        status = gr_fail(r->err, GR_IO, "%s: its tensors cannot be passed on", r->path);
    gr_free(data);
    return status;
}

/* Where the numbers lie: here, in pieces of a size that can be had, and not in another file. */
static gr_status check_storage(reader *r, hid_t dataset, const char *name)
{
    hsize_t piece[H5S_MAX_RANK];
    uint64_t numbers = 1;
    hid_t made = H5Dget_create_plist(dataset);
    H5D_layout_t layout = H5Pget_layout(made);
    int rank = layout == H5D_CHUNKED ? H5Pget_chunk(made, H5S_MAX_RANK, piece) : 0;
    bool here = layout == H5D_COMPACT || layout == H5D_CONTIGUOUS || layout == H5D_CHUNKED;
    here = here && H5Pget_external_count(made) == 0;
    H5Pclose(made);
    if (!here)
        return bad(r, name, "lies in another file; Keras writes one file");
    for (int d = 0; d < rank; d++) {
        if (piece[d] == 0 || piece[d] > r->left / sizeof(float) / numbers)
            return bad(r, name, "comes in pieces that are larger than the file could hold");
        numbers *= piece[d];
    }
    return GR_OK;
}

static gr_status send_floats(reader *r, hid_t dataset, hid_t type, hid_t space, const char *name)
{
    hsize_t extent[H5S_MAX_RANK];
    size_t bytes;
    int rank = H5Sget_simple_extent_dims(space, extent, NULL);
    if (type < 0 || rank < 0)
        return bad(r, name, "cannot be read: the file is damaged");
    if (H5Tget_class(type) != H5T_FLOAT)
        return GR_OK; /* a counter, or the state of random numbers */
    if (rank > 4)
        return bad(r, name, "has more than 4 dimensions, which no layer's weights have");
    gr_shape shape = {.rank = rank};
    for (int d = 0; d < rank; d++)
        shape.dim[d] = extent[d] <= INT64_MAX ? (int64_t)extent[d] : -1;
    if (!gr_shape_bytes(&shape, GR_F32, &bytes) || bytes > r->left)
        return bad(r, name, "is larger than the file could hold");
    gr_status status = check_storage(r, dataset, name);
    r->left -= bytes;
    return status == GR_OK ? send_data(r, dataset, name, &shape, bytes) : status;
}

gr_status gr_hdf5_send_one(reader *r, int64_t dataset, const char *name)
{
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    gr_status status = send_floats(r, dataset, type, space, name);
    H5Sclose(space);
    H5Tclose(type);
    return status;
}
