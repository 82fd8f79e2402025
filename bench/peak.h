/* What this machine can compute at most. */
#ifndef BENCH_PEAK_H
#define BENCH_PEAK_H

/* GFLOP/s of float32 fused multiply-adds on all threads together, with vectors as wide as the kernels' instruction set has, the
 * best of some turns; 0 where that is not known. */
double bench_peak(void);

#endif
