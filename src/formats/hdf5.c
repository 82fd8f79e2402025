/* The parent's side of reading HDF5: a child process runs libhdf5, which damaged files can crash, and sends what it found
 * through a pipe; nothing that comes out of it is trusted either. */
#include "formats/hdf5.h"
#include "formats/hdf5_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/hdf5_records.h"

bool gr_hdf5_is(const unsigned char *bytes, size_t size)
{
    return size >= 8 && memcmp(bytes, "\x89HDF\r\n\x1a\n", 8) == 0;
}

/* The HDF5 file within Keras's archive, and what says how the model is made. */
static const char archived[] = "model.weights.h5", described[] = "config.json", dated[] = "metadata.json";

bool gr_keras_is(const gr_zip *zip)
{
    return gr_zip_find(zip, archived) != NULL;
}

bool gr_keras_is_file(const char *path)
{
    unsigned char bytes[8];
    gr_source source;
    gr_error unread = {0};
    gr_zip zip;
    bool open = gr_source_open(path, "a file of weights", &source, &unread) == GR_OK &&
                gr_source_read(&source, bytes, sizeof bytes, 0, &unread) == GR_OK;
    bool is = open && gr_hdf5_is(bytes, sizeof bytes);
    if (open && memcmp(bytes, "PK\3\4", 4) == 0 && gr_zip_open(&source, &zip, &unread) == GR_OK) {
        is = gr_keras_is(&zip);
        gr_zip_close(&zip);
    }
    gr_source_close(&source);
    return is;
}

/* What a file may hold: compressed zeros are small, but weights hardly shrink. */
static uint64_t tensor_limit(const gr_source *source)
{
    return 64 * source->size + (16u << 20);
}

/* ---- the child ---- */

/* What the process has mapped, in bytes; 0: not known. */
static uint64_t address_space(void)
{
    char text[32] = "";
    int statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t got = statm >= 0 ? read(statm, text, sizeof text - 1) : -1;
    if (statm >= 0)
        close(statm);
    return got > 0 ? strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

/* A damaged length makes the library ask for all memory there is: so much more than is mapped does for any whole file. */
static void confine_memory(const gr_source *source)
{
    const uint64_t more = tensor_limit(source) + ((uint64_t)1 << 30), mapped = address_space();
    if (mapped > 0 && more < RLIM_INFINITY - mapped)
        setrlimit(RLIMIT_AS, &(struct rlimit){mapped + more, mapped + more});
}

static void confine(const gr_source *source)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGPIPE, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL);
    rlim_t seconds = 10 + source->size / (20u << 20); /* a damaged file may keep the library in a loop */
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    setrlimit(RLIMIT_CPU, &(struct rlimit){seconds, seconds});
    confine_memory(source);
    int null = open("/dev/null", O_WRONLY);
    if (null >= 0)
        dup2(null, STDERR_FILENO);
}

/* A JSON text of the archive's: GIVES it in *text, and its value as a new reference; both NULL where that cannot be read. */
static json_t *unpack_json(const gr_zip *zip, const char *name, char **text)
{
    gr_error unread = {0};
    const gr_zip_entry *entry = gr_zip_find(zip, name);
    *text = entry != NULL && entry->size <= GR_HDF5_MADE_LIMIT ? gr_alloc((size_t)entry->size + 1, 1) : NULL;
    json_t *value = *text != NULL && gr_zip_read(zip, entry, *text, &unread) == GR_OK
                        ? json_loadb(*text, (size_t)entry->size, JSON_REJECT_DUPLICATES, NULL)
                        : NULL;
    if (value == NULL) {
        gr_free(*text);
        *text = NULL;
    }
    return value;
}

/* How the archive's model is made, and by which Keras. */
static void unpack_config(const gr_zip *zip, gr_hdf5_image *image)
{
    char *text;
    image->config = unpack_json(zip, described, &image->made);
    json_t *data = unpack_json(zip, dated, &text);
    const char *version = json_string_value(json_object_get(data, "keras_version"));
    image->version = version != NULL ? gr_strdup(version) : NULL;
    json_decref(data);
    gr_free(text);
}

/* The HDF5 file within Keras's archive. GIVES *image. */
static gr_status unpack(const gr_source *source, gr_hdf5_image *image, gr_error *err)
{
    gr_zip zip;
    gr_status status = gr_zip_open(source, &zip, err);
    if (status != GR_OK)
        return status;
    const gr_zip_entry *entry = gr_zip_find(&zip, archived);
    image->size = entry != NULL ? (size_t)entry->size : 0;
    image->bytes = entry != NULL && entry->size <= tensor_limit(source) ? gr_alloc(image->size + 1, 1) : NULL;
    status = image->bytes != NULL ? gr_zip_read(&zip, entry, image->bytes, err)
                                  : gr_fail(err, GR_NOMEM, "%s: no memory for its %s", source->path, archived);
    unpack_config(&zip, image);
    gr_zip_close(&zip);
    return status;
}

static bool send_all(const gr_source *source, bool packed, FILE *to)
{
    gr_error err = {0};
    gr_hdf5_image image = {0};
    uint32_t order = GR_HDF5_LISTED;
    gr_status status = packed ? unpack(source, &image, &err) : GR_OK;
    if (status == GR_OK)
        status = gr_hdf5_send(source->path, packed ? &image : NULL, tensor_limit(source), to, &order, &err);
    gr_free(image.bytes);
    json_decref(image.config);
    gr_free(image.made);
    gr_free(image.version);
    gr_hdf5_record last = {.kind = GR_HDF5_END, .status = order};
    if (status != GR_OK)
        last = (gr_hdf5_record){.kind = GR_HDF5_FAILED, .status = status, .length = (uint32_t)strlen(err.text)};
    return fwrite(&last, sizeof last, 1, to) == 1 && fwrite(err.text, 1, last.length, to) == last.length;
}

static bool send_tensors(const gr_source *source, FILE *to)
{
    return send_all(source, false, to);
}

static bool send_archive(const gr_source *source, FILE *to)
{
    return send_all(source, true, to);
}

/* ---- the parent ---- */

gr_status gr_hdf5_damaged(const gr_source *source, gr_error *err)
{
    return gr_fail(err, GR_INVALID, "%s: is a damaged HDF5 file: the HDF5 library cannot read it to its end", source->path);
}

bool gr_hdf5_child_take(const gr_hdf5_child *child, void *to, size_t size)
{
    for (char *bytes = to; size > 0;) {
        ssize_t got = read(child->from, bytes, size < (1u << 30) ? size : (1u << 30));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        bytes += got;
        size -= (size_t)got;
    }
    return true;
}

static gr_status take_tensor(const gr_source *source, const gr_hdf5_child *in, const gr_hdf5_record *record,
                             const char *name, uint64_t *left, gr_weights *weights, gr_error *err)
{
    gr_tensor tensor;
    size_t size;
    if (record->rank > 4)
        return gr_hdf5_damaged(source, err);
    gr_shape shape = gr_shape_make((int)record->rank, record->dim);
    if (!gr_shape_bytes(&shape, GR_F32, &size) || size > *left)
        return gr_hdf5_damaged(source, err);
    *left -= size;
    gr_status status = gr_tensor_create(&tensor, GR_F32, &shape, err);
    if (status != GR_OK)
        return status;
    status = gr_hdf5_child_take(in, tensor.data, size) ? gr_weights_take(weights, name, &tensor, err)
                                                       : gr_hdf5_damaged(source, err);
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
        return gr_hdf5_damaged(source, err);
    default: return gr_hdf5_damaged(source, err);
    }
}

/* How the model was made, or the version of Keras, as a note. */
static gr_status take_note(const gr_source *source, const gr_hdf5_child *in, const gr_hdf5_record *record, gr_weights *weights,
                           gr_error *err)
{
    const char *key = record->kind == GR_HDF5_MADE ? "keras_config" : "keras_version";
    if (record->length > GR_HDF5_MADE_LIMIT)
        return gr_hdf5_damaged(source, err);
    char *text = gr_alloc((size_t)record->length + 1, 1);
    if (text == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory for its %s", source->path, key);
    gr_status status = gr_hdf5_child_take(in, text, record->length) ? GR_OK : gr_hdf5_damaged(source, err);
    if (status == GR_OK && gr_utf8_valid(text, record->length)) /* what is not UTF-8 is no JSON: nothing is known then */
        status = gr_weights_set_note(weights, key, text, err);
    gr_free(text);
    return status;
}

static gr_status take_end(const gr_hdf5_record *record, gr_weights *weights, gr_error *err)
{
    gr_status status = gr_weights_set_note(weights, "format", "keras", err);
    uint32_t order = record->status & ~(uint32_t)GR_HDF5_ARRANGED;
    if (status == GR_OK && order != GR_HDF5_LISTED)
        status = gr_weights_set_note(weights, "order", order == GR_HDF5_COUNTED ? "class" : "nameless", err);
    return status == GR_OK && order != record->status ? gr_weights_set_note(weights, "arranged", "yes", err) : status;
}

static gr_status receive(const gr_source *source, const gr_hdf5_child *in, gr_weights *weights, gr_error *err)
{
    uint64_t left = tensor_limit(source);
    for (;;) {
        gr_hdf5_record record;
        char text[GR_HDF5_NAME_LIMIT + sizeof err->text] = "";
        if (!gr_hdf5_child_take(in, &record, sizeof record))
            return gr_hdf5_damaged(source, err);
        if (record.kind == GR_HDF5_MADE || record.kind == GR_HDF5_VERSION) {
            gr_status status = take_note(source, in, &record, weights, err);
            if (status != GR_OK)
                return status;
            continue;
        }
        if (record.length >= sizeof text || !gr_hdf5_child_take(in, text, record.length))
            return gr_hdf5_damaged(source, err);
        if (record.kind == GR_HDF5_END)
            return take_end(&record, weights, err);
        if (record.kind == GR_HDF5_FAILED)
            return take_failure(source, record.status, text, err);
        if (record.kind != GR_HDF5_TENSOR)
            return gr_hdf5_damaged(source, err);
        gr_status status = take_tensor(source, in, &record, text, &left, weights, err);
        if (status != GR_OK)
            return status;
    }
}

gr_status gr_hdf5_child_start(const gr_source *source, gr_hdf5_serve serve, gr_hdf5_child *child, gr_error *err)
{
    int ends[2];
    *child = (gr_hdf5_child){.from = -1};
    if (pipe2(ends, O_CLOEXEC) != 0)
        return gr_fail(err, GR_IO, "%s: no pipe to read it through: %s", source->path, strerror(errno));
    child->pid = fork();
    if (child->pid == 0) {
        close(ends[0]);
        confine(source);
        FILE *to = fdopen(ends[1], "wb");
        _exit(to == NULL || !serve(source, to) || fflush(to) != 0);
    }
    int reason = errno;
    close(ends[1]);
    child->from = ends[0];
    if (child->pid > 0)
        return GR_OK;
    gr_hdf5_child_end(child);
    return gr_fail(err, GR_IO, "%s: no process to read it in: %s", source->path, strerror(reason));
}

void gr_hdf5_child_end(gr_hdf5_child *child)
{
    if (child->from >= 0)
        close(child->from);
    if (child->pid > 0) {
        kill(child->pid, SIGKILL);
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    *child = (gr_hdf5_child){.from = -1};
}

static gr_status read_by(const gr_source *source, gr_hdf5_serve serve, gr_weights *weights, gr_error *err)
{
    gr_hdf5_child child;
    gr_status status = gr_hdf5_child_start(source, serve, &child, err);
    if (status == GR_OK)
        status = receive(source, &child, weights, err);
    gr_hdf5_child_end(&child);
    return status;
}

gr_status gr_hdf5_read(const gr_source *source, gr_weights *weights, gr_error *err)
{
    return read_by(source, send_tensors, weights, err);
}

gr_status gr_keras_read(const gr_source *source, gr_weights *weights, gr_error *err)
{
    return read_by(source, send_archive, weights, err);
}
