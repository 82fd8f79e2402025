/* Videos in a build without FFmpeg's libraries (the Makefile takes this file in place of all others of the room). */
#include "grimace/video.h"

bool gr_video_built(void)
{
    return false;
}

gr_status gr_video_open(const char *path, const gr_video_options *options, gr_video **out, gr_error *err)
{
    (void)options;
    *out = NULL;
    return gr_fail(err, GR_INVALID,
                   "%s: this grimace was built without FFmpeg and reads no videos; apt-get install libavformat-dev "
                   "libavcodec-dev libavutil-dev libswscale-dev, then make, would be right",
                   path);
}

void gr_video_close(gr_video *video)
{
    (void)video;
}

gr_status gr_video_at(gr_video *video, gr_moment at, gr_video_frame *frame, bool *there, gr_error *err)
{
    (void)video;
    (void)at;
    (void)frame;
    *there = false;
    return gr_fail(err, GR_INTERNAL, "no video is open");
}

gr_status gr_video_picture(gr_video *video, gr_image *out, gr_error *err)
{
    (void)video;
    *out = (gr_image){0};
    return gr_fail(err, GR_INTERNAL, "no video is open");
}

double gr_video_seconds(const gr_video *video)
{
    (void)video;
    return 0.0;
}

const char *gr_video_notices(const gr_video *video)
{
    (void)video;
    return "";
}
