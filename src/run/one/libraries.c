/* The libraries that this program runs with, and what they say of their versions. */
#include <string.h>

#include <cblas.h>
#include <gsl/gsl_version.h>
#include <jansson.h>
#include <jpeglib.h>
#include <png.h>
#include <tiffio.h>
#include <webp/decode.h>
#include <yaml.h>
#include <zlib.h>

#include "base/base.h"
#include "grimace/inspect.h"

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

const char *gr_library(int index, char version[GR_LIBRARY_ROOM])
{
    int webp = WebPGetDecoderVersion(); /* a byte for each number */
    char text[GR_LIBRARY_ROOM];
    snprintf(text, sizeof text, "%d.%d.%d", webp >> 16, webp >> 8 & 255, webp & 255);
    const struct {
        const char *name, *version;
    } all[] = {{"OpenBLAS", openblas_get_config()},
               {"libpng", png_get_libpng_ver(NULL)},
#ifdef LIBJPEG_TURBO_VERSION
               {"libjpeg-turbo", TEXT(LIBJPEG_TURBO_VERSION)},
#else
               {"libjpeg", TEXT(JPEG_LIB_VERSION)},
#endif
               {"libwebp", text},
               {"libtiff", TEXT(TIFFLIB_MAJOR_VERSION) "." TEXT(TIFFLIB_MINOR_VERSION) "." TEXT(TIFFLIB_MICRO_VERSION)},
               {"zlib", zlibVersion()},
               {"libyaml", yaml_get_version_string()},
               {"jansson", JANSSON_VERSION},
               {"GSL", gsl_version}};
    if (index < 0 || index >= (int)(sizeof all / sizeof *all))
        return NULL;
    snprintf(version, GR_LIBRARY_ROOM, "%s", all[index].version);
    return all[index].name;
}
