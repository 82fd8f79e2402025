/* SLEAP's analysis files: `tracks` holds x and y of every node of every track in every frame, NaN where there is none; an
 * attribute `dims` of it says which axis is which, and where it is missing the order is SLEAP's own (track, xy, node, frame). */
#include <math.h>
#include <string.h>

#include "formats/hdf5_arrays.h"
#include "import/importers.h"

enum { TRACK, XY, NODE, FRAME, AXES };
static const char *const axis_names[AXES] = {"track", "xy", "node", "frame"};

typedef struct reader {
    gr_marks *marks;
    const char *path;
    gr_hdf5_arrays arrays;
    const gr_hdf5_array *tracks, *nodes, *names, *scores; /* names: of tracks; scores: of points; NULL: none */
    int64_t stride[AXES], size[AXES];
    int64_t score_stride[AXES]; /* XY: 0 */
    int64_t *points;            /* [nodes], numbers of names */
    char *folder, *video;
    gr_error *err;
} reader;

/* Strides of an array's axes by its `dims`, or by `usual` where it has none; false when they are not understood. */
static bool read_axes(const gr_hdf5_array *array, const int *usual, int rank, int64_t stride[AXES], int64_t size[AXES])
{
    int order[AXES], found = 0;
    if (array->rank != rank)
        return false;
    if (array->dims[0] == '\0')
        memcpy(order, usual, (size_t)rank * sizeof *order);
    else
        for (const char *at = strchr(array->dims, '"'); at != NULL && found < rank; found++) {
            int axis = 0;
            size_t length = strcspn(at + 1, "\"");
            while (axis < AXES && (strlen(axis_names[axis]) != length || strncmp(axis_names[axis], at + 1, length) != 0))
                axis++;
            if (axis == AXES)
                return false;
            order[found] = axis;
            at = at[length + 1] == '"' ? strchr(at + length + 2, '"') : NULL;
        }
    if (array->dims[0] != '\0' && found != rank)
        return false;
    int64_t step = 1;
    memset(stride, 0, AXES * sizeof *stride);
    for (int i = rank - 1; i >= 0; i--) {
        if (stride[order[i]] != 0)
            return false;
        stride[order[i]] = step;
        size[order[i]] = array->dim[i];
        step *= array->dim[i] > 0 ? array->dim[i] : 1;
    }
    return true;
}

static gr_status check_arrays(reader *r)
{
    static const int usual[AXES] = {TRACK, XY, NODE, FRAME}, old[AXES] = {FRAME, NODE, XY, TRACK};
    static const int usual_scores[3] = {TRACK, NODE, FRAME};
    r->tracks = gr_hdf5_array_find(&r->arrays, "tracks");
    r->nodes = gr_hdf5_array_find(&r->arrays, "node_names");
    r->names = gr_hdf5_array_find(&r->arrays, "track_names");
    r->scores = gr_hdf5_array_find(&r->arrays, "point_scores");
    if (r->tracks == NULL && gr_hdf5_array_find(&r->arrays, "points") != NULL)
        return gr_fail(r->err, GR_INVALID, "%s: is a SLEAP project; File > Export Analysis HDF5 writes what is read here", r->path);
    if (r->tracks == NULL || r->tracks->numbers == NULL || r->nodes == NULL || r->nodes->texts == NULL)
        return gr_fail(r->err, GR_INVALID, "%s: has no `tracks` and `node_names`, a SLEAP analysis file has both", r->path);
    bool plain = r->tracks->dims[0] == '\0' && r->tracks->rank == AXES;
    bool is_old = plain && r->tracks->dim[1] == r->nodes->count && r->tracks->dim[2] == 2 && r->tracks->dim[1] != 2;
    if (!read_axes(r->tracks, is_old ? old : usual, AXES, r->stride, r->size) || r->size[XY] != 2 ||
        r->size[NODE] != r->nodes->count)
        return gr_fail(r->err, GR_INVALID, "%s: the axes of `tracks` (%.100s) do not fit %lld nodes of two coordinates", r->path,
                       r->tracks->dims[0] != '\0' ? r->tracks->dims : "track, xy, node, frame", (long long)r->nodes->count);
    if (r->names != NULL && (r->names->texts == NULL || r->names->count == 0))
        r->names = NULL;
    if (r->names != NULL && r->names->count != r->size[TRACK])
        return gr_fail(r->err, GR_INVALID, "%s: has %lld track_names for %lld tracks", r->path, (long long)r->names->count,
                       (long long)r->size[TRACK]);
    int64_t size[AXES] = {0};
    if (r->scores != NULL && (r->scores->numbers == NULL || r->scores->count != r->tracks->count / 2 ||
                              !read_axes(r->scores, usual_scores, 3, r->score_stride, size) || size[TRACK] != r->size[TRACK] ||
                              size[NODE] != r->size[NODE] || size[FRAME] != r->size[FRAME]))
        r->scores = NULL;
    return GR_OK;
}

/* The video's name without folders and ending; that of the file where there is none. */
static gr_status name_video(reader *r)
{
    const gr_hdf5_array *path = gr_hdf5_array_find(&r->arrays, "video_path");
    bool named = path != NULL && path->texts != NULL && path->count == 1 && path->texts[0][0] != '\0';
    const char *text = named ? path->texts[0] : r->path;
    for (const char *c = text; *c != '\0'; c++)
        if ((*c == '/' || *c == '\\') && c[1] != '\0')
            text = c + 1;
    const char *dot = strrchr(text, '.');
    r->folder = gr_path_folder(r->path);
    r->video = gr_strdup(text);
    if (r->folder == NULL || r->video == NULL)
        return gr_marks_no_memory(r->err);
    if (dot != NULL && dot > text)
        r->video[dot - text] = '\0';
    return GR_OK;
}

/* An instance: one track in one frame. */
static gr_status put_instance(reader *r, int64_t frame, int64_t track, bool *begun)
{
    gr_marks *marks = r->marks;
    bool object = false;
    gr_status status = GR_OK;
    for (int64_t node = 0; status == GR_OK && node < r->size[NODE]; node++) {
        const double *at =
            r->tracks->numbers + frame * r->stride[FRAME] + track * r->stride[TRACK] + node * r->stride[NODE];
        double x = at[0], y = at[r->stride[XY]];
        if (isnan(x) || isnan(y))
            continue;
        if (!*begun) {
            status = gr_marks_frame(marks, r->folder, r->video, frame, r->err);
            *begun = status == GR_OK;
        }
        if (status == GR_OK && r->scores != NULL) {
            double score = r->scores->numbers[frame * r->score_stride[FRAME] + track * r->score_stride[TRACK] +
                                              node * r->score_stride[NODE]];
            if (gr_marks_unsure(marks, score))
                continue;
        }
        if (status == GR_OK && !object) {
            status = gr_marks_object(marks, NULL, r->names != NULL ? r->names->texts[track] : NULL, r->err);
            object = true;
        }
        if (status == GR_OK)
            status = gr_marks_point_of(marks, r->points[node], x, y, false, r->err);
    }
    return status;
}

static gr_status put_frames(reader *r)
{
    gr_status status = GR_OK;
    for (int64_t frame = 0; status == GR_OK && frame < r->size[FRAME]; frame++) {
        bool begun = false;
        for (int64_t track = 0; status == GR_OK && track < r->size[TRACK]; track++)
            status = put_instance(r, frame, track, &begun);
        if (status == GR_OK && !begun)
            gr_marks_lack_at(r->marks, GR_LACK_FRAME, r->path);
    }
    return status;
}

static gr_status read_file(gr_marks *marks, const char *path, void *ctx, gr_error *err)
{
    (void)ctx;
    reader r = {.marks = marks, .path = path, .err = err};
    gr_status status = gr_hdf5_arrays_read(path, marks->arena, &r.arrays, err);
    if (status == GR_OK)
        status = check_arrays(&r);
    if (status == GR_OK)
        status = name_video(&r);
    r.points = status == GR_OK ? gr_arena_alloc(marks->arena, (size_t)r.nodes->count + 1, sizeof *r.points) : NULL;
    if (status == GR_OK && r.points == NULL)
        status = gr_marks_no_memory(err);
    for (int64_t i = 0; status == GR_OK && i < r.nodes->count; i++) {
        r.points[i] = gr_marks_declare(marks, r.nodes->texts[i], err);
        status = r.points[i] < 0 ? err->status : GR_OK;
    }
    if (status == GR_OK)
        status = put_frames(&r);
    gr_free(r.folder);
    gr_free(r.video);
    return status;
}

gr_status gr_read_sleap(gr_marks *marks, gr_error *err)
{
    return gr_marks_each_file(marks, ".h5", read_file, NULL, err);
}
