/* Runs in the child of hdf5_arrays_read.c: walks root and groups and sends what is numbers or texts. */
#include "formats/hdf5_arrays.h"

#include <hdf5.h>
#include <string.h>

enum { OBJECTS = 20000, KIND_BYTES = 1 << 20 };

typedef struct sender {
    const char *path;
    FILE *to;
    uint64_t left; /* bytes that may still come */
    int objects, arrays;
    const char *group; /* "" in the root, else its name */
    gr_status status;
    gr_error *err;
} sender;

static gr_status bad(sender *s, const char *name, const char *what)
{
    return gr_fail(s->err, GR_INVALID, "%s: '%s' %s", s->path, name, what);
}

/* A text attribute of at most `room` - 1 bytes; "" when there is none such. */
static void read_dims(hid_t dataset, char *out, size_t room)
{
    out[0] = '\0';
    if (H5Aexists(dataset, "dims") <= 0)
        return;
    hid_t attribute = H5Aopen(dataset, "dims", H5P_DEFAULT), type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    if (H5Tget_class(type) == H5T_STRING && H5Sget_simple_extent_npoints(space) == 1) {
        if (H5Tis_variable_str(type) > 0) {
            char *text = NULL;
            if (H5Aread(attribute, type, &text) >= 0 && text != NULL) {
                snprintf(out, room, "%s", text);
                H5Dvlen_reclaim(type, space, H5P_DEFAULT, &text);
            }
        } else if (H5Tget_size(type) < room) {
            size_t size = H5Tget_size(type);
            memset(out, 0, room);
            if (H5Aread(attribute, type, out) < 0)
                size = 0;
            out[size] = '\0';
        }
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
}

static gr_status send(sender *s, gr_hdf5_array_record *record, const char *name, const char *dims, const void *data)
{
    record->name = (uint32_t)strlen(name);
    record->dims = (uint32_t)strlen(dims);
    if (s->arrays++ == GR_HDF5_ARRAYS)
        return gr_fail(s->err, GR_INVALID, "%s: holds more than %d arrays", s->path, GR_HDF5_ARRAYS);
    if (fwrite(record, sizeof *record, 1, s->to) != 1 || fwrite(name, 1, record->name, s->to) != record->name ||
        fwrite(dims, 1, record->dims, s->to) != record->dims || fwrite(data, 1, record->bytes, s->to) != record->bytes)
        return gr_fail(s->err, GR_IO, "%s: its arrays cannot be passed on", s->path);
    return GR_OK;
}

static gr_status send_numbers(sender *s, hid_t dataset, gr_hdf5_array_record *record, size_t count, const char *name,
                              const char *dims)
{
    if (count > s->left / sizeof(double))
        return bad(s, name, "is larger than the 1 GB that is read");
    double *numbers = gr_alloc(count + 1, sizeof *numbers);
    if (numbers == NULL)
        return gr_fail(s->err, GR_NOMEM, "%s: no memory for its arrays", s->path);
    record->kind = GR_HDF5_NUMBERS;
    record->bytes = count * sizeof *numbers;
    s->left -= record->bytes;
    gr_status status = count > 0 && H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) < 0
                           ? bad(s, name, "cannot be read: the file is damaged")
                           : send(s, record, name, dims, numbers);
    gr_free(numbers);
    return status;
}

/* Texts of one length, filled up with NULs or blanks. */
static gr_status pack_fixed(sender *s, hid_t dataset, hid_t type, size_t count, const char *name, gr_text *packed)
{
    size_t size = H5Tget_size(type);
    if (size == 0 || count > s->left / (size + 1))
        return bad(s, name, "is larger than the 1 GB that is read");
    char *texts = gr_alloc(count * size + 1, 1);
    gr_status status = GR_OK;
    if (texts == NULL)
        status = gr_fail(s->err, GR_NOMEM, "%s: no memory for its texts", s->path);
    else if (count > 0 && H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts) < 0)
        status = bad(s, name, "cannot be read: the file is damaged");
    for (size_t i = 0; status == GR_OK && i < count; i++) {
        gr_text_add(packed, texts + i * size, strnlen(texts + i * size, size));
        gr_text_add(packed, "", 1);
    }
    gr_free(texts);
    return status;
}

static gr_status pack_variable(sender *s, hid_t dataset, hid_t type, hid_t space, size_t count, const char *name, gr_text *packed)
{
    if (count > s->left / sizeof(char *))
        return bad(s, name, "is larger than the 1 GB that is read");
    char **texts = gr_alloc(count + 1, sizeof *texts);
    gr_status status = GR_OK;
    hid_t memory = H5Tcopy(H5T_C_S1);
    H5Tset_size(memory, H5T_VARIABLE);
    H5Tset_cset(memory, H5Tget_cset(type));
    if (texts == NULL)
        status = gr_fail(s->err, GR_NOMEM, "%s: no memory for its texts", s->path);
    else if (count > 0 && H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts) < 0)
        status = bad(s, name, "cannot be read: the file is damaged");
    else if (count > 0) {
        for (size_t i = 0; i < count && packed->size <= s->left; i++)
            gr_text_add(packed, texts[i] != NULL ? texts[i] : "", texts[i] != NULL ? strlen(texts[i]) + 1 : 1);
        H5Dvlen_reclaim(memory, space, H5P_DEFAULT, texts);
    }
    H5Tclose(memory);
    gr_free(texts);
    return status;
}

static gr_status send_texts(sender *s, hid_t dataset, hid_t type, hid_t space, gr_hdf5_array_record *record, size_t count,
                            const char *name, const char *dims)
{
    gr_text packed = {0};
    gr_status status = H5Tis_variable_str(type) > 0 ? pack_variable(s, dataset, type, space, count, name, &packed)
                                                    : pack_fixed(s, dataset, type, count, name, &packed);
    if (status == GR_OK && packed.failed)
        status = gr_fail(s->err, GR_NOMEM, "%s: no memory for its texts", s->path);
    if (status == GR_OK && packed.size > s->left)
        status = bad(s, name, "is larger than the 1 GB that is read");
    if (status == GR_OK) {
        record->kind = GR_HDF5_TEXTS;
        record->bytes = packed.size;
        s->left -= packed.size;
        status = send(s, record, name, dims, packed.data != NULL ? packed.data : "");
    }
    gr_text_free(&packed);
    return status;
}

/* Where the items lie: here, and in pieces of a size that can be had. */
static bool lies_here(const sender *s, hid_t dataset)
{
    hsize_t piece[H5S_MAX_RANK];
    uint64_t items = 1;
    hid_t made = H5Dget_create_plist(dataset);
    H5D_layout_t layout = H5Pget_layout(made);
    int rank = layout == H5D_CHUNKED ? H5Pget_chunk(made, H5S_MAX_RANK, piece) : 0;
    bool here = (layout == H5D_COMPACT || layout == H5D_CONTIGUOUS || layout == H5D_CHUNKED) &&
                H5Pget_external_count(made) == 0;
    H5Pclose(made);
    for (int d = 0; here && d < rank; d++) {
        here = piece[d] > 0 && piece[d] <= s->left / items;
        items *= here ? piece[d] : 1;
    }
    return here;
}

/* ---- tables of PyTables: each field is an array of its own, "TABLE.FIELD" ------------------------------------------------ */

/* The texts that say what a field's columns are ("FIELD_kind"), a pickle in Latin-1, as "TABLE.FIELD_kind" in UTF-8. */
static gr_status send_kind(sender *s, hid_t dataset, const char *name, const char *field)
{
    char key[GR_HDF5_ARRAY_NAME], full[GR_HDF5_ARRAY_NAME];
    if (snprintf(key, sizeof key, "%s_kind", field) >= (int)sizeof key ||
        snprintf(full, sizeof full, "%s.%s", name, key) >= (int)sizeof full || H5Aexists(dataset, key) <= 0)
        return GR_OK;
    gr_text packed = {0};
    gr_status status = GR_OK;
    hid_t attribute = H5Aopen(dataset, key, H5P_DEFAULT), type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    size_t size = H5Tget_size(type);
    if (H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 && H5Sget_simple_extent_npoints(space) == 1 &&
        size < KIND_BYTES && size <= s->left) {
        char *text = gr_alloc(size + 1, 1);
        bool there = text != NULL && H5Aread(attribute, type, text) >= 0;
        for (size_t i = 0; there && i < size && text[i] != '\0'; i++) {
            unsigned char c = (unsigned char)text[i];
            char wide[2] = {(char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f))};
            gr_text_add(&packed, c < 0x80 ? (const char *)&c : wide, c < 0x80 ? 1 : 2);
        }
        gr_text_add(&packed, "", 1);
        gr_free(text);
        gr_hdf5_array_record record = {.kind = GR_HDF5_TEXTS, .rank = 1, .dim = {1}, .bytes = packed.size};
        s->left -= packed.size < s->left ? packed.size : s->left;
        status = packed.failed ? gr_fail(s->err, GR_NOMEM, "%s: no memory for its texts", s->path)
                               : send(s, &record, full, "", packed.data);
    }
    gr_text_free(&packed);
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return status;
}

/* A field's rows: `of` is the type of a record's part, a number or (list) `columns` of them. */
static gr_status send_rows(sender *s, hid_t dataset, const char *field, bool list, uint64_t rows, hsize_t columns, const char *full)
{
    gr_status status;
    hid_t numbers = list ? H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, &columns) : H5Tcopy(H5T_NATIVE_DOUBLE);
    hid_t memory = H5Tcreate(H5T_COMPOUND, sizeof(double) * columns);
    double *values = gr_alloc(rows * columns + 1, sizeof *values);
    gr_hdf5_array_record record = {.kind = GR_HDF5_NUMBERS, .rank = list ? 2 : 1, .dim = {(int64_t)rows}};
    record.bytes = rows * columns * sizeof *values;
    record.dim[1] = list ? (int64_t)columns : 0;
    s->left -= record.bytes;
    if (values == NULL)
        status = gr_fail(s->err, GR_NOMEM, "%s: no memory for its arrays", s->path);
    else if (H5Tinsert(memory, field, 0, numbers) < 0 ||
             (rows > 0 && H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0))
        status = bad(s, full, "cannot be read: the file is damaged");
    else
        status = send(s, &record, full, "", values);
    gr_free(values);
    H5Tclose(memory);
    H5Tclose(numbers);
    return status;
}

static gr_status send_field(sender *s, hid_t dataset, hid_t type, unsigned index, uint64_t rows, const char *name)
{
    char full[GR_HDF5_ARRAY_NAME];
    hsize_t columns = 1;
    hid_t member = H5Tget_member_type(type, index);
    bool list = H5Tget_class(member) == H5T_ARRAY;
    hid_t of = list ? H5Tget_super(member) : H5Tcopy(member);
    H5T_class_t class = H5Tget_class(of);
    char *field = H5Tget_member_name(type, index);
    gr_status status = GR_OK;
    bool taken = field != NULL && (class == H5T_FLOAT || class == H5T_INTEGER) &&
                 (!list || (H5Tget_array_ndims(member) == 1 && H5Tget_array_dims2(member, &columns) >= 0)) &&
                 snprintf(full, sizeof full, "%s.%s", name, field) < (int)sizeof full;
    if (taken && (columns == 0 || columns > INT32_MAX || rows > INT32_MAX || rows > s->left / sizeof(double) / columns))
        status = bad(s, full, "is larger than the 1 GB that is read");
    else if (taken)
        status = send_rows(s, dataset, field, list, rows, columns, full);
    if (taken && status == GR_OK)
        status = send_kind(s, dataset, name, field);
    H5free_memory(field);
    H5Tclose(of);
    H5Tclose(member);
    return status;
}

static gr_status send_fields(sender *s, hid_t dataset, hid_t type, uint64_t rows, const char *name)
{
    int fields = H5Aexists(dataset, "FIELD_0_NAME") > 0 ? H5Tget_nmembers(type) : 0; /* nobody else's */
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < fields; i++)
        status = send_field(s, dataset, type, (unsigned)i, rows, name);
    return status;
}

static gr_status send_dataset(sender *s, hid_t dataset, const char *name)
{
    char dims[GR_HDF5_DIMS];
    hsize_t extent[H5S_MAX_RANK];
    gr_status status;
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    int rank = H5Sget_simple_extent_ndims(space);
    hssize_t count = H5Sget_simple_extent_npoints(space);
    H5T_class_t class = H5Tget_class(type);
    gr_hdf5_array_record record = {.kind = GR_HDF5_OTHER, .rank = rank > 0 && rank <= GR_HDF5_RANK ? (uint32_t)rank : 0};
    if (type < 0 || rank < 0 || count < 0)
        status = bad(s, name, "cannot be read: the file is damaged");
    else {
        if (rank > 0)
            H5Sget_simple_extent_dims(space, extent, NULL);
        for (uint32_t d = 0; d < record.rank; d++)
            record.dim[d] = extent[d] <= INT32_MAX ? (int64_t)extent[d] : INT32_MAX;
        read_dims(dataset, dims, sizeof dims);
        bool numbers = class == H5T_FLOAT || class == H5T_INTEGER;
        if (rank > GR_HDF5_RANK || (!numbers && class != H5T_STRING)) {
            status = send(s, &record, name, dims, "");
            if (status == GR_OK && class == H5T_COMPOUND && rank == 1 && lies_here(s, dataset))
                status = send_fields(s, dataset, type, (uint64_t)count, name);
        }
        else if (!lies_here(s, dataset))
            status = bad(s, name, "lies in another file, or in pieces that are larger than the file could hold");
        else if (numbers)
            status = send_numbers(s, dataset, &record, (size_t)count, name, dims);
        else
            status = send_texts(s, dataset, type, space, &record, (size_t)count, name, dims);
    }
    H5Sclose(space);
    H5Tclose(type);
    return status;
}

static herr_t visit(hid_t group, const char *name, const H5L_info_t *info, void *ctx);

static gr_status send_object(sender *s, hid_t object, const char *name)
{
    char full[GR_HDF5_ARRAY_NAME];
    int length = snprintf(full, sizeof full, "%s%s%s", s->group, s->group[0] != '\0' ? "/" : "", name);
    if (length >= (int)sizeof full)
        return bad(s, "its groups", "hold a name of more than 500 bytes");
    if (H5Iget_type(object) == H5I_DATASET)
        return send_dataset(s, object, full);
    if (H5Iget_type(object) != H5I_GROUP || s->group[0] != '\0')
        return GR_OK; /* one group deep is where arrays lie */
    s->group = full;
    hsize_t at = 0;
    if (H5Literate(object, H5_INDEX_NAME, H5_ITER_INC, &at, visit, s) < 0 && s->status == GR_OK)
        s->status = bad(s, full, "cannot be read: the file is damaged");
    s->group = "";
    return s->status;
}

static herr_t visit(hid_t group, const char *name, const H5L_info_t *info, void *ctx)
{
    (void)info;
    sender *s = ctx;
    if (s->objects++ == OBJECTS) {
        s->status = gr_fail(s->err, GR_INVALID, "%s: holds more than %d objects", s->path, OBJECTS);
        return -1;
    }
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object < 0)
        return 0; /* a link to nowhere */
    gr_status status = send_object(s, object, name);
    H5Oclose(object);
    if (status != GR_OK)
        s->status = status;
    return status == GR_OK ? 0 : -1;
}

gr_status gr_hdf5_arrays_send(const char *path, uint64_t limit, FILE *to, gr_error *err)
{
    sender s = {.path = path, .to = to, .left = limit, .group = "", .err = err};
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5PLset_loading_state(0);         /* no file may ask for code */
    H5Lunregister(H5L_TYPE_EXTERNAL); /* nor for other files */
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hsize_t at = 0;
    if (file < 0)
        return gr_fail(err, GR_INVALID, "%s: is a damaged HDF5 file: the HDF5 library cannot open it", path);
    if (H5Literate(file, H5_INDEX_NAME, H5_ITER_INC, &at, visit, &s) < 0 && s.status == GR_OK)
        s.status = gr_fail(err, GR_INVALID, "%s: is a damaged HDF5 file: the HDF5 library cannot list what it holds", path);
    H5Fclose(file);
    return s.status;
}
