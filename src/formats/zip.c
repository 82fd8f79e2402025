#include "formats/zip.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

enum { LOCAL = 30, CENTRAL = 46, END = 22, END64 = 56, LOCATOR64 = 20, MOST_COMMENT = 65535 };
#define DIRECTORY_LIMIT ((uint64_t)64 << 20)

static uint64_t number(const unsigned char *bytes, int count)
{
    uint64_t value = 0;
    for (int i = count - 1; i >= 0; i--)
        value = value << 8 | bytes[i];
    return value;
}

static gr_status damaged(const gr_zip *zip, const char *what, gr_error *err)
{
    return gr_fail(err, GR_INVALID, "%s: is a damaged zip archive: %s", zip->source->path, what);
}

/* ---- the directory --------------------------------------------------------------------------------------------------- */

typedef struct directory {
    uint64_t at, size, count;
} directory;

/* Large archives say the directory's place in a record of 64-bit numbers, which a locator in front of the end names. */
static gr_status read_end64(const gr_zip *zip, uint64_t end_at, directory *out, gr_error *err)
{
    unsigned char locator[LOCATOR64], record[END64];
    if (end_at < LOCATOR64)
        return damaged(zip, "its 64-bit directory is missing", err);
    gr_status status = gr_source_read(zip->source, locator, sizeof locator, end_at - LOCATOR64, err);
    if (status != GR_OK)
        return status;
    if (number(locator, 4) != 0x07064b50)
        return damaged(zip, "its 64-bit directory is missing", err);
    uint64_t at = number(locator + 8, 8);
    if (at > end_at || end_at - at < END64)
        return damaged(zip, "its 64-bit directory lies beyond the end", err);
    status = gr_source_read(zip->source, record, sizeof record, at, err);
    if (status != GR_OK)
        return status;
    if (number(record, 4) != 0x06064b50)
        return damaged(zip, "its 64-bit directory does not begin where it should", err);
    *out = (directory){.count = number(record + 32, 8), .size = number(record + 40, 8), .at = number(record + 48, 8)};
    return GR_OK;
}

static gr_status find_directory(const gr_zip *zip, directory *out, gr_error *err)
{
    const gr_source *source = zip->source;
    if (source->size < END)
        return damaged(zip, "it is cut off", err);
    uint64_t size = source->size < END + MOST_COMMENT ? source->size : END + MOST_COMMENT, at = size - END + 1;
    unsigned char *tail = gr_alloc(size, 1);
    if (tail == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory for its directory", source->path);
    gr_status status = gr_source_read(source, tail, size, source->size - size, err);
    bool found = false;
    while (status == GR_OK && at > 0 && !found) {
        at--;
        found = number(tail + at, 4) == 0x06054b50 && number(tail + at + 20, 2) == size - at - END;
    }
    if (status == GR_OK && !found)
        status = damaged(zip, "it has no directory at its end, perhaps it is cut off", err);
    if (status == GR_OK) {
        const unsigned char *end = tail + at;
        *out = (directory){.count = number(end + 10, 2), .size = number(end + 12, 4), .at = number(end + 16, 4)};
        if (out->count == 0xffff || out->size == 0xffffffff || out->at == 0xffffffff)
            status = read_end64(zip, source->size - size + at, out, err);
    }
    gr_free(tail);
    if (status == GR_OK && (out->at > source->size || out->size > source->size - out->at))
        status = damaged(zip, "its directory lies beyond the end", err);
    if (status == GR_OK && (out->size > DIRECTORY_LIMIT || out->count > out->size / CENTRAL))
        status = damaged(zip, "its directory's size does not fit the number of entries", err);
    return status;
}

/* The 64-bit fields stand in the extra field 1, in this order, each only where its short form is all ones. */
static bool widen(const unsigned char *extra, size_t size, gr_zip_entry *e)
{
    uint64_t *fields[] = {&e->size, &e->packed, &e->at};
    for (size_t at = 0; at + 4 <= size;) {
        size_t id = number(extra + at, 2), length = number(extra + at + 2, 2), from = at + 4;
        if (length > size - from)
            return false;
        at = from + length;
        if (id != 1)
            continue;
        for (int f = 0; f < 3; f++) {
            if (*fields[f] != 0xffffffff)
                continue;
            if (from + 8 > at)
                return false;
            *fields[f] = number(extra + from, 8);
            from += 8;
        }
    }
    return true;
}

/* The local header repeats the entry; where its data begin only that header says. */
static gr_status locate(const gr_zip *zip, const directory *dir, gr_zip_entry *e, uint64_t method, gr_error *err)
{
    unsigned char local[LOCAL];
    if (e->at > dir->at || dir->at - e->at < LOCAL)
        return damaged(zip, "an entry lies beyond its directory", err);
    gr_status status = gr_source_read(zip->source, local, sizeof local, e->at, err);
    if (status != GR_OK)
        return status;
    if (number(local, 4) != 0x04034b50 || number(local + 8, 2) != method)
        return damaged(zip, "an entry does not begin where its directory says", err);
    e->data_at = e->at + LOCAL + number(local + 26, 2) + number(local + 28, 2);
    if (e->data_at > dir->at || e->packed > dir->at - e->data_at)
        return damaged(zip, "an entry reaches beyond its directory", err);
    e->end = e->data_at + e->packed;
    e->deflated = method == 8;
    if (!e->deflated && e->packed != e->size)
        return damaged(zip, "a stored entry has two sizes", err);
    return GR_OK;
}

/* One record of the directory; *used bytes of it. Folders give an entry without a name. */
static gr_status read_entry(gr_zip *zip, const directory *dir, const unsigned char *bytes, size_t left, size_t *used,
                            gr_zip_entry *e, gr_error *err)
{
    if (left < CENTRAL || number(bytes, 4) != 0x02014b50)
        return damaged(zip, "its directory ends too early", err);
    size_t name = number(bytes + 28, 2), extra = number(bytes + 30, 2), comment = number(bytes + 32, 2);
    uint64_t flags = number(bytes + 8, 2), method = number(bytes + 10, 2);
    *used = CENTRAL + name + extra + comment;
    if (*used > left)
        return damaged(zip, "its directory ends too early", err);
    *e = (gr_zip_entry){.crc = (uint32_t)number(bytes + 16, 4),
                        .packed = number(bytes + 20, 4),
                        .size = number(bytes + 24, 4),
                        .at = number(bytes + 42, 4)};
    const char *text = (const char *)bytes + CENTRAL;
    if (!widen(bytes + CENTRAL + name, extra, e))
        return damaged(zip, "an entry's 64-bit sizes are cut off", err);
    if (!gr_utf8_valid(text, name))
        return damaged(zip, "an entry's name is not UTF-8", err);
    if (name == 0 || text[name - 1] == '/')
        return GR_OK;
    if ((flags & 1) != 0 || (method != 0 && method != 8))
        return gr_fail(err, GR_INVALID,
                       "%s: entry \"%.*s\" is encrypted or packed by an unknown method; stored or deflated would "
                       "be right",
                       zip->source->path, (int)name, text);
    e->name = gr_arena_strndup(zip->names, text, name);
    if (e->name == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory for its directory", zip->source->path);
    return locate(zip, dir, e, method, err);
}

static int by_place(const void *a, const void *b)
{
    const gr_zip_entry *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const gr_zip_entry *)a)->name, ((const gr_zip_entry *)b)->name);
}

static gr_status check_entries(gr_zip *zip, gr_error *err)
{
    qsort(zip->entries, zip->count, sizeof *zip->entries, by_place);
    for (size_t i = 1; i < zip->count; i++)
        if (zip->entries[i].at < zip->entries[i - 1].end)
            return damaged(zip, "its entries overlap", err);
    qsort(zip->entries, zip->count, sizeof *zip->entries, by_name);
    for (size_t i = 1; i < zip->count; i++)
        if (by_name(&zip->entries[i - 1], &zip->entries[i]) == 0)
            return damaged(zip, "two entries have one name", err);
    return GR_OK;
}

static gr_status read_directory(gr_zip *zip, const directory *dir, gr_error *err)
{
    unsigned char *bytes = gr_alloc(dir->size + 1, 1);
    zip->entries = gr_alloc(dir->count + 1, sizeof *zip->entries);
    zip->names = gr_arena_create();
    gr_status status = GR_OK;
    if (bytes == NULL || zip->entries == NULL || zip->names == NULL)
        status = gr_fail(err, GR_NOMEM, "%s: no memory for its directory", zip->source->path);
    else
        status = gr_source_read(zip->source, bytes, dir->size, dir->at, err);
    size_t at = 0, used = 0;
    for (uint64_t i = 0; status == GR_OK && i < dir->count; i++, at += used) {
        gr_zip_entry *e = &zip->entries[zip->count];
        status = read_entry(zip, dir, bytes + at, dir->size - at, &used, e, err);
        zip->count += status == GR_OK && e->name != NULL;
    }
    gr_free(bytes);
    return status == GR_OK ? check_entries(zip, err) : status;
}

gr_status gr_zip_open(const gr_source *source, gr_zip *zip, gr_error *err)
{
    *zip = (gr_zip){.source = source};
    directory dir = {0};
    gr_status status = find_directory(zip, &dir, err);
    if (status == GR_OK)
        status = read_directory(zip, &dir, err);
    if (status != GR_OK)
        gr_zip_close(zip);
    return status;
}

void gr_zip_close(gr_zip *zip)
{
    gr_arena_destroy(zip->names);
    gr_free(zip->entries);
    *zip = (gr_zip){0};
}

const gr_zip_entry *gr_zip_find(const gr_zip *zip, const char *name)
{
    gr_zip_entry key = {.name = name};
    return zip->count > 0 ? bsearch(&key, zip->entries, zip->count, sizeof key, by_name) : NULL;
}

/* ---- content --------------------------------------------------------------------------------------------------------- */

static gr_status inflate_entry(const gr_zip *zip, const gr_zip_entry *e, unsigned char *to, gr_error *err)
{
    enum { CHUNK = 1 << 16 };
    unsigned char *chunk = gr_alloc(CHUNK, 1), beyond;
    z_stream z = {0};
    if (chunk == NULL || inflateInit2(&z, -MAX_WBITS) != Z_OK) {
        gr_free(chunk);
        return gr_fail(err, GR_NOMEM, "%s: no memory to unpack \"%s\"", zip->source->path, e->name);
    }
    gr_status status = GR_OK;
    uint64_t from = e->data_at, made = 0;
    int code = Z_OK;
    while (status == GR_OK && code == Z_OK) {
        if (z.avail_in == 0 && from < e->end) {
            uint64_t size = e->end - from < CHUNK ? e->end - from : CHUNK;
            status = gr_source_read(zip->source, chunk, size, from, err);
            z.next_in = chunk;
            z.avail_in = (uInt)size;
            from += size;
        }
        /* One byte of room behind the promised size shows whether there is more. */
        uint64_t room = e->size - made < (1u << 30) ? e->size - made : (1u << 30);
        z.next_out = room > 0 ? to + made : &beyond;
        z.avail_out = room > 0 ? (uInt)room : 1;
        uInt offered = z.avail_out;
        if (status == GR_OK)
            code = inflate(&z, Z_NO_FLUSH);
        if (room == 0 && z.avail_out == 0)
            code = Z_DATA_ERROR;
        made += room > 0 ? offered - z.avail_out : 0;
    }
    if (status == GR_OK && code == Z_MEM_ERROR)
        status = gr_fail(err, GR_NOMEM, "%s: no memory to unpack \"%s\"", zip->source->path, e->name);
    else if (status == GR_OK && (code != Z_STREAM_END || made != e->size || z.avail_in != 0 || from != e->end))
        status =
            gr_fail(err, GR_INVALID, "%s: entry \"%s\" does not unpack to the %" PRIu64 " bytes that its directory promises",
                    zip->source->path, e->name, e->size);
    inflateEnd(&z);
    gr_free(chunk);
    return status;
}

gr_status gr_zip_read(const gr_zip *zip, const gr_zip_entry *entry, void *to, gr_error *err)
{
    gr_status status = entry->deflated ? inflate_entry(zip, entry, to, err)
                                       : gr_source_read(zip->source, to, entry->size, entry->data_at, err);
    if (status == GR_OK && (uint32_t)crc32_z(0, to, entry->size) != entry->crc)
        status = gr_fail(err, GR_INVALID, "%s: entry \"%s\" is damaged: its checksum does not fit", zip->source->path,
                         entry->name);
    return status;
}
