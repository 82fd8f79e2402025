/* GSL ends the program on an error unless told otherwise; here a NaN is the answer. */
#include "base/distributions.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdbool.h>

/* One call of GSL's cumulative functions with three arguments. */
static double quietly(double (*f)(double, double, double), double x, double a, double b)
{
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    double y = f(x, a, b);
    gsl_set_error_handler(handler);
    return y;
}

double gr_normal_tail(double z)
{
    return gsl_cdf_ugaussian_Q(z);
}

double gr_normal_quantile(double area)
{
    return area > 0.0 && area < 1.0 ? gsl_cdf_ugaussian_Pinv(area) : NAN;
}

static double t_above(double t, double df, double unused)
{
    (void)unused;
    return gsl_cdf_tdist_Q(t, df);
}

double gr_t_tail(double t, double df)
{
    if (isnan(t) || !(df > 0.0))
        return NAN;
    return isinf(t) ? (t > 0.0 ? 0.0 : 1.0) : quietly(t_above, t, df, 0.0);
}

double gr_t_both_tails(double t, double df)
{
    return 2.0 * gr_t_tail(fabs(t), df);
}

static double chi_square_above(double x, double df, double unused)
{
    (void)unused;
    return gsl_cdf_chisq_Q(x, df);
}

double gr_chi_square_tail(double x, double df)
{
    if (isnan(x) || !(df > 0.0))
        return NAN;
    return x <= 0.0 ? 1.0 : isinf(x) ? 0.0 : quietly(chi_square_above, x, df, 0.0);
}

double gr_f_tail(double f, double df1, double df2)
{
    if (isnan(f) || !(df1 > 0.0) || !(df2 > 0.0))
        return NAN;
    return f <= 0.0 ? 1.0 : isinf(f) ? 0.0 : quietly(gsl_cdf_fdist_Q, f, df1, df2);
}

/* Bisection: GSL's own inverse gives up for some parameters, its cumulative function is monotone for all. */
double gr_beta_quantile(double area, double a, double b)
{
    if (!(area >= 0.0) || !(area <= 1.0) || !(a > 0.0) || !(b > 0.0))
        return NAN;
    if (area == 0.0 || area == 1.0)
        return area;
    double low = 0.0, high = 1.0;
    for (int i = 0; i < 200; i++) {
        double middle = 0.5 * (low + high);
        if (middle <= low || middle >= high)
            break;
        bool below =
            area < 0.5 ? quietly(gsl_cdf_beta_P, middle, a, b) < area : quietly(gsl_cdf_beta_Q, middle, a, b) > 1.0 - area;
        *(below ? &low : &high) = middle;
    }
    return 0.5 * (low + high);
}

/* With X of the beta distribution (a, b) = (df1, df2) / 2, F is df2 X / (df1 (1 - X)); 1 - X has the parameters swapped. */
double gr_f_quantile(double area, double df1, double df2)
{
    double x = gr_beta_quantile(area, 0.5 * df1, 0.5 * df2), rest = gr_beta_quantile(1.0 - area, 0.5 * df2, 0.5 * df1);
    return df2 * x / (df1 * rest);
}

/* T squared is F with (1, df), of which both tails together are what is left. */
double gr_t_quantile(double area, double df)
{
    double both = area < 0.5 ? 2.0 * area : 2.0 * (1.0 - area);
    double t = sqrt(gr_f_quantile(1.0 - both, 1.0, df));
    return area < 0.5 ? -t : t;
}

double gr_binomial_below(int64_t k, int64_t n, double p)
{
    if (k < 0)
        return 0.0;
    if (k >= n)
        return 1.0;
    /* P(X <= k) is P(B > p) for B of the beta distribution (k + 1, n - k). */
    return quietly(gsl_cdf_beta_Q, p, (double)k + 1.0, (double)(n - k));
}
