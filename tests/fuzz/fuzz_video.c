/* Films, whole and damaged: what is grimace's own in reading them. How long a container says that it is (src/video/whole.c)
 * is asked of every input, and one in 16 goes through FFmpeg's readers, too, whose own mistakes are FFmpeg's. */
#include <stdlib.h>

#include "fuzz_file.h"
#include "grimace/video.h"
#include "video/whole.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The first second, each frame once: times never go back, a failure has a sentence. */
static void look(const char *path)
{
    gr_error err = {0};
    gr_video *video;
    gr_status status = gr_video_open(path, &(gr_video_options){.threads = 1}, &video, &err);
    gr_video_frame frame = {0};
    bool there = status == GR_OK;
    int64_t last = -1;
    for (int64_t k = 0; there && k < 25; k++) {
        status = gr_video_at(video, (gr_moment){k, 25}, &frame, &there, &err);
        there = there && status == GR_OK;
        if (there && frame.number < last)
            abort();
        last = frame.number;
    }
    if (status != GR_OK && err.text[0] == '\0')
        abort();
    gr_video_close(video);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[64];
    gr_source source = fuzz_file(bytes, size, path);
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum = sum * 31 + bytes[i];
    FILE *file = fopen(path, "rb");
    if (file != NULL) {
        bool cut = gr_video_cut_off(file);
        if (cut && size < 12)
            abort();
        fclose(file);
    }
    if ((sum >> 8) % 16 == 0)
        look(path);
    gr_source_close(&source);
    return 0;
}
