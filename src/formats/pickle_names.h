/* Lists of names in Python's oldest pickle (protocol 0), which PyTables keeps in a table's attributes: texts, numbers, and
 * lists and tuples of them. Opcodes: Python's Lib/pickletools.py. */
#ifndef GR_FORMATS_PICKLE_NAMES_H
#define GR_FORMATS_PICKLE_NAMES_H

#include "formats/pickle.h"

/* Reads `text` (UTF-8, as the pickle's Latin-1 was read) into `arena`; *root may contain itself. `place` begins the
 * sentences. Fails: GR_INVALID (cut off, another opcode, no sense), GR_NOMEM. */
gr_status gr_pickle_names(const char *place, const char *text, gr_arena *arena, gr_pickle **root,
                          gr_error *err) GR_MUST_CHECK;

#endif
