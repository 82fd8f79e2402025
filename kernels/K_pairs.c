/* Numbers rounded to bfloat16 and put side by side, two in the place of one float, as the register tile multiplies them. It
 * happens in place, after the pieces of both factors were copied into cache: what is written lies behind what is read. */
#include "panel.h"
#include "simd_math.h"

void GR_KERNEL(gr_pair_rows)(int64_t rows, int64_t count, float *a, int64_t lda)
{
    for (int64_t row = 0; row < rows; row += 2) {
        const float *low = a + row * lda, *high = low + lda;
        float *out = a + row / 2 * lda;
        for (int64_t at = 0; at < count; at += GR_VL) {
            int64_t left = count - at;
            gr_vf second = row + 1 < rows ? gr_vload_upto(high + at, left) : gr_vzero();
            gr_vstore_upto(out + at, gr_vpair(gr_vload_upto(low + at, left), second), left);
        }
    }
}
