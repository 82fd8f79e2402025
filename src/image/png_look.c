/* Rows stay filtered, and no pixel is made: all damage that can be found is found before. */
#include "image/png_look.h"

#include "image/image.h"
#include "image/png_rows.h"

bool gr_png_look(const void *bytes, size_t size, int *width, int *height)
{
    gr_png_rows rows;
    if (!gr_png_read_rows(bytes, size, &rows))
        return false;
    gr_free(rows.bytes);
    bool swapped = gr_png_orientation(bytes, size) >= 5;
    *width = swapped ? rows.height : rows.width;
    *height = swapped ? rows.width : rows.height;
    return true;
}
