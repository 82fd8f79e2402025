/* HDF5 files by libhdf5, in memory: what is written is ours, so that no child is needed, and the disk sees whole files
 * alone. */
#include "formats/hdf5_write.h"

#include <hdf5.h>
#include <string.h>

#include "base/base.h"

typedef struct maker {
    hid_t file, links, dataset;
    gr_error *err;
} maker;

static gr_status cannot(const maker *m, const char *name)
{
    return gr_fail(m->err, GR_INVALID, "%s: the HDF5 library cannot write it", name);
}

static gr_status put_tensor(const maker *m, const char *name, const gr_tensor *tensor)
{
    hsize_t dims[8];
    for (int d = 0; d < tensor->shape.rank; d++)
        dims[d] = (hsize_t)tensor->shape.dim[d];
    hid_t space = tensor->shape.rank > 0 ? H5Screate_simple(tensor->shape.rank, dims, NULL) : H5Screate(H5S_SCALAR);
    hid_t set = H5Dcreate2(m->file, name, H5T_IEEE_F32LE, space, m->links, m->dataset, H5P_DEFAULT);
    bool good = set >= 0 && H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, tensor->data) >= 0;
    if (set >= 0)
        H5Dclose(set);
    H5Sclose(space);
    return good ? GR_OK : cannot(m, name);
}

/* The texts as one block of cells of `width` bytes, filled up with zeros. GIVES it. */
static char *cells_of(const gr_hdf5_label *label, size_t count, size_t *width)
{
    *width = 1;
    for (size_t i = 0; i < count; i++)
        *width = strlen(label->texts[i]) > *width ? strlen(label->texts[i]) : *width;
    char *cells = gr_alloc(count + 1, *width);
    for (size_t i = 0; cells != NULL && i < count; i++)
        memcpy(cells + i * *width, label->texts[i], strlen(label->texts[i]));
    return cells;
}

static gr_status put_label(const maker *m, const gr_hdf5_label *label)
{
    size_t count = label->count < 0 ? 1 : (size_t)label->count, width;
    const char *name = label->group[0] != '\0' ? label->group : "/";
    char *cells = cells_of(label, count, &width);
    if (cells == NULL)
        return gr_fail(m->err, GR_NOMEM, "no memory for the weights' names");
    hsize_t dim = count;
    bool there = label->group[0] == '\0' || H5Lexists(m->file, name, H5P_DEFAULT) > 0;
    hid_t group =
        there ? H5Gopen2(m->file, name, H5P_DEFAULT) : H5Gcreate2(m->file, name, m->links, H5P_DEFAULT, H5P_DEFAULT);
    hid_t type = H5Tcopy(H5T_C_S1), space = label->count < 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &dim, NULL);
    H5Tset_size(type, label->count < 0 ? H5T_VARIABLE : width); /* as h5py has them */
    H5Tset_strpad(type, label->count < 0 ? H5T_STR_NULLTERM : H5T_STR_NULLPAD);
    H5Tset_cset(type, H5T_CSET_UTF8);
    hid_t attribute = group >= 0 ? H5Acreate2(group, label->key, type, space, H5P_DEFAULT, H5P_DEFAULT) : -1;
    bool good = attribute >= 0 &&
                (count == 0 || H5Awrite(attribute, type, label->count < 0 ? (const void *)label->texts : cells) >= 0);
    if (attribute >= 0)
        H5Aclose(attribute);
    if (group >= 0)
        H5Gclose(group);
    H5Sclose(space);
    H5Tclose(type);
    gr_free(cells);
    return good ? GR_OK : cannot(m, label->key);
}

static gr_status fill(const maker *m, const gr_weights *weights, const gr_hdf5_label *labels, int count)
{
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < gr_weights_count(weights); i++)
        status = put_tensor(m, gr_weights_name(weights, i), gr_weights_at((gr_weights *)weights, i));
    for (int i = 0; status == GR_OK && i < count; i++)
        status = put_label(m, &labels[i]);
    return status;
}

static gr_status take_image(const maker *m, unsigned char **bytes, size_t *size)
{
    ssize_t length = H5Fflush(m->file, H5F_SCOPE_GLOBAL) >= 0 ? H5Fget_file_image(m->file, NULL, 0) : -1;
    *bytes = length > 0 ? gr_alloc((size_t)length, 1) : NULL;
    *size = length > 0 ? (size_t)length : 0;
    if (*bytes == NULL || H5Fget_file_image(m->file, *bytes, *size) < 0)
        return gr_fail(m->err, GR_NOMEM, "no memory for the HDF5 file");
    return GR_OK;
}

gr_status gr_hdf5_make(const gr_weights *weights, const gr_hdf5_label *labels, int count, unsigned char **bytes,
                       size_t *size, gr_error *err)
{
    enum { GROWTH = 1 << 20 };
    *bytes = NULL;
    *size = 0;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* or it writes to the terminal */
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(access, GROWTH, false);
    maker m = {.file = H5Fcreate("grimace", H5F_ACC_TRUNC, H5P_DEFAULT, access),
               .links = H5Pcreate(H5P_LINK_CREATE),
               .dataset = H5Pcreate(H5P_DATASET_CREATE),
               .err = err};
    H5Pset_create_intermediate_group(m.links, 1);
    H5Pset_obj_track_times(m.dataset, false);
    gr_status status = m.file >= 0 ? fill(&m, weights, labels, count) : gr_fail(err, GR_NOMEM, "no memory for an HDF5 file");
    if (status == GR_OK)
        status = take_image(&m, bytes, size);
    if (m.file >= 0)
        H5Fclose(m.file);
    H5Pclose(m.dataset);
    H5Pclose(m.links);
    H5Pclose(access);
    if (status != GR_OK) {
        gr_free(*bytes);
        *bytes = NULL;
    }
    return status;
}
