/* What was left out and what was understood how, for the reader of a terminal: nothing is dropped quietly. */
#include "import/marks.h"

/* Behind "notice: N "; "%s" would be the first place, which is said behind each. */
static const char *const sentences[GR_LACKS] = {
    [GR_LACK_MARK] = "pictures have neither box nor landmark: left out, unless --empty is given",
    [GR_LACK_CHOSEN] = "pictures have no object that --class and --individual want",
    [GR_LACK_OBJECTS] = "objects are not the largest of their picture: left out, --class NAME or --individual NAME choose",
    [GR_LACK_PICTURE] =
        "pictures are not there: their rows name where they were looked for first, --images FOLDER says where they are",
    [GR_LACK_LOST] = "pictures are not there, and how their names end is not known: left out, --images FOLDER says where they are",
    [GR_LACK_SIZE] = "pictures have another size than the annotations say (a picture turned by its EXIF, or resized since?)",
    [GR_LACK_BROKEN] = "pictures cannot be read, so that nothing is known of their size",
    [GR_LACK_BOX] = "rows have no box",
    [GR_LACK_CUT] = "boxes reach beyond their picture: cut to it",
    [GR_LACK_OUTSIDE] = "boxes lie outside their picture: left out",
    [GR_LACK_EMPTY] = "boxes have no area, or no place that a picture could have: left out",
    [GR_LACK_TURNED] = "boxes are turned: the upright box around each is taken",
    [GR_LACK_POINT_OUT] = "points lie beyond their picture: left out",
    [GR_LACK_HIDDEN] = "points are hidden: kept, with 0 in their column lm*_v",
    [GR_LACK_ABSENT] = "points are marked as not there: left out, whatever their coordinates",
    [GR_LACK_UNSURE] = "points and boxes have a score below --least-score: left out",
    [GR_LACK_TWICE] = "points have a name that their object has already: left out",
    [GR_LACK_STRAY] = "points stand alone and belong to no chosen object: left out",
    [GR_LACK_CROWD] = "objects are crowds (iscrowd): left out",
    [GR_LACK_IGNORED] = "boxes are marked with ignore: left out",
    [GR_LACK_LINE] = "lines are in their file twice (save_txt adds to an old file): read once",
    [GR_LACK_LABELS] = "pictures have no file of labels: nothing was found in them, or they were never looked at",
    [GR_LACK_ONE] = "boxes begin at 1: labelImg writes a box from 0 so, too; such a box may be one pixel too small",
    [GR_LACK_FRAME] = "frames have no mark",
    [GR_LACK_SHOWN] = "frames have no picture: left out, since others have one",
    [GR_LACK_VIDEO] =
        "frames have no picture: the file tells of a video, and rows name pictures that are still to be made (ffmpeg -i VIDEO "
        "-fps_mode passthrough -start_number 0 NAME_%06d.png makes all); --images FOLDER says where they are, --frames what they "
        "are called",
    [GR_LACK_LIKELY] = "points have a likelihood below 0.6: kept, --least-score 0.6 would leave them out",
};

void gr_marks_say(gr_marks *marks)
{
    for (int i = 0; i < GR_LACKS; i++)
        if (marks->lacks[i] > 0)
            gr_text_printf(marks->said, "notice: %lld %s; first: %s\n", (long long)marks->lacks[i], sentences[i],
                           marks->first[i] != NULL ? marks->first[i] : "?");
    for (int64_t i = 0; i < marks->left.count; i++)
        gr_text_printf(marks->said, "notice: left out, as neither box nor point: %lld %s\n", (long long)marks->left_count[i],
                       marks->left.items[i]);
    if (marks->left_others > 0)
        gr_text_printf(marks->said, "notice: left out, as neither box nor point: %lld of other kinds\n",
                       (long long)marks->left_others);
}
