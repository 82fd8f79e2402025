/* The parent's side of reading HDF5: a child process runs libhdf5, which damaged files can crash, and sends what it found
 * through a pipe; nothing that comes out of it is trusted either. */
#include "formats/hdf5.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/hdf5_send.h"

bool gr_hdf5_is(const unsigned char *bytes, size_t size)
{
    return size >= 8 && memcmp(bytes, "\x89HDF\r\n\x1a\n", 8) == 0;
}

bool gr_hdf5_is_file(const char *path)
{
    unsigned char bytes[8];
    gr_source source;
    gr_error unread = {0};
    bool is = gr_source_open(path, "a file of weights", &source, &unread) == GR_OK &&
              gr_source_read(&source, bytes, sizeof bytes, 0, &unread) == GR_OK && gr_hdf5_is(bytes, sizeof bytes);
    gr_source_close(&source);
    return is;
}

/* What a file may hold: compressed zeros are small, but weights hardly shrink. */
static uint64_t tensor_limit(const gr_source *source)
{
    return 64 * source->size + (16u << 20);
}

/* ---- the child ---- */

static void confine(uint64_t file_size)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGPIPE, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL);
    rlim_t seconds = 10 + file_size / (20u << 20); /* a damaged file may keep the library in a loop */
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    setrlimit(RLIMIT_CPU, &(struct rlimit){seconds, seconds});
    int null = open("/dev/null", O_WRONLY);
    if (null >= 0)
        dup2(null, STDERR_FILENO);
}

/* Runs in the child and says by its exit status whether all was sent. */
static int serve(const gr_source *source, int out)
{
    gr_error err = {0};
    confine(source->size);
    FILE *to = fdopen(out, "wb");
    if (to == NULL)
        return 1;
    gr_status status = gr_hdf5_send(source->path, tensor_limit(source), to, &err);
    gr_hdf5_record last = {.kind = GR_HDF5_END};
    if (status != GR_OK)
        last = (gr_hdf5_record){.kind = GR_HDF5_FAILED, .status = status, .length = (uint32_t)strlen(err.text)};
    return fwrite(&last, sizeof last, 1, to) != 1 || fwrite(err.text, 1, last.length, to) != last.length || fflush(to) != 0;
}

/* ---- the parent ---- */

static gr_status damaged(const gr_source *source, gr_error *err)
{
    return gr_fail(err, GR_INVALID, "%s: is a damaged HDF5 file: the HDF5 library cannot read it to its end", source->path);
}

static bool take_bytes(int in, void *to, size_t size)
{
    for (char *bytes = to; size > 0;) {
        ssize_t got = read(in, bytes, size < (1u << 30) ? size : (1u << 30));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        bytes += got;
        size -= (size_t)got;
    }
    return true;
}

static gr_status take_tensor(const gr_source *source, int in, const gr_hdf5_record *record, const char *name, uint64_t *left,
                             gr_weights *weights, gr_error *err)
{
    gr_tensor tensor;
    size_t size;
    if (record->rank > 4)
        return damaged(source, err);
    gr_shape shape = gr_shape_make((int)record->rank, record->dim);
    if (!gr_shape_bytes(&shape, GR_F32, &size) || size > *left)
        return damaged(source, err);
    *left -= size;
    gr_status status = gr_tensor_create(&tensor, GR_F32, &shape, err);
    if (status != GR_OK)
        return status;
    status = take_bytes(in, tensor.data, size) ? gr_weights_take(weights, name, &tensor, err) : damaged(source, err);
    gr_tensor_destroy(&tensor);
    if (status == GR_INVALID)
        gr_error_prefix(err, "%s", source->path);
    return status;
}

static gr_status take_failure(const gr_source *source, uint32_t status, const char *text, gr_error *err)
{
    switch (status) {
    case GR_NOMEM:
    case GR_IO:
    case GR_INVALID:
        if (*text != '\0')
            return gr_fail(err, (gr_status)status, "%s", text);
        return damaged(source, err);
    default: return damaged(source, err);
    }
}

static gr_status receive(const gr_source *source, int in, gr_weights *weights, gr_error *err)
{
    uint64_t left = tensor_limit(source);
    for (;;) {
        gr_hdf5_record record;
        char text[GR_HDF5_NAME_LIMIT + sizeof err->text] = "";
        if (!take_bytes(in, &record, sizeof record) || record.length >= sizeof text || !take_bytes(in, text, record.length))
            return damaged(source, err);
        if (record.kind == GR_HDF5_END)
            return gr_weights_set_note(weights, "format", "keras", err);
        if (record.kind == GR_HDF5_FAILED)
            return take_failure(source, record.status, text, err);
        if (record.kind != GR_HDF5_TENSOR)
            return damaged(source, err);
        gr_status status = take_tensor(source, in, &record, text, &left, weights, err);
        if (status != GR_OK)
            return status;
    }
}

gr_status gr_hdf5_read(const gr_source *source, gr_weights *weights, gr_error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return gr_fail(err, GR_IO, "%s: no pipe to read it through: %s", source->path, strerror(errno));
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        _exit(serve(source, ends[1]));
    }
    int reason = errno;
    close(ends[1]);
    gr_status status;
    if (child < 0)
        status = gr_fail(err, GR_IO, "%s: no process to read it in: %s", source->path, strerror(reason));
    else
        status = receive(source, ends[0], weights, err);
    close(ends[0]);
    if (child > 0) {
        kill(child, SIGKILL);
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    return status;
}
