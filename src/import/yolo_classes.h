/* What YOLO's labels need besides their lines: the classes' and key points' names (yolo_classes.c). */
#ifndef GR_IMPORT_YOLO_CLASSES_H
#define GR_IMPORT_YOLO_CLASSES_H

#include "import/marks.h"

enum { GR_YOLO_POINTS = 1000 };

typedef struct gr_yolo_classes {
    const char **names; /* [count], in the arena; NULL for one that has none */
    int count;          /* 0: not known */
    int points, numbers; /* key points of a pose, and numbers of each (2 or 3); 0: not known */
    const char **point_names; /* [points], or NULL */
} gr_yolo_classes;

/* Finds --classes, or data.yaml or classes.txt around the first source, and --points. Says which file it took.
 * Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_yolo_classes_find(gr_marks *marks, gr_yolo_classes *out, gr_error *err) GR_MUST_CHECK;

#endif
