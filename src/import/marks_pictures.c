/* Where the pictures are: the annotations' names for them, tried around the annotations' own folder or below --images. */
#include "import/marks.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grimace/image.h"

/* Folders that are tried in their order, from the annotations' own. The name is tried as it stands, then without its first
 * folders, down to the file's name alone: projects are moved, and their files keep the paths of another machine. */
static const char *const around[] = {"", "images", "..", "../images", "../JPEGImages", "../..", "../../images"};
/* For formats that do not say how a picture's name ends: theirs end in ".*". */
static const char *const endings[] = {"jpg", "png", "jpeg", "JPG", "PNG", "JPEG", "webp", "tif", "tiff", "bmp"};
enum { AROUND = sizeof around / sizeof *around, MOST_STRIPPED = 8, PATH_ROOM = 4096 };

typedef struct finder {
    gr_marks *marks;
    gr_picture_file *files;
    char **found; /* [picture_count], the path that is there, or NULL; to be freed */
    bool *failed; /* [picture_count], memory was short */
    bool *unread; /* [picture_count], the size cannot be read */
    unsigned *around; /* [texts.count], for each own folder: bits of those of `around` that are there */
} finder;

static bool is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Writes folder/name to path[PATH_ROOM] and tells whether a file is there. */
static bool try_path(const char *folder, const char *name, char *path)
{
    size_t length = strlen(name);
    bool open_end = length > 2 && strcmp(name + length - 2, ".*") == 0;
    int end = snprintf(path, PATH_ROOM, "%s%s%.*s", folder, folder[0] != '\0' && name[0] != '/' ? "/" : "",
                       (int)(open_end ? length - 1 : length), name);
    if (end < 0 || end >= PATH_ROOM - 8)
        return false;
    if (!open_end)
        return is_file(path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        strcpy(path + end, endings[i]);
        if (is_file(path))
            return true;
    }
    return false;
}

/* The name in `folder`, whole and with ever fewer folders in front. */
static bool try_folder(const char *folder, const char *name, char *path)
{
    for (int i = 0; i < MOST_STRIPPED && name != NULL; i++) {
        if (name[0] != '/' && try_path(folder, name, path))
            return true;
        const char *slash = strchr(name, '/');
        name = slash != NULL ? slash + 1 : NULL;
    }
    return false;
}

/* A frame as DeepLabCut calls those that it takes out of a video: labeled-data/VIDEO/img0012.png, with as many digits as the number
 * of frames has. `bare`: in the folder itself, too. */
static bool try_frame(const char *folder, const char *video, int64_t frame, bool bare, char *path)
{
    static const char *const forms[] = {"labeled-data/", "", NULL};
    enum { FORMS = sizeof forms / sizeof *forms, MOST_DIGITS = 9 };
    char inside[PATH_ROOM];
    for (int i = 0; i < FORMS - !bare; i++) {
        int length = forms[i] != NULL ? snprintf(inside, sizeof inside, "%s/%s%s", folder, forms[i], video)
                                      : snprintf(inside, sizeof inside, "%s", folder);
        if (length < 0 || length >= PATH_ROOM - 40 || !gr_is_folder(inside))
            continue;
        for (int digits = 1; digits <= MOST_DIGITS; digits++) {
            int digits_of = snprintf(path, PATH_ROOM, "%s/img%0*lld.png", inside, digits, (long long)frame) - length - 8;
            if (digits_of <= digits && is_file(path))
                return true;
        }
    }
    return false;
}

static bool find_path(const finder *f, const gr_marked_picture *picture, char *path)
{
    const char *name = f->marks->texts.items[picture->name], *own = f->marks->texts.items[picture->folder];
    char folder[PATH_ROOM];
    if (name[0] == '/' && try_path("", name, path))
        return true;
    const char *images = f->marks->request->images;
    const char *video = picture->video >= 0 && f->marks->request->frames == NULL ? f->marks->texts.items[picture->video] : NULL;
    if (images != NULL)
        return try_folder(images, name, path) || (video != NULL && try_frame(images, video, picture->frame, true, path));
    for (size_t i = 0; i < AROUND; i++) {
        if (!(f->around[picture->folder] & 1u << i))
            continue;
        int length = snprintf(folder, sizeof folder, "%s%s%s", own, around[i][0] != '\0' ? "/" : "", around[i]);
        if (length <= 0 || length >= PATH_ROOM)
            continue;
        if (try_folder(folder, name, path) || (video != NULL && try_frame(folder, video, picture->frame, false, path)))
            return true;
    }
    return false;
}

/* Others will be left out, wherever they are. */
static bool is_row(const gr_marks *marks, int64_t index)
{
    return marks->pictures[index].chosen >= 0 || marks->request->empty;
}

static void find_one(void *ctx, int64_t index, int thread)
{
    (void)thread;
    finder *f = ctx;
    char path[PATH_ROOM];
    gr_picture_file *file = &f->files[index];
    gr_error unread = {0};
    if (!is_row(f->marks, index) || !find_path(f, &f->marks->pictures[index], path))
        return;
    file->there = true;
    f->found[index] = gr_strdup(path);
    f->failed[index] = f->found[index] == NULL;
    f->unread[index] = gr_image_size(path, &file->width, &file->height, &unread) != GR_OK;
}

/* Which folders around each own folder are there: looked up once, not for every picture. */
static void look_around(finder *f)
{
    char folder[PATH_ROOM];
    for (int64_t i = 0; i < f->marks->picture_count; i++) {
        int64_t own = f->marks->pictures[i].folder;
        const char *text = f->marks->texts.items[own];
        if (f->around[own] != 0)
            continue;
        f->around[own] = 1u << AROUND; /* looked at */
        for (size_t k = 0; k < AROUND; k++)
            if (snprintf(folder, sizeof folder, "%s/%s", text, around[k]) < PATH_ROOM && gr_is_folder(folder))
                f->around[own] |= 1u << k;
    }
}

/* ---- names in the manifest ---------------------------------------------------------------------------------------------- */

/* What leads from folder `from` to folder `to`, both without links: "", "images/", "../images/". */
static void put_way(gr_text *out, const char *from, const char *to)
{
    size_t same = 0;
    for (size_t i = 0;; i++) { /* whole folders that both have */
        bool from_end = from[i] == '\0' || from[i] == '/', to_end = to[i] == '\0' || to[i] == '/';
        if (from_end && to_end && i > 0)
            same = i;
        if (from[i] != to[i] || from[i] == '\0')
            break;
    }
    const char *rest = from + same;
    while (*rest == '/')
        rest++;
    for (bool inside = *rest != '\0'; inside; inside = rest != NULL && *rest != '\0') {
        gr_text_printf(out, "../");
        rest = strchr(rest, '/');
        if (rest != NULL)
            rest++;
    }
    const char *down = to + same;
    while (*down == '/')
        down++;
    if (*down != '\0')
        gr_text_printf(out, "%s/", down);
}

/* The ways to folders are looked for once each. */
typedef struct ways {
    gr_table folders;
    const char **to; /* [room] */
    int64_t room;
    char *from; /* the manifest's folder, the system's own block */
} ways;

/* The way to `folder`; as it stands where it is not there. NULL when memory is short. */
static const char *way_to(gr_marks *marks, ways *w, const char *folder)
{
    int64_t before = w->folders.count, number = gr_table_add(&w->folders, marks->arena, folder, strlen(folder));
    if (number < 0)
        return NULL;
    if (number < before)
        return w->to[number];
    if (number == w->room) {
        int64_t room = w->room > 0 ? 2 * w->room : 64;
        const char **grown = gr_realloc(w->to, (size_t)room, sizeof *grown);
        if (grown == NULL)
            return NULL;
        w->to = grown;
        w->room = room;
    }
    gr_text way = {0};
    char *real = realpath(folder, NULL);
    gr_text_add(&way, "", 0);
    if (real != NULL)
        put_way(&way, w->from, real);
    else
        gr_text_printf(&way, "%s/", folder);
    free(real);
    w->to[number] = way.failed ? NULL : gr_arena_strdup(marks->arena, way.data);
    gr_text_free(&way);
    return w->to[number];
}

/* What the manifest calls `path`; NULL when memory is short. */
static const char *name_path(gr_marks *marks, ways *w, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = gr_path_folder(path);
    const char *way = folder != NULL ? way_to(marks, w, folder) : NULL;
    gr_free(folder);
    return way != NULL ? gr_arena_printf(marks->arena, "%s%s", way, slash != NULL ? slash + 1 : path) : NULL;
}

/* The name of a picture that was found at `path`, or (NULL) that should lie below `own`. */
static const char *name_image(gr_marks *marks, ways *w, const char *path, const char *own, const char *name)
{
    if (path != NULL)
        return name_path(marks, w, path);
    if (name[0] == '/')
        return name;
    char *should = gr_path_join(own, name), *folder = should != NULL ? gr_path_folder(should) : NULL;
    const char *image = NULL;
    if (folder != NULL && gr_is_folder(folder))
        image = name_path(marks, w, should);
    else if (folder != NULL) {
        const char *way = way_to(marks, w, own);
        image = way != NULL ? gr_arena_printf(marks->arena, "%s%s", way, name) : NULL;
    }
    gr_free(should);
    gr_free(folder);
    return image;
}

/* Names all pictures; no file may be two of them. */
static gr_status name_all(finder *f, ways *w, gr_error *err)
{
    gr_marks *marks = f->marks;
    gr_table taken = {0};
    int64_t rows = 0;
    gr_status status = GR_OK;
    for (int64_t i = 0; status == GR_OK && i < marks->picture_count; i++) {
        const gr_marked_picture *picture = &marks->pictures[i];
        if (!is_row(marks, i))
            continue;
        const char *own = marks->request->images != NULL ? marks->request->images : marks->texts.items[picture->folder];
        const char *image = name_image(marks, w, f->found[i], own, marks->texts.items[picture->name]);
        int64_t number = image != NULL ? gr_table_add(&taken, marks->arena, image, strlen(image)) : -1;
        if (number < 0)
            status = gr_marks_no_memory(err);
        else if (number < rows)
            status = gr_fail(err, GR_INVALID,
                             "%.300s: two pictures of the annotations are this file, one of them \"%.200s\"; --images FOLDER "
                             "would say where they lie",
                             image, marks->texts.items[picture->name]);
        rows++;
        f->files[i].image = image;
    }
    gr_table_free(&taken);
    return status;
}

/* Counts what is not there, not readable, or of another size. */
static void count_lacks(finder *f)
{
    gr_marks *marks = f->marks;
    bool shown = false; /* is a picture of any frame there? */
    for (int64_t i = 0; i < marks->picture_count; i++)
        shown = shown || (marks->pictures[i].frame >= 0 && f->files[i].there);
    for (int64_t i = 0; i < marks->picture_count; i++) {
        gr_marked_picture *picture = &marks->pictures[i];
        gr_picture_file *file = &f->files[i];
        bool open_end = gr_ends_with(marks->texts.items[picture->name], ".*"); /* no name that a manifest could hold */
        marks->current = i;
        file->left_out = !file->there && (open_end || (picture->frame >= 0 && shown));
        if (!is_row(marks, i))
            continue;
        if (!file->there)
            gr_marks_lack(marks, open_end              ? GR_LACK_LOST
                                 : picture->frame < 0 ? GR_LACK_PICTURE
                                 : shown              ? GR_LACK_SHOWN
                                                      : GR_LACK_VIDEO);
        else if (f->unread[i])
            gr_marks_lack(marks, GR_LACK_BROKEN);
        else if (picture->width > 0 && (picture->width != file->width || picture->height != file->height))
            gr_marks_lack(marks, GR_LACK_SIZE);
        if (file->width == 0 && picture->width > 0) {
            file->width = (int)picture->width;
            file->height = (int)picture->height;
        }
    }
}

gr_status gr_marks_find_pictures(gr_marks *marks, gr_picture_file *files, gr_error *err)
{
    size_t count = (size_t)marks->picture_count;
    ways w = {0};
    finder f = {marks, files, gr_alloc(count + 1, sizeof *f.found), gr_alloc(count + 1, sizeof *f.failed),
                gr_alloc(count + 1, sizeof *f.unread), gr_alloc((size_t)marks->texts.count + 1, sizeof *f.around)};
    char *folder = gr_path_folder(marks->request->out);
    w.from = folder != NULL ? realpath(folder, NULL) : NULL;
    gr_status status = GR_OK;
    if (f.found == NULL || f.failed == NULL || f.unread == NULL || f.around == NULL || folder == NULL)
        status = gr_marks_no_memory(err);
    else if (w.from == NULL)
        status = gr_fail(err, GR_INVALID, "%s: its folder is not there", marks->request->out);
    else if (marks->request->images != NULL && !gr_is_folder(marks->request->images))
        status = gr_fail(err, GR_INVALID, "%s: is no folder; --images names that of the pictures", marks->request->images);
    if (status == GR_OK)
        look_around(&f);
    if (status == GR_OK)
        gr_parallel_for(marks->picture_count, find_one, &f);
    for (size_t i = 0; status == GR_OK && i < count; i++)
        if (f.failed[i])
            status = gr_marks_no_memory(err);
    if (status == GR_OK)
        status = name_all(&f, &w, err);
    if (status == GR_OK)
        count_lacks(&f);
    for (size_t i = 0; f.found != NULL && i < count; i++)
        gr_free(f.found[i]);
    free(w.from);
    gr_table_free(&w.folders);
    gr_free(w.to);
    gr_free(folder);
    gr_free(f.found);
    gr_free(f.failed);
    gr_free(f.unread);
    gr_free(f.around);
    return status;
}
