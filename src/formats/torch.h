/* PyTorch's files: torch.save of a state dict, in the zip form (since 1.6) and the one before it, TorchScript's archives; and
 * pickles of NumPy arrays. */
#ifndef GR_FORMATS_TORCH_H
#define GR_FORMATS_TORCH_H

#include "formats/source.h"
#include "grimace/weights.h"

/* What such files begin with; `bytes` holds the first `size` of them. Never fails. */
bool gr_torch_is_zip(const unsigned char *bytes, size_t size);
bool gr_torch_is_legacy(const unsigned char *bytes, size_t size);
bool gr_torch_is_pickle(const unsigned char *bytes, size_t size); /* also of the legacy form */

/* Gives the tensors of the state dict in `source`, in its order, of the types that the file holds. No code of the file runs:
 * it can make tensors, arrays, numbers, texts and containers; what trainings keep beside them is passed over, and everything else
 * is refused by name. A state dict that stands alone under "state_dict", "model" ... is found, and of several dicts of tensors the
 * names begin with their keys: "teacher.conv1.weight". Memory is bounded by the file's size.
 * Fails: GR_INVALID (one sentence with the file), GR_NOMEM. */
gr_status gr_torch_read_zip(const gr_source *source, gr_weights *weights, gr_error *err) GR_MUST_CHECK;
gr_status gr_torch_read_legacy(const gr_source *source, gr_weights *weights, gr_error *err) GR_MUST_CHECK;
gr_status gr_torch_read_pickle(const gr_source *source, gr_weights *weights, gr_error *err) GR_MUST_CHECK;

#endif
