/* A cascade of OpenCV's: one sentence, or a detector whose every read lies in its pictures, and a file that reads back the
 * same. */
#include <stdio.h>
#include <string.h>

#include "detect/found.h"
#include "detect/table.h"
#include "formats/cascade.h"
#include "fuzz/fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WIDTH = 41, HEIGHT = 30 };

static void demand(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void write_and_read(const gr_cascade *c)
{
    char copy[64];
    gr_cascade back;
    gr_error err = {0};
    snprintf(copy, sizeof copy, "/dev/shm/fuzz-cascade-%d.xml", (int)getpid());
    if (gr_cascade_write(copy, c, &err) == GR_OK && gr_cascade_read(copy, &back, &err) == GR_OK) {
        demand(back.node_count == c->node_count &&
               memcmp(back.nodes, c->nodes, (size_t)c->node_count * sizeof *c->nodes) == 0);
        gr_cascade_free(&back);
    } else {
        demand(err.status != GR_INVALID);
    }
    remove(copy);
}

static void search(const char *path)
{
    static uint8_t rgb[HEIGHT * WIDTH * 3];
    const gr_image image = {WIDTH, HEIGHT, rgb};
    const gr_detect_options options = {.scale = 1.3, .neighbours = 1};
    gr_found_list found = {0};
    gr_grey grey;
    gr_error err = {0};
    void *state = NULL;
    for (int i = 0; i < HEIGHT * WIDTH * 3; i++)
        rgb[i] = (uint8_t)(i * i * 31 + i / 7);
    if (gr_grey_of(&image, &grey, &err) != GR_OK)
        return;
    demand(gr_detector_cascade.open(path, "x", &options, &state, &err) == GR_OK);
    demand(gr_detector_cascade.find(state, &image, &grey, &found, &err) == GR_OK || err.status == GR_NOMEM);
    for (int64_t i = 0; i < found.count; i++)
        demand(found.boxes[i].x >= 0 && found.boxes[i].x + found.boxes[i].width <= WIDTH && found.boxes[i].y >= 0);
    gr_detector_cascade.free(state);
    gr_grey_free(&grey);
    gr_found_free(&found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    gr_cascade cascade;
    gr_error err = {0};
    gr_source source = fuzz_file(data, size, path);
    if (gr_cascade_read(path, &cascade, &err) == GR_OK) {
        write_and_read(&cascade);
        gr_cascade_free(&cascade);
        search(path);
    } else {
        demand(err.text[0] != '\0');
    }
    close(source.file);
    return 0;
}
