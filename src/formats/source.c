#include "formats/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_LIMIT ((uint64_t)8 << 30)

gr_status gr_source_open(const char *path, const char *what, gr_source *source, gr_error *err)
{
    struct stat facts;
    *source = (gr_source){.path = path};
    /* O_NONBLOCK: opening a pipe must not wait for its writer. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return gr_fail(err, GR_INVALID, "%s: cannot be opened: %s", path, strerror(errno));
    gr_status status = GR_OK;
    if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode))
        status = gr_fail(err, GR_INVALID, "%s: is not a regular file, %s was expected", path, what);
    else if ((uint64_t)facts.st_size > FILE_LIMIT)
        status = gr_fail(err, GR_INVALID, "%s: is larger than 8 GB, the most that is read", path);
    if (status != GR_OK) {
        close(file);
        return status;
    }
    *source = (gr_source){.path = path, .file = file, .size = (uint64_t)facts.st_size};
    return GR_OK;
}

gr_status gr_source_read(const gr_source *source, void *to, uint64_t size, uint64_t at, gr_error *err)
{
    char *bytes = to;
    if (at > source->size || size > source->size - at)
        return gr_fail(err, GR_INVALID, "%s: %" PRIu64 " bytes at byte %" PRIu64 " lie beyond its end: it has %" PRIu64,
                       source->path, size, at, source->size);
    while (size > 0) {
        ssize_t got = pread(source->file, bytes, size < (1u << 30) ? size : (1u << 30), (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return gr_fail(err, GR_INVALID, "%s: cannot be read: %s", source->path,
                           got < 0 ? strerror(errno) : "it became shorter meanwhile");
        bytes += got;
        at += (uint64_t)got;
        size -= (uint64_t)got;
    }
    return GR_OK;
}

void gr_source_close(gr_source *source)
{
    if (source->path != NULL && source->file > 0)
        close(source->file);
    *source = (gr_source){0};
}
