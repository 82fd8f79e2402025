/* The files that sources mean, and the names of a video's frames. */
#include "import/marks.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { DEEPEST = 8, MOST_FILES = 10000000 };

char *gr_marks_folder(const char *source)
{
    return gr_path_folder(source);
}

/* ---- files below folders --------------------------------------------------------------------------------------------------- */

typedef struct lister {
    gr_marks *marks;
    const char *ending;
    const char **files;
    int64_t count, room;
    gr_error *err;
} lister;

static bool ends_as(const char *name, const char *ending)
{
    size_t length = strlen(name), wanted = strlen(ending);
    return name[0] != '.' && length > wanted && strcasecmp(name + length - wanted, ending) == 0;
}

static gr_status add_file(lister *l, char *path)
{
    if (path == NULL)
        return gr_marks_no_memory(l->err);
    if (l->count == MOST_FILES)
        return gr_fail(l->err, GR_INVALID, "%s: is one of more than %d files, the most that are read", path, MOST_FILES);
    if (l->count == l->room) {
        int64_t room = l->room > 0 ? 2 * l->room : 256;
        const char **grown = gr_realloc(l->files, (size_t)room, sizeof *grown);
        if (grown == NULL)
            return gr_marks_no_memory(l->err);
        l->files = grown;
        l->room = room;
    }
    l->files[l->count++] = path;
    return GR_OK;
}

static bool is_real_folder(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Linked folders are not entered: no loops. */
static gr_status walk(lister *l, const char *folder, int depth)
{
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return gr_fail(l->err, GR_INVALID, "%s: the folder cannot be read: %s", folder, strerror(errno));
    gr_status status = GR_OK;
    for (struct dirent *entry; status == GR_OK && (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        bool named = ends_as(entry->d_name, l->ending);
        if (entry->d_type == DT_REG && !named)
            continue;
        char *path = gr_arena_printf(l->marks->arena, "%s/%s", folder, entry->d_name);
        bool is_folder = path != NULL && (entry->d_type == DT_DIR || (entry->d_type == DT_UNKNOWN && is_real_folder(path)));
        if (is_folder)
            status = depth < DEEPEST ? walk(l, path, depth + 1)
                                     : gr_fail(l->err, GR_INVALID, "%s: is too deep, %d folders in each other are enough", path,
                                               DEEPEST);
        else if (named)
            status = add_file(l, path);
    }
    closedir(dir);
    return status;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The files of one source, sorted, behind those that are there already. */
static gr_status list_source(lister *l, const char *source)
{
    int64_t before = l->count;
    size_t length = strlen(source);
    while (length > 1 && source[length - 1] == '/')
        length--;
    char *clean = gr_arena_strndup(l->marks->arena, source, length);
    if (clean == NULL)
        return gr_marks_no_memory(l->err);
    if (!gr_path_exists(clean))
        return gr_fail(l->err, GR_INVALID, "%s: is not there", clean);
    if (!gr_is_folder(clean))
        return add_file(l, clean);
    gr_status status = walk(l, clean, 0);
    if (status == GR_OK && l->count == before)
        status = gr_fail(l->err, GR_INVALID, "%s: there is no %s file in it", clean, l->ending);
    if (status == GR_OK)
        qsort(l->files + before, (size_t)(l->count - before), sizeof *l->files, by_text);
    return status;
}

gr_status gr_marks_each_file(gr_marks *marks, const char *ending,
                             gr_status (*read)(gr_marks *, const char *path, void *, gr_error *), void *ctx, gr_error *err)
{
    lister l = {.marks = marks, .ending = ending, .err = err};
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < marks->request->source_count; i++)
        status = list_source(&l, marks->request->sources[i]);
    for (int64_t i = 0; status == GR_OK && i < l.count; i++)
        status = read(marks, l.files[i], ctx, err);
    gr_free(l.files);
    return status;
}

/* ---- frames ---------------------------------------------------------------------------------------------------------------- */

static const char usual_frames[] = "{video}_{frame:6}.png";

/* What stands in braces at `text`: its length with them, and the width of a number; 0: nothing that is known. */
static size_t read_field(const char *text, bool *video, int *width)
{
    *width = 0;
    *video = gr_starts_with(text, "{video}");
    if (*video)
        return strlen("{video}");
    if (gr_starts_with(text, "{frame}"))
        return strlen("{frame}");
    if (gr_starts_with(text, "{frame:") && text[7] >= '1' && text[7] <= '9' && text[8] == '}') {
        *width = text[7] - '0';
        return strlen("{frame:6}");
    }
    return 0;
}

gr_status gr_marks_check_frames(const gr_import_request *request, gr_error *err)
{
    bool frame = false;
    for (const char *c = request->frames; c != NULL && *c != '\0'; c++) {
        bool video;
        int width;
        size_t length = read_field(c, &video, &width);
        if (*c == '{' && length == 0)
            return gr_fail(err, GR_INVALID, "--frames: \"%.40s\" is not known; {video}, {frame} or {frame:6} would be right", c);
        frame = frame || (length > 0 && !video);
        c += length > 0 ? length - 1 : 0;
    }
    if (request->frames != NULL && !frame)
        return gr_fail(err, GR_INVALID, "--frames: \"%.60s\" is the same for all frames; such as %s would be right",
                       request->frames, usual_frames);
    return GR_OK;
}

/* GIVES (gr_free) the name of a video's frame by request->frames; NULL when memory is short. */
static char *frame_name(const gr_marks *marks, const char *video, int64_t frame)
{
    gr_text name = {0};
    for (const char *c = marks->request->frames != NULL ? marks->request->frames : usual_frames; *c != '\0';) {
        bool is_video;
        int width;
        size_t length = read_field(c, &is_video, &width);
        if (length == 0)
            gr_text_add(&name, c++, 1);
        else if (is_video)
            gr_text_printf(&name, "%s", video);
        else
            gr_text_printf(&name, "%0*lld", width, (long long)frame);
        c += length;
    }
    if (!name.failed && name.data != NULL)
        return name.data;
    gr_text_free(&name);
    return NULL;
}

gr_status gr_marks_frame(gr_marks *marks, const char *folder, const char *video, int64_t frame, gr_error *err)
{
    char *name = frame_name(marks, video, frame);
    gr_status status = name != NULL ? gr_marks_picture(marks, folder, name, 0, 0, err) : gr_marks_no_memory(err);
    gr_free(name);
    if (status != GR_OK)
        return status;
    int64_t text = gr_table_add(&marks->texts, marks->arena, video, strlen(video));
    if (text < 0)
        return gr_marks_no_memory(err);
    marks->pictures[marks->current].video = text;
    marks->pictures[marks->current].frame = frame;
    return GR_OK;
}
