/* Writes pictures on threads of its own while the caller makes the next ones. */
#ifndef GR_DATA_PICTURE_WRITER_H
#define GR_DATA_PICTURE_WRITER_H

#include "grimace/image.h"

typedef struct gr_picture_writer gr_picture_writer;

/* GIVES a writer; quality 1 to 100 makes JPEGs, 0 PNGs. Fails: GR_NOMEM, GR_IO (no thread). */
gr_status gr_picture_writer_create(int threads, int quality, gr_picture_writer **out, gr_error *err) GR_MUST_CHECK;
/* Writes `image` (TAKEN, also on failure) to `path` (copied), each file whole or not at all; waits while too many are under
 * way. Fails: what went wrong with an earlier one, GR_NOMEM. */
gr_status gr_picture_writer_add(gr_picture_writer *writer, const char *path, gr_image *image, gr_error *err) GR_MUST_CHECK;
/* Waits until all are written. Fails: as gr_file_put, the first that did; GR_NOMEM. */
gr_status gr_picture_writer_finish(gr_picture_writer *writer, gr_error *err) GR_MUST_CHECK;
/* Ends the threads when their pictures are written. NULL is fine. Never fails. */
void gr_picture_writer_destroy(gr_picture_writer *writer);

#endif
