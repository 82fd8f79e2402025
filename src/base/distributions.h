/* The distributions behind intervals and tests, from GSL. Tails are areas above a value; quantiles take the area below. NaN
 * in, or a parameter that makes no distribution, gives NaN. */
#ifndef GR_EVAL_DISTRIBUTIONS_H
#define GR_EVAL_DISTRIBUTIONS_H

#include <stdint.h>

double gr_normal_tail(double z);
double gr_normal_quantile(double area);
/* Both tails beyond |t|. */
double gr_t_both_tails(double t, double df);
double gr_t_tail(double t, double df);
double gr_t_quantile(double area, double df);
double gr_f_tail(double f, double df1, double df2);
double gr_f_quantile(double area, double df1, double df2);
double gr_chi_square_tail(double x, double df);
double gr_beta_quantile(double area, double a, double b);
/* P(X <= k) for X of n draws with probability `p`. */
double gr_binomial_below(int64_t k, int64_t n, double p);

#endif
