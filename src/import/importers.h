/* The importers: a record each, in one table. What annotation tools say is gathered in marks.h, however it is written. */
#ifndef GR_IMPORT_IMPORTERS_H
#define GR_IMPORT_IMPORTERS_H

#include "import/marks.h"

/* Options that not every importer takes, as bits. */
enum {
    GR_TAKES_WORDS = 1,
    GR_TAKES_PATHS = 2,
    GR_TAKES_MARKS = 4, /* --images, --names, --pixel-origin, --class, --individual, --empty */
    GR_TAKES_SCORE = 8,
    GR_TAKES_FRAMES = 16,
    GR_TAKES_ATTRIBUTE = 32,
    GR_TAKES_YOLO = 64
};

/* name, what it reads, its options, its pixel origin, its function. The command's help is made of these lines, too. */
#define GR_IMPORTERS(row)                                                                                                        \
    row("ratspain", "RatsPain's folder: columns image,animal,pain", GR_TAKES_WORDS, GR_ORIGIN_CORNER, gr_importer_ratspain)      \
    row("paths", "a folder of any layout: columns from the pictures' paths", GR_TAKES_PATHS, GR_ORIGIN_CORNER,                   \
        gr_importer_paths)                                                                                                       \
    row("deeplabcut", "DeepLabCut: CollectedData_*.csv or .h5 of labelled pictures and of analysed videos",                       \
        GR_TAKES_MARKS | GR_TAKES_SCORE | GR_TAKES_FRAMES, GR_ORIGIN_CENTRE, gr_read_deeplabcut)                                 \
    row("sleap", "SLEAP: analysis HDF5 files (.h5)", GR_TAKES_MARKS | GR_TAKES_SCORE | GR_TAKES_FRAMES, GR_ORIGIN_CENTRE,        \
        gr_read_sleap)                                                                                                           \
    row("coco", "COCO: .json with boxes and key points", GR_TAKES_MARKS | GR_TAKES_SCORE, GR_ORIGIN_CORNER, gr_read_coco)        \
    row("yolo", "YOLO: folders of .txt labels, boxes and poses, with or without scores",                                         \
        GR_TAKES_MARKS | GR_TAKES_SCORE | GR_TAKES_YOLO, GR_ORIGIN_CORNER, gr_read_yolo)                                         \
    row("voc", "Pascal VOC: .xml files, or folders of them, of labelImg and others", GR_TAKES_MARKS, GR_ORIGIN_ONE, gr_read_voc) \
    row("cvat", "CVAT: .xml for images and for videos", GR_TAKES_MARKS | GR_TAKES_FRAMES, GR_ORIGIN_CORNER, gr_read_cvat)        \
    row("labelme", "LabelMe: .json files, or folders of them", GR_TAKES_MARKS, GR_ORIGIN_CORNER, gr_read_labelme)                \
    row("via", "VGG Image Annotator 1 and 2: .json or .csv", GR_TAKES_MARKS | GR_TAKES_ATTRIBUTE, GR_ORIGIN_CORNER, gr_read_via) \
    row("dlib", "dlib: .xml of imglab", GR_TAKES_MARKS, GR_ORIGIN_CENTRE, gr_read_dlib)                                          \
    row("cat", "the CAT data set: .cat files, or folders of them", GR_TAKES_MARKS, GR_ORIGIN_CENTRE, gr_read_cat)                \
    row("catflw", "CatFLW: .json files, or folders of them", GR_TAKES_MARKS, GR_ORIGIN_CORNER, gr_read_catflw)                   \
    row("mice", "the white-furred mice: face_detection_data.json, eyes_detection_data.json", GR_TAKES_MARKS, GR_ORIGIN_CORNER,   \
        gr_read_mice)

/* An importer of annotations reads all sources into marks; the two of folders write a manifest themselves. */
typedef struct gr_importer {
    const char *name, *reads;
    unsigned takes;
    gr_pixel_origin origin;
    gr_status (*run)(gr_marks *marks, gr_error *err);
} gr_importer;

/* Each reads the sources of marks->request. Fails: GR_INVALID ("FILE:LINE: ..."), GR_NOMEM, GR_IO. */
gr_status gr_read_deeplabcut(gr_marks *marks, gr_error *err) GR_MUST_CHECK;
gr_status gr_read_sleap(gr_marks *marks, gr_error *err) GR_MUST_CHECK;
gr_status gr_read_coco(gr_marks *marks, gr_error *err) GR_MUST_CHECK;
gr_status gr_read_yolo(gr_marks *marks, gr_error *err) GR_MUST_CHECK;
gr_status gr_read_voc(gr_marks *marks, gr_error *err) GR_MUST_CHECK;
gr_status gr_read_cvat(gr_marks *marks, gr_error *err) GR_MUST_CHECK;
gr_status gr_read_labelme(gr_marks *marks, gr_error *err) GR_MUST_CHECK;
gr_status gr_read_via(gr_marks *marks, gr_error *err) GR_MUST_CHECK;
gr_status gr_read_dlib(gr_marks *marks, gr_error *err) GR_MUST_CHECK;
gr_status gr_read_cat(gr_marks *marks, gr_error *err) GR_MUST_CHECK;
gr_status gr_read_catflw(gr_marks *marks, gr_error *err) GR_MUST_CHECK;
gr_status gr_read_mice(gr_marks *marks, gr_error *err) GR_MUST_CHECK;

#endif
