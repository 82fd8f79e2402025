/* Runs in the child of hdf5.c: how a whole model was made, which its HDF5 file keeps as JSON in an attribute of the root, beside
 * the version of Keras. */
#include "formats/hdf5_walk.h"

#include <hdf5.h>
#include <string.h>

gr_status gr_hdf5_send_text(gr_hdf5_walk *w, gr_hdf5_kind kind, const char *text)
{
    size_t length = strlen(text);
    gr_hdf5_record record = {.kind = kind, .length = (uint32_t)length};
    if (length > GR_HDF5_MADE_LIMIT)
        return GR_OK; /* no model's: what is not known is not compared */
    if (fwrite(&record, sizeof record, 1, w->to) != 1 || fwrite(text, 1, length, w->to) != length)
        return gr_fail(w->err, GR_IO, "%s: its configuration cannot be passed on", w->path);
    return GR_OK;
}

/* A text of as many bytes as it has, or one that is padded to a size. */
static gr_status send_attribute(gr_hdf5_walk *w, hid_t attribute, hid_t type, hid_t space, gr_hdf5_kind kind)
{
    gr_status status = GR_OK;
    if (H5Tget_class(type) != H5T_STRING || H5Sget_simple_extent_npoints(space) != 1)
        return GR_OK;
    if (H5Tis_variable_str(type) > 0) {
        char *text = NULL;
        if (H5Aread(attribute, type, &text) >= 0 && text != NULL)
            status = gr_hdf5_send_text(w, kind, text);
        if (text != NULL)
            H5Dvlen_reclaim(type, space, H5P_DEFAULT, &text);
        return status;
    }
    size_t size = H5Tget_size(type);
    char *text = size <= GR_HDF5_MADE_LIMIT ? gr_alloc(size + 1, 1) : NULL;
    if (text != NULL && H5Aread(attribute, type, text) >= 0)
        status = gr_hdf5_send_text(w, kind, text);
    gr_free(text);
    return status;
}

gr_status gr_hdf5_send_attributes(gr_hdf5_walk *w, int64_t file)
{
    static const struct {
        const char *name;
        gr_hdf5_kind kind;
    } all[] = {{"model_config", GR_HDF5_MADE}, {"keras_version", GR_HDF5_VERSION}};
    gr_status status = GR_OK;
    for (size_t i = 0; status == GR_OK && i < sizeof all / sizeof all[0]; i++) {
        if (H5Aexists(file, all[i].name) <= 0)
            continue;
        hid_t attribute = H5Aopen(file, all[i].name, H5P_DEFAULT);
        hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
        if (attribute >= 0 && type >= 0 && space >= 0)
            status = send_attribute(w, attribute, type, space, all[i].kind);
        H5Sclose(space);
        H5Tclose(type);
        H5Aclose(attribute);
    }
    return status;
}
