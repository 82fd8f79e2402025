/* Ranks are float32, as there: which value becomes a cut follows from their rounding. */
#include "learners/bins.h"

#include <math.h>
#include <stdlib.h>

/* A value, the rows below it, and those up to it. */
typedef struct entry {
    float value, below, until;
} entry;

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static int64_t summarise(float *column, int64_t count, entry *out)
{
    int64_t n = 0;
    qsort(column, (size_t)count, sizeof *column, by_value);
    for (int64_t i = 0; i < count;) {
        int64_t j = i + 1;
        while (j < count && column[j] == column[i])
            j++;
        out[n++] = (entry){column[i], (float)i, (float)j};
        i = j;
    }
    return n;
}

/* At most `most` of n entries, spread evenly by rank, both ends among them. Returns how many. */
static int64_t thin(const entry *in, int64_t n, int64_t most, entry *out)
{
    if (n <= most) {
        for (int64_t i = 0; i < n; i++)
            out[i] = in[i];
        return n;
    }
    float begin = in[0].until, range = in[n - 1].below - in[0].until;
    int64_t size = 1, i = 1, last = 0;
    out[0] = in[0];
    for (int64_t k = 1; k < most - 1; k++) {
        float twice = 2 * ((float)k * range / (float)(most - 1) + begin);
        while (i < n - 1 && twice >= in[i + 1].until + in[i + 1].below)
            i++;
        if (i == n - 1)
            break;
        /* The entry, or the next: its upper end and the next one's lower. */
        int64_t taken = twice < in[i].until + in[i + 1].below ? i : i + 1;
        if (taken != last)
            out[size++] = in[last = taken];
    }
    if (last != n - 1)
        out[size++] = in[n - 1];
    return size;
}

int gr_bins_cut(float *column, int64_t count, float *cuts)
{
    entry all[GR_BINS_ROWS] = {0}, few[GR_BINS + 1];
    int64_t most = count < GR_BINS ? count : GR_BINS, size = thin(all, summarise(column, count, all), most + 1, few);
    int made = 0;
    for (int64_t i = 1; i < (size < most ? size : most); i++)
        if (made == 0 || few[i].value > cuts[made - 1])
            cuts[made++] = few[i].value;
    cuts[made++] = few[size - 1].value + (fabsf(few[size - 1].value) + 1e-5F);
    return made;
}

int gr_bins_find(const float *cuts, int count, float x)
{
    int low = 0, high = count - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (cuts[middle] > x)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}
