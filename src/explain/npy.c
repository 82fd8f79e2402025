/* NumPy's format: "\x93NUMPY", the version, the length of the header, the header padded so that the numbers begin at a
 * multiple of 64 bytes, the numbers. */
#include "explain/npy.h"

#include <string.h>

#include "base/base.h"

enum { BEGIN = 10, ALIGN = 64 };

gr_status gr_npy_write(const char *path, const float *numbers, int rows, int columns, gr_error *err)
{
    gr_text out = {0};
    const union {
        uint16_t number;
        uint8_t bytes[2];
    } order = {1};
    gr_text_add(&out, "\x93NUMPY\x01\x00\x00\x00", BEGIN);
    gr_text_printf(&out, "{'descr': '%cf4', 'fortran_order': False, 'shape': (%d, %d), }", order.bytes[0] == 1 ? '<' : '>',
                   rows, columns);
    while (!out.failed && (out.size + 1) % ALIGN != 0)
        gr_text_add(&out, " ", 1);
    gr_text_add(&out, "\n", 1);
    if (!out.failed)
        out.data[8] = (char)(out.size - BEGIN); /* below 256: the header has 118 bytes at most */
    gr_text_add(&out, numbers, (size_t)rows * (size_t)columns * sizeof *numbers);
    gr_status status = out.failed ? gr_fail(err, GR_NOMEM, "%s: no memory to write it", path)
                                  : gr_file_put(path, out.data, out.size, err);
    gr_text_free(&out);
    return status;
}

gr_status gr_npy_read(const char *path, int rows, int columns, float *numbers, gr_error *err)
{
    char *data = NULL;
    size_t size = 0, bytes = (size_t)rows * (size_t)columns * sizeof *numbers;
    gr_status status = gr_file_read(path, bytes + BEGIN + 256, &data, &size, err);
    if (status != GR_OK)
        return status;
    bool known = size > BEGIN && memcmp(data, "\x93NUMPY\x01", 7) == 0;
    if (known && size == BEGIN + (size_t)(uint8_t)data[8] + bytes)
        memcpy(numbers, data + size - bytes, bytes);
    else
        status = gr_fail(err, GR_INVALID, "%s: holds no map of %d x %d numbers any more", path, rows, columns);
    gr_free(data);
    return status;
}
