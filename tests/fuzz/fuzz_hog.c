/* A HOG detector of OpenCV's: one sentence, or a machine that reads back the same and whose every read lies in its pictures. */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "detect/found.h"
#include "detect/hog_find.h"
#include "fuzz/fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WIDTH = 83, HEIGHT = 61 };

static void demand(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void read_back(const gr_hog_svm *machine)
{
    gr_text text = {0};
    gr_hog_svm back;
    gr_error err = {0};
    if (gr_hog_svm_text(machine, &text, &err) != GR_OK)
        return;
    if (gr_hog_svm_read("back", text.data, text.size, &back, &err) == GR_OK) {
        demand(back.width == machine->width && back.height == machine->height);
        demand(memcmp(back.weights, machine->weights, (size_t)gr_hog_numbers(back.width, back.height) * sizeof(float)) == 0);
        gr_hog_svm_free(&back);
    } else {
        demand(err.status == GR_NOMEM);
    }
    gr_text_free(&text);
}

static void search(const gr_hog_svm *machine)
{
    static uint8_t pixels[WIDTH * HEIGHT + 64];
    const gr_grey grey = {WIDTH, HEIGHT, pixels};
    const gr_detect_options options = {.scale = 1.3, .neighbours = 1};
    gr_found_list found = {0};
    gr_error err = {0};
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        pixels[i] = (uint8_t)(i * i * 31 + i / 7);
    demand(gr_hog_svm_find(machine, &options, "x", &grey, &found, &err) == GR_OK || err.status == GR_NOMEM);
    for (int64_t i = 0; i < found.count; i++)
        demand(found.boxes[i].x >= 0 && found.boxes[i].x + found.boxes[i].width <= WIDTH && found.boxes[i].y >= 0);
    gr_found_free(&found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gr_hog_svm machine;
    gr_error err = {0};
    if (gr_hog_svm_read("x.hog.xml", (const char *)data, size, &machine, &err) == GR_OK) {
        read_back(&machine);
        search(&machine);
        gr_hog_svm_free(&machine);
    } else {
        demand(err.text[0] != '\0');
    }
    return 0;
}
