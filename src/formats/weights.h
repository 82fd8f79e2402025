/* What the readers and writers of weights share beyond the public header. */
#ifndef GR_FORMATS_WEIGHTS_H
#define GR_FORMATS_WEIGHTS_H

#include "formats/source.h"
#include "formats/zip.h"
#include "grimace/weights.h"

typedef struct gr_note {
    char *key, *text;
} gr_note;

/* All notes in the order in which they were set. */
const gr_note *gr_weights_notes(const gr_weights *weights, int *count);

/* Adds the tensors and notes of a safetensors file. Fails: GR_INVALID (one sentence with file and tensor), GR_NOMEM. */
gr_status gr_safetensors_read(const gr_source *source, gr_weights *weights, gr_error *err) GR_MUST_CHECK;
/* Adds the notes alone, once the header and the file's length agree. Fails: as gr_safetensors_read. */
gr_status gr_safetensors_read_notes(const gr_source *source, gr_weights *weights, gr_error *err) GR_MUST_CHECK;
/* Adds the arrays of NumPy's archive (numpy.savez), each under its name there. Fails: GR_INVALID (one sentence with file and
 * array), GR_NOMEM. */
gr_status gr_npz_read(const gr_zip *zip, gr_weights *weights, gr_error *err) GR_MUST_CHECK;

#endif
