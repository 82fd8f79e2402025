/* Which parts of a run are taken, and which are done: claims in a tree of small folders (crew/board_tree.h), so that neither
 * taking a part nor knowing that all are done costs more when there are more of them.
 *
 * Part 17 of a folder is taken while 17.0 is there, by the worker through whose folder that symbolic link leads to the part's;
 * 17.1 is who took it after that one had died. 17.done: it is done. end.0, end.1 ... in the uppermost folder are claims of the
 * end. */
#ifndef GR_CREW_BOARD_H
#define GR_CREW_BOARD_H

#include "crew/board_tree.h"

/* Fails: GR_INVALID (a path that is too long), GR_NOMEM. */
gr_status gr_board_open(gr_worker *worker, const gr_share_parts *parts, bool ordered, gr_board *out, gr_error *err) GR_MUST_CHECK;
void gr_board_close(gr_board *board);
/* gr_share's take, for a registered worker. Fails: GR_INVALID (no symbolic links there), GR_IO, GR_NOMEM. */
gr_status gr_board_take(gr_board *board, int wanted, gr_share_taken *out, gr_error *err) GR_MUST_CHECK;
/* Notes that the part is done. Fails: GR_IO. */
gr_status gr_board_done(gr_board *board, const gr_share_taken *taken, gr_error *err) GR_MUST_CHECK;
/* Are all parts done, or is the board not there any more? Never fails. */
bool gr_board_all_done(gr_board *board);
/* Are all parts taken or done, as one file says? Never fails. */
bool gr_board_full(const char *run, const char *place);
/* Takes RUN/crew of a run away, or RUN/crew/PLACE, at once for others, and then file by file. Never fails. */
void gr_board_remove(const char *run, const char *place);

#endif
