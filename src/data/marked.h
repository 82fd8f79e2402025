/* Boxes that are to be found in images: columns PREFIX_x, PREFIX_y, PREFIX_w, PREFIX_h of a manifest, a row for each face.
 */
#ifndef GR_DATA_MARKED_H
#define GR_DATA_MARKED_H

#include "data/manifest_reader.h"

/* Finds the columns of options->marks. *missing: the first that is not there (in the reader's arena), or NULL.
 * Fails: GR_NOMEM. */
gr_status gr_marked_find(gr_manifest_reader *rd, const char **missing) GR_MUST_CHECK;
/* Room for the boxes of all rows; false: no memory. */
bool gr_marked_room(gr_manifest_reader *rd) GR_MUST_CHECK;
/* Reads the boxes of row `row` of the table. Fails: as gr_manifest_problem. */
gr_status gr_marked_read(const gr_manifest_reader *rd, int64_t row, bool *usable) GR_MUST_CHECK;
/* Why row `r` is not another face in the image of row `other`, or NULL: it is. Never fails. */
const char *gr_marked_clash(const gr_manifest_reader *rd, int64_t r, int64_t other);
/* Fills m->marked and m->marks for the usable rows. Fails: GR_NOMEM. */
gr_status gr_marked_keep(gr_manifest_reader *rd) GR_MUST_CHECK;

#endif
