/* grimace info: what this binary is and what it runs on. */
#include <stdio.h>

#include <cblas.h>
#include <jansson.h>
#include <jpeglib.h>
#include <png.h>
#include <yaml.h>
#include <zlib.h>

#include "base/base.h"
#include "cli.h"
#include "grimace/grimace.h"
#include "kernels/kernels.h"

const char gr_help_info[] = "usage: grimace info\n"
                            "\n"
                            "Prints version, instruction set and why it was chosen, threads, and the libraries in use.\n"
                            "GRIMACE_ISA=generic|avx2|avx512|neon forces an instruction set.\n";

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

gr_status gr_cmd_info(int argc, char **argv, gr_error *err)
{
    gr_status status = gr_cli_parse(&argc, argv, NULL, 0, err);
    if (status != GR_OK)
        return status;
    if (argc > 1)
        return gr_fail(err, GR_INVALID, "info: \"%s\" is not needed; info takes nothing", argv[1]);
    const gr_kernels *available[8];
    int count = gr_kernels_available(available);
    printf("grimace          %s\n", GRIMACE_VERSION);
    printf("instruction set  %s (%s; this CPU runs", gr_kernels_get()->isa, gr_kernels_reason());
    for (int i = 0; i < count; i++)
        printf("%s %s", i == 0 ? "" : ",", available[i]->isa);
    printf(")\n");
    gr_threads_set(0);
    printf("threads          %d\n", gr_threads_get());
    printf("compiler         %s\n", __VERSION__);
    printf("OpenBLAS         %s\n", openblas_get_config());
    printf("libpng           %s\n", png_get_libpng_ver(NULL));
#ifdef LIBJPEG_TURBO_VERSION
    printf("libjpeg-turbo    %s\n", TEXT(LIBJPEG_TURBO_VERSION));
#else
    printf("libjpeg          %d\n", JPEG_LIB_VERSION);
#endif
    printf("zlib             %s\n", zlibVersion());
    printf("libyaml          %s\n", yaml_get_version_string());
    printf("jansson          %s\n", JANSSON_VERSION);
    return GR_OK;
}
