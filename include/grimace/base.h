/* Status codes and the error object: how every function of grimace says that it could not do its work.
 *
 * Words used in all headers: a function TAKES a pointer when it becomes its owner, BORROWS it when the caller keeps it,
 * and GIVES one when the caller becomes the owner. The last line of each comment, "Fails:", lists the statuses. */
#ifndef GRIMACE_BASE_H
#define GRIMACE_BASE_H

#define GRIMACE_VERSION "0.1.0"

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define GR_MUST_CHECK __attribute__((warn_unused_result))
#define GR_PRINTF(fmt_arg, first_arg) __attribute__((format(printf, fmt_arg, first_arg)))
#else
#define GR_MUST_CHECK
#define GR_PRINTF(format, first)
#endif

typedef enum gr_status {
    GR_OK = 0,
    GR_INVALID,     /* the input is wrong: command line, config, manifest, image, weights, or a path (exit status 2) */
    GR_NOMEM,       /* memory could not be had */
    GR_IO,          /* the system refused to read or write while running */
    GR_INTERRUPTED, /* the user asked to stop (Ctrl-C); the state on disk can be resumed */
    GR_FAILED,      /* the work itself went wrong, such as a loss that is no longer finite */
    GR_INTERNAL     /* grimace broke a promise of its own: a bug */
} gr_status;

/* One human sentence and its status. Zero-initialise it; the first failure that is recorded stays. */
typedef struct gr_error {
    gr_status status;
    char text[1024];
} gr_error;

/* Records "fmt..." in `err` (borrowed, may be NULL) unless an earlier failure stands there, and returns `status`, so that
 * a caller can write `return gr_fail(err, GR_INVALID, ...)`. The sentence says where, what is wrong, what would be right;
 * control characters and invalid UTF-8 that came from input are replaced by '?', so that it is one printable line.
 * Never fails. */
gr_status gr_fail(gr_error *err, gr_status status, const char *fmt, ...) GR_PRINTF(3, 4);

/* Puts "fmt..." and a separating ": " in front of the sentence in `err`: adds where the failure happened while it travels
 * up. Does nothing when `err` is NULL or holds no failure. Never fails. */
void gr_error_prefix(gr_error *err, const char *fmt, ...) GR_PRINTF(2, 3);

/* The word for a status ("ok", "invalid input", ...); static storage. Never fails. */
const char *gr_status_name(gr_status status);

#endif
