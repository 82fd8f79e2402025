#include "formats/hdf5_arrays.h"

#include <string.h>

#include "formats/hdf5.h"
#include "formats/hdf5_child.h"

static const uint64_t byte_limit = (uint64_t)1 << 30;

static bool serve(const gr_source *source, FILE *to)
{
    gr_error err = {0};
    gr_status status = gr_hdf5_arrays_send(source->path, byte_limit, to, &err);
    gr_hdf5_array_record last = {.kind = GR_HDF5_ARRAYS_END};
    if (status != GR_OK)
        last = (gr_hdf5_array_record){.kind = GR_HDF5_ARRAYS_FAILED, .status = status, .name = (uint32_t)strlen(err.text)};
    return fwrite(&last, sizeof last, 1, to) == 1 && fwrite(err.text, 1, last.name, to) == last.name;
}

/* The parent's side of the conversation. */
typedef struct receiver {
    const gr_source *source;
    gr_hdf5_child child;
    gr_arena *arena;
    uint64_t left;
    gr_hdf5_arrays *out;
    gr_error *err;
} receiver;

static gr_status no_memory(receiver *r)
{
    return gr_fail(r->err, GR_NOMEM, "%s: no memory for its arrays", r->source->path);
}

/* A text of `size` bytes, with a NUL behind it. */
static gr_status take_text(receiver *r, uint32_t size, uint32_t most, const char **out)
{
    char *text = size <= most ? gr_arena_alloc(r->arena, (size_t)size + 1, 1) : NULL;
    if (text == NULL)
        return size <= most ? no_memory(r) : gr_hdf5_damaged(r->source, r->err);
    *out = text;
    return gr_hdf5_child_take(&r->child, text, size) && gr_utf8_valid(text, size) ? GR_OK
                                                                                  : gr_hdf5_damaged(r->source, r->err);
}

/* How many items the record's dimensions make; false when that cannot be. */
static bool count_items(const gr_hdf5_array_record *record, int64_t *count)
{
    *count = 1;
    for (uint32_t d = 0; d < record->rank; d++) {
        if (record->dim[d] < 0 || record->dim[d] > (int64_t)byte_limit / (*count > 0 ? *count : 1))
            return false;
        *count *= record->dim[d];
    }
    return true;
}

/* Cuts the texts out of bytes[size]. */
static gr_status cut_texts(receiver *r, char *bytes, size_t size, gr_hdf5_array *array)
{
    const char **texts = gr_arena_alloc(r->arena, (size_t)array->count + 1, sizeof *texts);
    if (texts == NULL)
        return no_memory(r);
    char *at = bytes, *end = bytes + size;
    for (int64_t i = 0; i < array->count; i++) {
        char *stop = memchr(at, '\0', (size_t)(end - at));
        if (stop == NULL || !gr_utf8_valid(at, (size_t)(stop - at)))
            return stop == NULL ? gr_hdf5_damaged(r->source, r->err)
                                : gr_fail(r->err, GR_INVALID, "%s: '%s' holds a text that is not valid UTF-8", r->source->path,
                                          array->name);
        texts[i] = at;
        at = stop + 1;
    }
    array->texts = texts;
    return at == end ? GR_OK : gr_hdf5_damaged(r->source, r->err);
}

static gr_status take_array(receiver *r, const gr_hdf5_array_record *record)
{
    int64_t count;
    if (record->rank > GR_HDF5_RANK || r->out->count == GR_HDF5_ARRAYS || record->bytes > r->left ||
        !count_items(record, &count) ||
        (record->kind == GR_HDF5_NUMBERS && record->bytes != (uint64_t)count * sizeof(double)) ||
        (record->kind == GR_HDF5_TEXTS && record->bytes < (uint64_t)count))
        return gr_hdf5_damaged(r->source, r->err);
    r->left -= record->bytes;
    gr_hdf5_array *array = &r->out->items[r->out->count];
    *array = (gr_hdf5_array){.rank = (int)record->rank, .count = count};
    memcpy(array->dim, record->dim, sizeof array->dim);
    gr_status status = take_text(r, record->name, GR_HDF5_ARRAY_NAME, &array->name);
    if (status == GR_OK)
        status = take_text(r, record->dims, GR_HDF5_DIMS, &array->dims);
    if (status != GR_OK)
        return status;
    r->out->count++;
    if (record->kind == GR_HDF5_OTHER)
        return GR_OK;
    char *bytes = gr_arena_alloc(r->arena, (size_t)record->bytes + 1, 1);
    if (bytes == NULL)
        return no_memory(r);
    if (!gr_hdf5_child_take(&r->child, bytes, (size_t)record->bytes))
        return gr_hdf5_damaged(r->source, r->err);
    if (record->kind == GR_HDF5_TEXTS)
        return cut_texts(r, bytes, (size_t)record->bytes, array);
    array->numbers = (const double *)(const void *)bytes;
    return GR_OK;
}

static gr_status receive(receiver *r)
{
    for (;;) {
        gr_hdf5_array_record record;
        if (!gr_hdf5_child_take(&r->child, &record, sizeof record))
            return gr_hdf5_damaged(r->source, r->err);
        if (record.kind == GR_HDF5_ARRAYS_END)
            return GR_OK;
        if (record.kind == GR_HDF5_ARRAYS_FAILED) {
            const char *text;
            gr_status status = take_text(r, record.name, sizeof r->err->text, &text);
            if (status != GR_OK)
                return status;
            if (text[0] == '\0' || (record.status != GR_INVALID && record.status != GR_NOMEM && record.status != GR_IO))
                return gr_hdf5_damaged(r->source, r->err);
            return gr_fail(r->err, (gr_status)record.status, "%s", text);
        }
        if (record.kind != GR_HDF5_NUMBERS && record.kind != GR_HDF5_TEXTS && record.kind != GR_HDF5_OTHER)
            return gr_hdf5_damaged(r->source, r->err);
        gr_status status = take_array(r, &record);
        if (status != GR_OK)
            return status;
    }
}

gr_status gr_hdf5_arrays_read(const char *path, gr_arena *arena, gr_hdf5_arrays *out, gr_error *err)
{
    gr_source source;
    unsigned char begin[8];
    *out = (gr_hdf5_arrays){gr_arena_alloc(arena, GR_HDF5_ARRAYS, sizeof *out->items), 0};
    if (out->items == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory for its arrays", path);
    gr_status status = gr_source_open(path, "an HDF5 file", &source, err);
    if (status != GR_OK)
        return status;
    if (source.size < sizeof begin)
        status = gr_fail(err, GR_INVALID, "%s: is no HDF5 file", path);
    else
        status = gr_source_read(&source, begin, sizeof begin, 0, err);
    if (status == GR_OK && !gr_hdf5_is(begin, sizeof begin))
        status = gr_fail(err, GR_INVALID, "%s: is no HDF5 file", path);
    receiver r = {.source = &source, .arena = arena, .left = byte_limit, .out = out, .err = err, .child = {.from = -1}};
    if (status == GR_OK)
        status = gr_hdf5_child_start(&source, serve, &r.child, err);
    if (status == GR_OK)
        status = receive(&r);
    gr_hdf5_child_end(&r.child);
    gr_source_close(&source);
    return status;
}

const gr_hdf5_array *gr_hdf5_array_find(const gr_hdf5_arrays *arrays, const char *name)
{
    for (int i = 0; i < arrays->count; i++)
        if (strcmp(arrays->items[i].name, name) == 0)
            return &arrays->items[i];
    return NULL;
}
