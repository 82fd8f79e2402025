/* torch.save writes a pickle in which tensors are views (offset, size, stride) of storages, and the storages' bytes beside
 * it:
 *
 *   zip       PREFIX/data.pkl, and PREFIX/data/KEY for each storage
 *   export    no pickle: torch_export.c
 *   legacy    pickles of a magic number, a version, the system, the object and the list of keys; then for each key its
 *             number of elements (8 bytes) and the elements
 *
 * torch/serialization.py and torch/_utils.py in PyTorch's sources are the description. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats/torch.h"
#include "formats/torch_private.h"

/* A pickle describes a tensor in some hundred bytes, but holds NumPy's arrays itself. */
#define LEGACY_LIMIT ((uint64_t)16 << 20)
#define PICKLE_LIMIT ((uint64_t)2 << 30)

/* ---- the two forms ---------------------------------------------------------------------------------------------------- */

static gr_status begin(gr_torch *l, const gr_source *source, gr_error *err)
{
    /* Zeros deflate a thousandfold, weights hardly at all. */
    *l = (gr_torch){.source = source, .budget = 64 * source->size + ((uint64_t)16 << 20), .arena = gr_arena_create()};
    return l->arena != NULL ? GR_OK : gr_torch_no_memory(l, err);
}

static void end(gr_torch *l)
{
    gr_zip_close(&l->zip);
    gr_arena_destroy(l->arena);
    gr_free(l->storages);
    gr_free(l->raw);
}

static bool has_ending(const gr_torch *l, const char *ending)
{
    for (size_t i = 0; i < l->zip.count; i++)
        if (gr_ends_with(l->zip.entries[i].name, ending))
            return true;
    return false;
}

/* An archive without data.pkl: what it is, and what is read in its place. */
static gr_status refuse_other(const gr_torch *l, gr_error *err)
{
    const char *path = l->source->path;
    if (has_ending(l, "serialized_exported_program.json") || has_ending(l, "/models/model.json") ||
        has_ending(l, "serialized_state_dict.pt"))
        return gr_fail(
            err, GR_INVALID,
            "%s: is an archive of torch.export; torch.save(torch.export.load(FILE).state_dict, \"NAME.pth\") writes what "
            "is read",
            path);
    if (has_ending(l, "/model.json"))
        return gr_fail(
            err, GR_INVALID,
            "%s: is TorchScript of PyTorch before 1.2; torch.save(torch.jit.load(FILE).state_dict(), \"NAME.pth\") writes "
            "what is read",
            path);
    return gr_fail(err, GR_INVALID, "%s: is a zip archive, but not one of PyTorch: it holds no data.pkl", path);
}

/* The one entry FOLDER/data.pkl; its folder, with the slash, becomes the prefix. */
static gr_status find_pickle(gr_torch *l, const gr_zip_entry **out, gr_error *err)
{
    const char *path = l->source->path;
    *out = NULL;
    for (size_t i = 0; i < l->zip.count; i++) {
        const char *name = l->zip.entries[i].name, *slash = strchr(name, '/');
        if (slash == NULL || strcmp(slash, "/data.pkl") != 0)
            continue;
        if (*out != NULL)
            return gr_torch_refuse(l, "it holds two pickles", err);
        *out = &l->zip.entries[i];
        l->prefix = gr_arena_strndup(l->arena, name, (size_t)(slash + 1 - name));
        if (l->prefix == NULL)
            return gr_torch_no_memory(l, err);
    }
    if (*out == NULL)
        return refuse_other(l, err);
    if ((*out)->size > PICKLE_LIMIT)
        return gr_fail(err, GR_INVALID, "%s: its pickle has %" PRIu64 " bytes, at most 2 GB are read", path, (*out)->size);
    return gr_torch_spend(l, (*out)->size, err);
}

static gr_status check_byte_order(gr_torch *l, gr_error *err)
{
    char *name = gr_arena_printf(l->arena, "%sbyteorder", l->prefix), order[8] = {0};
    const gr_zip_entry *entry = name != NULL ? gr_zip_find(&l->zip, name) : NULL;
    if (name == NULL)
        return gr_torch_no_memory(l, err);
    gr_status status = GR_OK;
    if (entry != NULL && entry->size < sizeof order)
        status = gr_zip_read(&l->zip, entry, order, err);
    if (status == GR_OK && entry != NULL && strcmp(order, "little") != 0)
        status = gr_fail(err, GR_INVALID, "%s: its numbers are not little-endian, only those are read", l->source->path);
    return status;
}

/* Runs the pickle of the archive. */
static gr_status read_root(gr_torch *l, char **bytes, gr_pickle **root, gr_error *err)
{
    const gr_zip_entry *entry = NULL;
    size_t at = 0;
    gr_status status = find_pickle(l, &entry, err);
    if (status == GR_OK)
        status = check_byte_order(l, err);
    if (status == GR_OK && (*bytes = gr_alloc(entry->size + 1, 1)) == NULL)
        status = gr_torch_no_memory(l, err);
    if (status == GR_OK)
        status = gr_zip_read(&l->zip, entry, *bytes, err);
    return status == GR_OK ? gr_torch_unpickle(l, *bytes, entry->size, &at, root, err) : status;
}

gr_status gr_torch_read_zip(const gr_source *source, gr_weights *weights, gr_error *err)
{
    gr_torch l;
    char *bytes = NULL;
    gr_pickle *root = NULL;
    gr_status status = begin(&l, source, err);
    if (status == GR_OK)
        status = gr_zip_open(source, &l.zip, err);
    const gr_zip_entry *list = status == GR_OK ? gr_torch_export_list(&l) : NULL;
    if (list != NULL) {
        status = gr_torch_export_state(&l, list, &root, err);
        if (status == GR_OK)
            status = check_byte_order(&l, err);
    } else if (status == GR_OK)
        status = read_root(&l, &bytes, &root, err);
    if (status == GR_OK)
        status = gr_torch_take_state(&l, root, weights, err);
    gr_free(bytes);
    end(&l);
    return status;
}

static int by_key(const void *a, const void *b)
{
    return strcmp((*(gr_torch_storage *const *)a)->key, (*(gr_torch_storage *const *)b)->key);
}

/* Notes at which byte of the file the elements of `key` begin, and moves *at behind them. */
static gr_status place_storage(gr_torch *l, const gr_pickle *key, uint64_t *at, gr_error *err)
{
    if (key->kind != GR_PICKLE_TEXT)
        return gr_torch_refuse(l, "the key of a storage is no text", err);
    gr_torch_storage wanted = {.key = key->text}, *pointer = &wanted;
    gr_torch_storage **found =
        l->storage_count > 0 ? bsearch(&pointer, l->storages, l->storage_count, sizeof pointer, by_key) : NULL;
    if (found == NULL)
        return gr_torch_refuse(l, "a storage belongs to no tensor", err);
    while (found > l->storages && strcmp(found[-1]->key, key->text) == 0)
        found--;
    if ((*found)->at != 0)
        return gr_torch_refuse(l, "a storage is listed twice", err);
    unsigned char raw[8];
    uint64_t count = 0, bytes;
    gr_status status = gr_source_read(l->source, raw, sizeof raw, *at, err);
    if (status != GR_OK)
        return status;
    for (int i = 7; i >= 0; i--)
        count = count << 8 | raw[i];
    *at += sizeof raw;
    for (gr_torch_storage **s = found; s < l->storages + l->storage_count && strcmp((*s)->key, key->text) == 0; s++) {
        if ((*s)->count != count || (*s)->type != (*found)->type)
            return gr_torch_refuse(l, "a storage has two sizes", err);
        (*s)->at = *at;
    }
    if (__builtin_mul_overflow(count, (uint64_t)gr_type_size((*found)->type), &bytes) || bytes > l->source->size - *at)
        return gr_torch_refuse(l, "a storage reaches beyond its end, perhaps it is cut off", err);
    *at += bytes;
    return GR_OK;
}

static gr_status place_storages(gr_torch *l, const gr_pickle *keys, uint64_t at, gr_error *err)
{
    if (keys->kind != GR_PICKLE_LIST)
        return gr_torch_refuse(l, "the list of storages is none", err);
    if (l->storage_count > 0)
        qsort(l->storages, l->storage_count, sizeof *l->storages, by_key);
    gr_status status = GR_OK;
    for (size_t i = 0; status == GR_OK && i < keys->count; i++)
        status = place_storage(l, keys->items[i], &at, err);
    for (size_t i = 0; status == GR_OK && i < l->storage_count; i++)
        if (l->storages[i]->at == 0)
            status = gr_torch_refuse(l, "a tensor's storage is missing", err);
    return status;
}

gr_status gr_torch_read_legacy(const gr_source *source, gr_weights *weights, gr_error *err)
{
    enum { MAGIC, VERSION, SYSTEM, OBJECT, KEYS, PICKLES };
    gr_torch l;
    gr_pickle *roots[PICKLES] = {0};
    size_t size = source->size < LEGACY_LIMIT ? source->size : LEGACY_LIMIT, at = 0;
    gr_status status = begin(&l, source, err);
    char *bytes = gr_alloc(size + 1, 1);
    if (status == GR_OK && bytes == NULL)
        status = gr_torch_no_memory(&l, err);
    if (status == GR_OK)
        status = gr_source_read(source, bytes, size, 0, err);
    for (int i = 0; status == GR_OK && i < PICKLES; i++)
        status = gr_torch_unpickle(&l, bytes, size, &at, &roots[i], err);
    if (status == GR_OK && (roots[VERSION]->kind != GR_PICKLE_INTEGER || roots[VERSION]->integer != 1001))
        status =
            gr_fail(err, GR_INVALID, "%s: is of an unknown version of PyTorch's format, 1001 was expected", source->path);
    const gr_pickle *little =
        status == GR_OK && roots[SYSTEM]->kind == GR_PICKLE_DICT ? gr_pickle_get(roots[SYSTEM], "little_endian") : NULL;
    if (status == GR_OK && (little == NULL || little->kind != GR_PICKLE_BOOL || !little->integer))
        status = gr_fail(err, GR_INVALID, "%s: its numbers are not little-endian, only those are read", source->path);
    if (status == GR_OK)
        status = place_storages(&l, roots[KEYS], at, err);
    if (status == GR_OK)
        status = gr_torch_take_state(&l, roots[OBJECT], weights, err);
    gr_free(bytes);
    end(&l);
    return status;
}

gr_status gr_torch_read_pickle(const gr_source *source, gr_weights *weights, gr_error *err)
{
    gr_torch l;
    gr_pickle *root = NULL;
    size_t at = 0;
    char *bytes = NULL;
    gr_status status = begin(&l, source, err);
    l.bare = true;
    if (status == GR_OK && source->size > PICKLE_LIMIT)
        status = gr_fail(err, GR_INVALID, "%s: is a pickle of more than 2 GB, the most that is read", source->path);
    if (status == GR_OK && (bytes = gr_alloc(source->size + 1, 1)) == NULL)
        status = gr_torch_no_memory(&l, err);
    if (status == GR_OK)
        status = gr_source_read(source, bytes, source->size, 0, err);
    if (status == GR_OK)
        status = gr_torch_unpickle(&l, bytes, source->size, &at, &root, err);
    if (status == GR_OK && l.storage_count > 0)
        status = gr_torch_refuse(&l, "it names storages that it does not have", err);
    if (status == GR_OK)
        status = gr_torch_take_state(&l, root, weights, err);
    gr_free(bytes);
    end(&l);
    return status;
}

bool gr_torch_is_zip(const unsigned char *bytes, size_t size)
{
    return size >= 4 && memcmp(bytes, "PK\3\4", 4) == 0;
}

bool gr_torch_is_pickle(const unsigned char *bytes, size_t size)
{
    return size >= 2 && bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5;
}

bool gr_torch_is_legacy(const unsigned char *bytes, size_t size)
{
    /* The pickle, protocol 2, of 0x1950a86a20f9469cfc6c. */
    static const unsigned char magic[] = {0x80, 2,    0x8a, 10,   0x6c, 0xfc, 0x9c, 0x46,
                                          0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.'};
    return size >= sizeof magic && memcmp(bytes, magic, sizeof magic) == 0;
}
