/* What an annotation tool's files say, gathered as they are read: pictures, the objects in them, the points of objects. Readers
 * fill it (marks.c); then one object is chosen for each picture (marks_choose.c) and the manifest is written (marks_write.c).
 *
 * Coordinates are moved to grimace's convention as they come in. */
#ifndef GR_IMPORT_MARKS_H
#define GR_IMPORT_MARKS_H

#include "base/base.h"
#include "base/table.h"
#include "grimace/import.h"

/* What a row can lack, and what was left out: a count and the first place of each is said. marks_say.c has the sentences. */
typedef enum gr_lack {
    GR_LACK_MARK,      /* pictures without a mark */
    GR_LACK_CHOSEN,    /* pictures whose objects are all of other classes or individuals */
    GR_LACK_OBJECTS,   /* objects of a picture that were not the largest */
    GR_LACK_PICTURE,   /* pictures that are not there */
    GR_LACK_LOST,      /* such, of whose names the ending is not known */
    GR_LACK_SIZE,      /* pictures of another size than the file says */
    GR_LACK_BROKEN,    /* pictures whose size cannot be read */
    GR_LACK_BOX,       /* chosen objects without a box, while others have one */
    GR_LACK_CUT,       /* boxes that were cut to their picture */
    GR_LACK_OUTSIDE,   /* boxes that lie outside */
    GR_LACK_EMPTY,     /* boxes without an area */
    GR_LACK_TURNED,    /* boxes with a rotation */
    GR_LACK_POINT_OUT, /* points beyond their picture */
    GR_LACK_HIDDEN,    /* points that are hidden: kept */
    GR_LACK_ABSENT,    /* points marked as not there */
    GR_LACK_UNSURE,    /* points or boxes below --least-score */
    GR_LACK_TWICE,     /* points of a name that the object has already */
    GR_LACK_STRAY,     /* loose points that belong to another object or to none */
    GR_LACK_CROWD,     /* COCO's crowds */
    GR_LACK_IGNORED,   /* dlib's ignored boxes */
    GR_LACK_LINE,      /* YOLO's lines that are there twice */
    GR_LACK_LABELS,    /* YOLO's pictures without labels */
    GR_LACK_ONE,       /* VOC's boxes from 1 */
    GR_LACK_FRAME,     /* frames without a mark */
    GR_LACK_SHOWN,     /* frames without a picture, where others have one */
    GR_LACK_VIDEO,     /* frames of videos of which no picture is there */
    GR_LACK_LIKELY,    /* points whose likelihood is low, kept */
    GR_LACKS
} gr_lack;

enum { GR_LEFT_KINDS = 32 };

typedef struct gr_marked_picture {
    int64_t folder, name; /* numbers of texts: where the file's names begin, and the name as it stands there */
    double width, height; /* as the file says; 0: it does not */
    int64_t first, last;  /* objects, -1: none */
    int64_t chosen;       /* object, or -1 */
    bool alone;           /* the chosen one is the only object, loose points aside */
    int64_t video, frame; /* of a video's frame: the number of the text that names the video, and its own from 0; -1: none */
} gr_marked_picture;

typedef struct gr_marked_object {
    int64_t picture, next; /* next: of the same picture, or -1 */
    int64_t words[4];      /* numbers of texts, -1: none: label, individual, two more that the reader names */
    int64_t group;         /* loose points and boxes of one group belong together; -1: none */
    int64_t point, points; /* where its points begin, and how many */
    double box[4], score;  /* NaN: none */
    bool loose;            /* points that stand alone, to be given to an object */
} gr_marked_object;

typedef struct gr_marked_point {
    double x, y;
    int32_t name; /* a number of names */
    bool hidden;
} gr_marked_point;

typedef struct gr_marks {
    const gr_import_request *request;
    gr_pixel_origin origin;
    gr_arena *arena;
    gr_text *said;
    gr_table texts;   /* labels, individuals, other words, folders and names of pictures */
    gr_table files;   /* folder and name of a picture, together: its number */
    gr_table names;   /* of points */
    int64_t *seen;    /* [name_room]: the last object that has a point of the name */
    bool *declared;   /* [name_room]: a landmark even where no row has it */
    int64_t name_room;
    gr_table left;    /* kinds of shapes that are not read */
    int64_t left_count[GR_LEFT_KINDS], left_others;
    gr_marked_picture *pictures;
    int64_t picture_count, picture_room;
    gr_marked_object *objects;
    int64_t object_count, object_room;
    gr_marked_point *points;
    int64_t point_count, point_room;
    int64_t current;      /* the picture under way */
    int64_t *landmarks;   /* [landmark_count], from marks_choose.c: numbers of names */
    int landmark_count;
    const char *extra[2]; /* names of the columns of words[2] and [3]; NULL: none */
    bool sort_names;      /* landmarks by their names' bytes, as dlib orders them */
    bool shares;          /* coordinates are shares of the picture: no origin plays a part */
    int64_t lacks[GR_LACKS];
    const char *first[GR_LACKS]; /* the first place of each, or NULL */
} gr_marks;

/* ---- readers call these ------------------------------------------------------------------------------------------------ */

/* Makes the picture `name`, as the file of annotations calls it, the one under way. Back slashes become slashes; `folder` is
 * where such names begin (the annotations' own folder). Sizes are 0 where the file has none. Two mentions are one picture.
 * Fails: GR_INVALID (an empty name, more than 10 million), GR_NOMEM. */
gr_status gr_marks_picture(gr_marks *marks, const char *folder, const char *name, double width, double height,
                           gr_error *err) GR_MUST_CHECK;
/* Begins an object in that picture; label and individual may be NULL. Fails: GR_NOMEM. */
gr_status gr_marks_object(gr_marks *marks, const char *label, const char *individual, gr_error *err) GR_MUST_CHECK;
/* Begins loose points instead. Fails: GR_NOMEM. */
gr_status gr_marks_loose(gr_marks *marks, int64_t group, gr_error *err) GR_MUST_CHECK;
/* Says more of the object under way. Fails: GR_NOMEM. */
gr_status gr_marks_word(gr_marks *marks, int which, const char *text, gr_error *err) GR_MUST_CHECK;
/* Its box, by corner and size, or by two corners in any order. Never fails: what is no box is counted. */
void gr_marks_box(gr_marks *marks, double x, double y, double w, double h);
void gr_marks_corners(gr_marks *marks, double x1, double y1, double x2, double y2);
/* A point of the object under way; NaN: it is not known. Fails: GR_INVALID (more than 5000 names), GR_NOMEM. */
gr_status gr_marks_point(gr_marks *marks, const char *name, double x, double y, bool hidden, gr_error *err) GR_MUST_CHECK;
/* The same of a name's number. */
gr_status gr_marks_point_of(gr_marks *marks, int64_t name, double x, double y, bool hidden, gr_error *err) GR_MUST_CHECK;
/* The number of a point's name; -1 with *err set: it failed. One that is declared is a landmark even where no row has it, so that
 * two imports of one project have the same columns. */
int64_t gr_marks_name(gr_marks *marks, const char *name, gr_error *err) GR_MUST_CHECK;
int64_t gr_marks_declare(gr_marks *marks, const char *name, gr_error *err) GR_MUST_CHECK;
/* Counts a lack of the picture under way, or at `place` (copied). Never fails. */
void gr_marks_lack(gr_marks *marks, gr_lack lack);
void gr_marks_lack_at(gr_marks *marks, gr_lack lack, const char *place);
/* Counts a shape of a kind that is not read, such as "polygon". Never fails. */
void gr_marks_left(gr_marks *marks, const char *kind);
/* Is a score too low? */
bool gr_marks_unsure(gr_marks *marks, double score);
/* Is the class wanted, as far as --class says? */
bool gr_marks_wants(const gr_marks *marks, const char *label);

gr_status gr_marks_no_memory(gr_error *err) GR_MUST_CHECK;
void gr_marks_free(gr_marks *marks);
/* GIVES (gr_free) the folder of a source; NULL when memory is short. */
char *gr_marks_folder(const char *source) GR_MUST_CHECK;
/* Calls `read` with each file that the sources mean: a file itself, and of a folder all files below it that end in `ending`, in
 * byte order. Fails: GR_INVALID (no such file, none in a folder), GR_NOMEM, and as `read`. */
gr_status gr_marks_each_file(gr_marks *marks, const char *ending,
                             gr_status (*read)(gr_marks *, const char *path, void *, gr_error *), void *ctx,
                             gr_error *err) GR_MUST_CHECK;
/* Makes the picture of a video's frame, from 0, the one under way: called as request->frames says. Fails: as gr_marks_picture. */
gr_status gr_marks_frame(gr_marks *marks, const char *folder, const char *video, int64_t frame, gr_error *err) GR_MUST_CHECK;
/* Is --frames well formed? Fails: GR_INVALID. */
gr_status gr_marks_check_frames(const gr_import_request *request, gr_error *err) GR_MUST_CHECK;

/* ---- what is done with them --------------------------------------------------------------------------------------------- */

/* A picture's file. */
typedef struct gr_picture_file {
    const char *image; /* as the manifest names it, in the arena */
    int width, height; /* 0: not known */
    bool there;
    bool left_out; /* it is not there, and no row can or should say where */
} gr_picture_file;

/* Chooses one object for each picture, and which names are landmarks. Fails: GR_INVALID (a class, individual or landmark that
 * nothing has), GR_NOMEM. */
gr_status gr_marks_choose(gr_marks *marks, gr_error *err) GR_MUST_CHECK;
/* Does a loose point belong to the object that was chosen for its picture? Never fails. */
bool gr_marks_belongs(const gr_marks *marks, const gr_marked_picture *picture, const gr_marked_object *loose,
                      const gr_marked_point *point);
/* Finds files[picture_count] and their sizes. Fails: GR_INVALID (two pictures that are one file, no folder for the manifest),
 * GR_NOMEM. */
gr_status gr_marks_find_pictures(gr_marks *marks, gr_picture_file *files, gr_error *err) GR_MUST_CHECK;
/* Writes manifest and landmarks, and says what was found. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_marks_write(gr_marks *marks, gr_error *err) GR_MUST_CHECK;
/* Adds the lines on all that was left out. */
void gr_marks_say(gr_marks *marks);

#endif
