/* Sets of descriptors from YAML: the ones that come with grimace, and files. */
#ifndef GRIMACE_DESCRIPTOR_SETS_H
#define GRIMACE_DESCRIPTOR_SETS_H

#include "grimace/descriptors.h"
#include "grimace/text.h"

typedef struct gr_descriptor_file gr_descriptor_file;

/* Reads the set called `name` (fgs35, rats18, mice18, catflw48), else the file of that path, which then must end in .yaml or
 * .yml. Gives *out (gr_descriptor_file_free). Sentences begin with "FILE:LINE: ".
 * Fails: GR_INVALID (no such set or file, not a set, a landmark that is not there), GR_NOMEM. */
gr_status gr_descriptor_set_open(const char *name, gr_descriptor_file **out, gr_error *err) GR_MUST_CHECK;
/* The set in it; BORROWED. Never fails. */
const gr_descriptor_set *gr_descriptor_file_set(const gr_descriptor_file *file);
void gr_descriptor_file_free(gr_descriptor_file *file);

/* The set's YAML as it comes with grimace, static storage; NULL: there is none of that name. Never fails. */
const char *gr_descriptor_set_text(const char *name);
/* Appends the names of the sets that come with grimace: "catflw48, fgs35 ...". Never fails (see gr_text). */
void gr_descriptor_set_names(gr_text *out);

#endif
