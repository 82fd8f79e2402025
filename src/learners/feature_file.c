/* The file is read and written in one pass, an entry at a time, beside a list of the rows sorted by content: two rows may
 * show the same picture. */
#include "learners/feature_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "learners/checkpoint.h"

static const char magic[8] = {'G', 'R', 'F', 'E', 'A', 'T', '0', '1'};

/* ---- the table ---------------------------------------------------------------------------------------------------- */

gr_status gr_feature_table_create(int64_t rows, size_t width, gr_feature_table *out, gr_error *err)
{
    size_t floats;
    *out = (gr_feature_table){.rows = rows, .width = width};
    if (gr_mul_size((size_t)rows, width, &floats) && (out->values = gr_alloc(floats, sizeof *out->values)) != NULL &&
        (out->have = gr_alloc((size_t)rows, sizeof *out->have)) != NULL &&
        (out->images = gr_alloc((size_t)rows, sizeof *out->images)) != NULL)
        return GR_OK;
    gr_feature_table_free(out);
    return gr_fail(err, GR_NOMEM, "no memory for the features of %lld images", (long long)rows);
}

void gr_feature_table_free(gr_feature_table *t)
{
    gr_free(t->values);
    gr_free(t->have);
    gr_free(t->images);
    gr_free(t->path);
    *t = (gr_feature_table){0};
}

static float *row_of(const gr_feature_table *t, int64_t row)
{
    return t->values + (size_t)row * t->width;
}

typedef struct place {
    uint64_t image;
    int64_t row;
} place;

typedef struct places {
    place *items; /* sorted by image, then row */
    size_t count;
} places;

static int in_order(const void *a, const void *b)
{
    const place *x = a, *y = b;
    return x->image != y->image ? (x->image > y->image) - (x->image < y->image) : (x->row > y->row) - (x->row < y->row);
}

/* The rows of known content that are there, or that are not. */
static gr_status list_places(const gr_feature_table *t, bool have, places *out, gr_error *err)
{
    *out = (places){.items = gr_alloc((size_t)t->rows, sizeof *out->items)};
    if (out->items == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a list of features");
    for (int64_t r = 0; r < t->rows; r++)
        if (t->images[r] != 0 && t->have[r] == have)
            out->items[out->count++] = (place){t->images[r], r};
    qsort(out->items, out->count, sizeof *out->items, in_order);
    return GR_OK;
}

/* The first place of `image`, or p->count. */
static size_t first_place(const places *p, uint64_t image)
{
    size_t low = 0, high = p->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->items[middle].image < image)
            low = middle + 1;
        else
            high = middle;
    }
    return low < p->count && p->items[low].image == image ? low : p->count;
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

typedef struct reader {
    FILE *stream; /* NULL: there is no file, or none of this kind */
    size_t width;
    uint64_t image; /* of the entry that was read last */
    float *values;  /* [width] of it */
    int64_t damaged;
} reader;

static FILE *open_regular(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat about;
    FILE *stream = fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode) ? fdopen(fd, "rb") : NULL;
    if (fd >= 0 && stream == NULL)
        close(fd);
    return stream;
}

static void close_reader(reader *r)
{
    if (r->stream != NULL)
        fclose(r->stream);
    gr_free(r->values);
}

static gr_status open_reader(const gr_feature_table *t, reader *r, gr_error *err)
{
    char head[sizeof magic];
    uint64_t width = 0;
    *r = (reader){.width = t->width, .values = gr_alloc(t->width, sizeof *r->values)};
    if (r->values == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the features of an image");
    r->stream = open_regular(t->path);
    if (r->stream == NULL ||
        (fread(head, sizeof head, 1, r->stream) == 1 && fread(&width, sizeof width, 1, r->stream) == 1 &&
         memcmp(head, magic, sizeof magic) == 0 && width == t->width))
        return GR_OK;
    r->damaged++;
    fclose(r->stream);
    r->stream = NULL;
    return GR_OK;
}

/* Goes to the next entry that is as it was written; false at the end. */
static bool next_entry(reader *r)
{
    uint64_t head[2];
    while (r->stream != NULL) {
        size_t got = fread(head, 1, sizeof head, r->stream);
        if (got == 0)
            return false;
        if (got < sizeof head || fread(r->values, sizeof *r->values, r->width, r->stream) < r->width) {
            r->damaged++;
            return false;
        }
        r->image = head[0];
        if (head[1] == gr_hash(head[0], r->values, r->width * sizeof *r->values))
            return true;
        r->damaged++;
    }
    return false;
}

gr_status gr_feature_file_read(gr_feature_table *t, int64_t *damaged, gr_error *err)
{
    places wanted;
    reader r = {0};
    *damaged = 0;
    gr_status status = list_places(t, false, &wanted, err);
    if (status == GR_OK && wanted.count > 0)
        status = open_reader(t, &r, err);
    while (status == GR_OK && next_entry(&r))
        for (size_t i = first_place(&wanted, r.image); i < wanted.count && wanted.items[i].image == r.image; i++) {
            memcpy(row_of(t, wanted.items[i].row), r.values, t->width * sizeof(float));
            t->have[wanted.items[i].row] = true;
        }
    *damaged = r.damaged;
    close_reader(&r);
    gr_free(wanted.items);
    return status;
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

static void put_entry(FILE *to, uint64_t image, const float *values, size_t width)
{
    uint64_t head[2] = {image, gr_hash(image, values, width * sizeof *values)};
    fwrite(head, sizeof head, 1, to);
    fwrite(values, sizeof *values, width, to);
}

static gr_status put_all(const gr_feature_table *t, const places *mine, reader *old, gr_error *err)
{
    gr_atomic_file file;
    gr_status status = gr_atomic_begin(&file, t->path, err);
    if (status != GR_OK)
        return status;
    uint64_t width = t->width;
    fwrite(magic, sizeof magic, 1, file.stream);
    fwrite(&width, sizeof width, 1, file.stream);
    while (next_entry(old))
        if (first_place(mine, old->image) == mine->count)
            put_entry(file.stream, old->image, old->values, t->width);
    for (size_t i = 0; i < mine->count; i++)
        if (i == 0 || mine->items[i].image != mine->items[i - 1].image)
            put_entry(file.stream, mine->items[i].image, row_of(t, mine->items[i].row), t->width);
    return gr_atomic_commit(&file, err);
}

gr_status gr_feature_file_write(const gr_feature_table *t, gr_error *err)
{
    char *folder = gr_path_folder(t->path);
    places mine = {0};
    reader old = {0};
    gr_status status = folder != NULL ? gr_make_folders(folder, err) : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK)
        status = list_places(t, true, &mine, err);
    if (status == GR_OK)
        status = open_reader(t, &old, err);
    if (status == GR_OK)
        status = put_all(t, &mine, &old, err);
    close_reader(&old);
    gr_free(mine.items);
    gr_free(folder);
    return status;
}

/* ---- one process at a time ---------------------------------------------------------------------------------------- */

/* Removes PATH.tmp-*, whose writers are gone: the lock is ours. */
static void remove_temporaries(const char *path, const char *folder)
{
    const char *name = strrchr(path, '/') + 1;
    size_t length = strlen(name);
    DIR *entries = opendir(folder);
    if (entries == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
        if (strncmp(entry->d_name, name, length) == 0 && gr_starts_with(entry->d_name + length, ".tmp-"))
            unlinkat(dirfd(entries), entry->d_name, 0);
    closedir(entries);
}

static int open_lock(const char *path, const char *folder)
{
    gr_error unused = {0};
    gr_text name = {0};
    int lock = -1;
    if (gr_make_folders(folder, &unused) != GR_OK)
        return -1;
    gr_text_printf(&name, "%s.lock", path);
    if (!name.failed)
        lock = open(name.data, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    gr_text_free(&name);
    return lock;
}

gr_status gr_feature_file_lock(const char *path, const volatile sig_atomic_t *stop, int *lock, bool *waited, gr_error *err)
{
    const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
    char *folder = gr_path_folder(path);
    *waited = false;
    *lock = folder != NULL ? open_lock(path, folder) : -1;
    gr_status status = GR_OK;
    while (status == GR_OK && *lock >= 0 && flock(*lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            close(*lock);
            *lock = -1;
        } else if (stop != NULL && *stop) {
            status = gr_fail(err, GR_INTERRUPTED, "stopped while another run computed the features");
        } else {
            *waited = true;
            nanosleep(&pause, NULL);
        }
    }
    if (status == GR_OK && *lock >= 0)
        remove_temporaries(path, folder);
    if (status != GR_OK) {
        gr_feature_file_unlock(*lock);
        *lock = -1;
    }
    gr_free(folder);
    return status;
}

void gr_feature_file_unlock(int lock)
{
    if (lock >= 0)
        close(lock);
}
