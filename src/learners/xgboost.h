/* XGBoost's library, loaded when boosted trees are needed first: its C functions by their stable names, so that grimace is
 * built without it. Matrices of float32 where NaN is a missing value. Whatever makes a result is set explicitly: versions
 * differ in their defaults. */
#ifndef GR_LEARNERS_XGBOOST_H
#define GR_LEARNERS_XGBOOST_H

#include <stdint.h>

#include "base/base.h"

/* The functions of xgboost/c_api.h that are used, as it declares them; versions 1.7 to 3.x have them all. Never called by
 * these names: gr_xgboost holds their addresses. */
void XGBoostVersion(int *major, int *minor, int *patch);
const char *XGBGetLastError(void);
int XGBRegisterLogCallback(void (*callback)(const char *));
int XGDMatrixCreateFromMat_omp(const float *data, uint64_t rows, uint64_t columns, float missing, void **out, int threads);
int XGDMatrixFree(void *matrix);
int XGDMatrixSetFloatInfo(void *matrix, const char *field, const float *values, uint64_t count);
int XGBoosterCreate(void *const *matrices, uint64_t count, void **out);
int XGBoosterFree(void *booster);
int XGBoosterSlice(void *booster, int begin, int end, int step, void **out);
int XGBoosterBoostedRounds(void *booster, int *rounds);
int XGBoosterSetParam(void *booster, const char *name, const char *value);
int XGBoosterGetNumFeature(void *booster, uint64_t *count);
int XGBoosterUpdateOneIter(void *booster, int round, void *matrix);
int XGBoosterEvalOneIter(void *booster, int round, void *const *matrices, const char *const *names, uint64_t count,
                         const char **said);
int XGBoosterPredictFromDMatrix(void *booster, void *matrix, const char *config, const uint64_t **shape, uint64_t *rank,
                                const float **out);
int XGBoosterLoadModelFromBuffer(void *booster, const void *data, uint64_t size);
int XGBoosterSaveModelToBuffer(void *booster, const char *config, uint64_t *size, const char **out);
int XGBoosterSetAttr(void *booster, const char *key, const char *value);
int XGBoosterFeatureScore(void *booster, const char *config, uint64_t *count, const char *const **features, uint64_t *rank,
                          const uint64_t **shape, const float **scores);

#define GR_XGBOOST_FUNCTIONS(FUNCTION)                                                                                      \
    FUNCTION(XGBoostVersion)                                                                                                \
    FUNCTION(XGBGetLastError)                                                                                               \
    FUNCTION(XGBRegisterLogCallback)                                                                                        \
    FUNCTION(XGDMatrixCreateFromMat_omp)                                                                                    \
    FUNCTION(XGDMatrixFree)                                                                                                 \
    FUNCTION(XGDMatrixSetFloatInfo)                                                                                         \
    FUNCTION(XGBoosterCreate)                                                                                               \
    FUNCTION(XGBoosterFree)                                                                                                 \
    FUNCTION(XGBoosterSlice)                                                                                                \
    FUNCTION(XGBoosterBoostedRounds)                                                                                        \
    FUNCTION(XGBoosterSetParam)                                                                                             \
    FUNCTION(XGBoosterGetNumFeature)                                                                                        \
    FUNCTION(XGBoosterUpdateOneIter)                                                                                        \
    FUNCTION(XGBoosterEvalOneIter)                                                                                          \
    FUNCTION(XGBoosterPredictFromDMatrix)                                                                                   \
    FUNCTION(XGBoosterLoadModelFromBuffer)                                                                                  \
    FUNCTION(XGBoosterSaveModelToBuffer)                                                                                    \
    FUNCTION(XGBoosterSetAttr)                                                                                              \
    FUNCTION(XGBoosterFeatureScore)

#define GR_XGBOOST_POINTER(function) __typeof__(function) *function;
typedef struct gr_xgboost {
    GR_XGBOOST_FUNCTIONS(GR_XGBOOST_POINTER)
    int version[3];
} gr_xgboost;
#undef GR_XGBOOST_POINTER

/* Loads it. Fails: GR_FAILED (it is not there: the sentence says what to install; or is older than 1.7). */
gr_status gr_xgboost_open(gr_xgboost *out, gr_error *err) GR_MUST_CHECK;
/* GR_OK where `code`, what a function of it returned, is 0. Fails: GR_FAILED ("XGBoost: " and the first line that it says).
 */
gr_status gr_xgboost_said(const gr_xgboost *x, int code, gr_error *err) GR_MUST_CHECK;

#endif
