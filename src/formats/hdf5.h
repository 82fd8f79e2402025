/* Keras's weights in HDF5 files. libhdf5 trusts the files that it reads, so a child process runs it: hdf5.c holds the
 * child's strings, hdf5_send.c is what runs in the child. */
#ifndef GR_FORMATS_HDF5_H
#define GR_FORMATS_HDF5_H

#include "formats/weights.h"

/* Do these first bytes begin an HDF5 file? Never fails. */
bool gr_hdf5_is(const unsigned char *bytes, size_t size);
/* Is the file there one, or an archive of Keras's (.keras)? false when it cannot be read. Never fails. */
bool gr_keras_is_file(const char *path);
/* Adds the float tensors (as F32, in Keras's layouts) of a file that Keras wrote, and note "format" = "keras". They are
 * named "layer/weight:0": the weight's own name, behind the layer's where it does not begin with that. Note "order" =
 * "class": the file is a .weights.h5 or .keras, whose layers stand in the order of their classes and not in the network's;
 * "nameless": they are called so, too. Note "arranged": it is a .keras, whose layers were brought into the network's order by its
 * config.json. Notes "keras_config" and "keras_version": the file's own text of how the model is made, where it holds a
 * whole one, and who wrote it. Fails: GR_INVALID (not Keras's, damaged, too large), GR_NOMEM, GR_IO (no child process). */
gr_status gr_hdf5_read(const gr_source *source, gr_weights *weights, gr_error *err) GR_MUST_CHECK;
/* Is the archive one of Keras's (.keras)? Never fails. */
bool gr_keras_is(const gr_zip *zip);
/* The same as gr_hdf5_read for the weights within such an archive. */
gr_status gr_keras_read(const gr_source *source, gr_weights *weights, gr_error *err) GR_MUST_CHECK;
#endif
