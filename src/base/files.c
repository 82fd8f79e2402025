/* Files that are read whole and written atomically, and path arithmetic. */
#include "base/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/strings.h"
#include "grimace/text.h"

gr_status gr_file_read(const char *path, size_t limit, char **data, size_t *size, gr_error *err)
{
    *data = NULL;
    *size = 0;
    /* O_NONBLOCK: a named pipe without a writer must not hang us; regular files ignore it. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return gr_fail(err, GR_INVALID, "%s: cannot be opened: %s", path, strerror(errno));
    struct stat st;
    gr_status status = GR_OK;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        status = gr_fail(err, GR_INVALID, "%s: is %s; a file would be right", path,
                         gr_is_folder(path) ? "a folder" : "not a regular file");
    else if ((uint64_t)st.st_size > limit)
        status = gr_fail(err, GR_INVALID, "%s: has %lld bytes, at most %zu are allowed here", path, (long long)st.st_size,
                         limit);
    else if ((*data = gr_alloc((size_t)st.st_size + 1, 1)) == NULL)
        status = gr_fail(err, GR_NOMEM, "%s: no memory for its %lld bytes", path, (long long)st.st_size);
    while (status == GR_OK && *size < (size_t)st.st_size) {
        ssize_t got = read(fd, *data + *size, (size_t)st.st_size - *size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            status = gr_fail(err, GR_INVALID, "%s: cannot be read: %s", path, strerror(errno));
        if (got <= 0)
            break;
        *size += (size_t)got;
    }
    close(fd);
    if (status != GR_OK) {
        gr_free(*data);
        *data = NULL;
        *size = 0;
    }
    return status;
}

/* GIVES the path that a rename is to replace: behind a link to a file that file, so that the link stays; NULL: no memory. */
static char *place_of(const char *path)
{
    char *real = realpath(path, NULL), *copy = gr_strdup(real != NULL ? real : path);
    free(real);
    return copy;
}

/* Makes the name of a temporary file one's own where processes of several machines, whose numbers may be alike, write to one
 * folder. */
static unsigned mark_of_moment(void)
{
    char host[65] = "";
    struct timespec now;
    (void)gethostname(host, sizeof host - 1);
    clock_gettime(CLOCK_REALTIME, &now);
    return (unsigned)gr_hash(gr_hash_text(0, host), &now, sizeof now);
}

/* The folder of `path`; NULL: it may not be listed, or memory is short. */
static DIR *open_folder_of(const char *path)
{
    char *folder = gr_path_folder(path);
    DIR *opened = folder != NULL ? opendir(folder) : NULL;
    gr_free(folder);
    return opened;
}

gr_status gr_atomic_begin(gr_atomic_file *file, const char *path, gr_error *err)
{
    *file = (gr_atomic_file){0};
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) /* a rename would put a file in the place of /dev/null */
        return gr_fail(err, GR_INVALID, "%s: is a %s; a file would be right", path,
                       S_ISDIR(st.st_mode) ? "folder" : "device or pipe");
    gr_text temporary = {0};
    file->path = lstat(path, &st) == 0 && S_ISLNK(st.st_mode) ? place_of(path) : gr_strdup(path);
    gr_text_printf(&temporary, "%s.tmp-%ld%010u", file->path != NULL ? file->path : "", (long)getpid(), mark_of_moment());
    file->temporary = temporary.data;
    if (temporary.failed || file->path == NULL) {
        gr_atomic_abort(file);
        return gr_fail(err, GR_NOMEM, "%s: no memory to write it", path);
    }
    file->folder = open_folder_of(file->path);
    file->stream = fopen(file->temporary, "wbe");
    if (file->stream == NULL) {
        int why = errno;
        gr_free(file->temporary); /* nothing to remove */
        file->temporary = NULL;
        gr_atomic_abort(file);
        return gr_fail(err, GR_INVALID, "%s: cannot be written: %s", path, strerror(why));
    }
    return GR_OK;
}

static gr_status commit(gr_atomic_file *file, bool synced, gr_error *err)
{
    bool good = fflush(file->stream) == 0 && !ferror(file->stream) && (!synced || fsync(fileno(file->stream)) == 0);
    good = fclose(file->stream) == 0 && good;
    file->stream = NULL;
    good = good && rename(file->temporary, file->path) == 0;
    gr_status status = GR_OK;
    if (good) {
        if (synced && file->folder != NULL) /* the folder's entry must reach the disk too; some file systems refuse: no error */
            (void)fsync(dirfd(file->folder));
        gr_free(file->temporary);
        file->temporary = NULL;
    } else {
        status = gr_fail(err, GR_IO, "%s: cannot be written: %s", file->path, strerror(errno));
    }
    gr_atomic_abort(file);
    return status;
}

gr_status gr_atomic_commit(gr_atomic_file *file, gr_error *err)
{
    return commit(file, true, err);
}

void gr_atomic_abort(gr_atomic_file *file)
{
    if (file->stream != NULL)
        fclose(file->stream);
    const char *slash = file->temporary != NULL ? strrchr(file->temporary, '/') : NULL;
    if (file->temporary != NULL && file->folder != NULL) /* a link on the way to it may be gone */
        unlinkat(dirfd(file->folder), slash != NULL ? slash + 1 : file->temporary, 0);
    else if (file->temporary != NULL)
        unlink(file->temporary);
    if (file->folder != NULL)
        closedir(file->folder);
    gr_free(file->temporary);
    gr_free(file->path);
    *file = (gr_atomic_file){0};
}

static gr_status write_whole(const char *path, const void *data, size_t size, bool synced, gr_error *err)
{
    gr_atomic_file file;
    gr_status status = gr_atomic_begin(&file, path, err);
    if (status != GR_OK)
        return status;
    fwrite(data, 1, size, file.stream); /* a short write shows in ferror at commit */
    return commit(&file, synced, err);
}

gr_status gr_file_write(const char *path, const void *data, size_t size, gr_error *err)
{
    return write_whole(path, data, size, true, err);
}

gr_status gr_file_put(const char *path, const void *data, size_t size, gr_error *err)
{
    return write_whole(path, data, size, false, err);
}

gr_status gr_files_sync(const char *path, gr_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && syncfs(fd) == 0;
    gr_status status = good ? GR_OK : gr_fail(err, GR_IO, "%s: its disk cannot be written: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return status;
}

gr_status gr_make_folders(const char *path, gr_error *err)
{
    if (path[0] == '\0')
        return gr_fail(err, GR_INVALID, "a folder's name is empty; a path was expected");
    char *copy = gr_strdup(path);
    if (copy == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory for the path", path);
    gr_status status = GR_OK;
    for (char *p = copy + 1; status == GR_OK; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char kept = *p;
        *p = '\0';
        if (mkdir(copy, 0777) != 0 && !(errno == EEXIST && gr_is_folder(copy)))
            status = gr_fail(err, GR_INVALID, "%s: the folder cannot be made: %s", copy, strerror(errno));
        *p = kept;
        if (kept == '\0')
            break;
    }
    gr_free(copy);
    return status;
}

bool gr_path_exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

bool gr_same_path(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool gr_is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool gr_folder_holds(const char *path)
{
    DIR *folder = opendir(path);
    bool holds = false;
    for (const struct dirent *e; folder != NULL && !holds && (e = readdir(folder)) != NULL;)
        holds = strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    if (folder != NULL)
        closedir(folder);
    return holds;
}

char *gr_path_join(const char *folder, const char *name)
{
    gr_text out = {0};
    if (name[0] != '/' && folder[0] != '\0') {
        gr_text_add(&out, folder, strlen(folder));
        gr_text_add(&out, "/", gr_ends_with(folder, "/") ? 0 : 1);
    }
    gr_text_add(&out, name, strlen(name));
    if (out.failed) {
        gr_text_free(&out);
        return NULL;
    }
    return out.data;
}

char *gr_path_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return gr_strdup(".");
    size_t length = slash == path ? 1 : (size_t)(slash - path);
    char *out = gr_alloc(length + 1, 1);
    if (out != NULL)
        memcpy(out, path, length);
    return out;
}

/* How many bytes of both are the folders that they have in common, up to a '/' or an end. */
static size_t common_folders(const char *a, const char *b)
{
    size_t common = 0, at = 0;
    for (;; at++) {
        bool ends = (a[at] == '\0' || a[at] == '/') && (b[at] == '\0' || b[at] == '/');
        if (ends)
            common = at;
        if (a[at] == '\0' || a[at] != b[at])
            return common;
    }
}

char *gr_path_relative(const char *folder, const char *path)
{
    size_t common = common_folders(folder, path);
    if (common == 0)
        return gr_strdup(path);
    gr_text out = {0};
    for (const char *c = folder + common; (c = strchr(c, '/')) != NULL; c++)
        if (c[1] != '\0')
            gr_text_add(&out, "../", 3);
    if (path[common] != '\0')
        gr_text_printf(&out, "%s", path + common + 1);
    else if (out.size == 0)
        gr_text_add(&out, ".", 1);
    if (out.failed)
        gr_text_free(&out);
    return out.data;
}

double gr_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
