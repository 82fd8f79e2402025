/* Lists of strings: sorted, searched, numbered. */
#include "base/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A name without what all of the list begin with. Most are told apart by their first bytes, without a look at the text. */
typedef struct named {
    uint64_t head; /* the first 8 bytes, as a number that is ordered like them; zeros behind the end */
    const char *name;
    int64_t index;
} named;

enum { HEAD = sizeof(uint64_t) };

static uint64_t head_of(const char *name)
{
    uint64_t head = 0;
    for (int i = 0; i < HEAD; i++) {
        head = head << 8 | (unsigned char)*name;
        name += *name != '\0';
    }
    return head;
}

static bool is_above(const named *x, const named *y)
{
    if (x->head != y->head)
        return x->head > y->head;
    bool ended = (x->head & 0xff) == 0; /* then both texts are the same */
    return !ended && strcmp(x->name + HEAD, y->name + HEAD) > 0;
}

/* Sorts list[count], equal names in their order, by merging ever longer runs; spare[count] is scratch. With its comparison in line,
 * unlike qsort's, it takes a fourth of that one's time. */
static void sort(named *list, named *spare, int64_t count)
{
    enum { SHORT = 16 };
    for (int64_t begin = 0; begin < count; begin += SHORT)
        for (int64_t i = begin + 1; i < count && i < begin + SHORT; i++) {
            named one = list[i];
            int64_t at = i;
            for (; at > begin && is_above(&list[at - 1], &one); at--)
                list[at] = list[at - 1];
            list[at] = one;
        }
    for (int64_t run = SHORT; run < count; run *= 2) {
        for (int64_t begin = 0; begin < count; begin += 2 * run) {
            int64_t middle = begin + run < count ? begin + run : count, end = middle + run < count ? middle + run : count;
            int64_t a = begin, b = middle;
            for (int64_t to = begin; to < end; to++)
                spare[to] = b == end || (a < middle && !is_above(&list[a], &list[b])) ? list[a++] : list[b++];
        }
        memcpy(list, spare, (size_t)count * sizeof *list);
    }
}

/* How many bytes all names begin with alike. */
static size_t common_bytes(const char *const *names, int64_t count)
{
    size_t common = count > 0 ? strlen(names[0]) : 0;
    for (int64_t i = 1; i < count && common > 0; i++) {
        size_t same = 0;
        while (same < common && names[i][same] == names[0][same])
            same++;
        common = same;
    }
    return common;
}

int64_t *gr_names_sort(const char *const *names, int64_t count)
{
    size_t both;
    named *list = gr_mul_size((size_t)count, 2, &both) ? gr_alloc(both, sizeof *list) : NULL;
    int64_t *order = gr_alloc((size_t)count, sizeof *order);
    if (list == NULL || order == NULL) {
        gr_free(list);
        gr_free(order);
        return NULL;
    }
    size_t common = common_bytes(names, count);
    bool sorted = true; /* as the tables often are that grimace wrote */
    for (int64_t i = 0; i < count; i++) {
        list[i] = (named){head_of(names[i] + common), names[i] + common, i};
        sorted = sorted && (i == 0 || !is_above(&list[i - 1], &list[i]));
    }
    if (!sorted)
        sort(list, list + count, count);
    for (int64_t i = 0; i < count; i++)
        order[i] = list[i].index;
    gr_free(list);
    return order;
}

int64_t gr_names_find(const char *const *names, const int64_t *order, int64_t count, const char *name)
{
    int64_t low = 0, high = count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        int side = strcmp(names[order[middle]], name);
        if (side == 0)
            return order[middle];
        if (side < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

/* ---- numbers ---------------------------------------------------------------------------------------------------------------- */

static const char digits[] = "0123456789";

/* "7", "-3", "012", "2.50". */
static bool is_number(const char *name)
{
    const char *at = name + (*name == '-' || *name == '+');
    size_t whole = strspn(at, digits);
    at += whole;
    if (*at == '.' && strspn(at + 1, digits) > 0)
        at += 1 + strspn(at + 1, digits);
    return whole > 0 && *at == '\0';
}

/* Of digits[n] and digits[m], which count as long as they are: zeros at their ends say nothing. */
static int by_fraction(const char *x, const char *y)
{
    for (; *x == *y && *x != '\0'; x++)
        y++;
    bool nothing_x = x[strspn(x, "0")] == '\0', nothing_y = y[strspn(y, "0")] == '\0';
    return nothing_x && nothing_y ? 0 : strcmp(x, y);
}

/* Sizes of numbers of any length: by how many digits there are behind leading zeros, then by the digits, then by the fraction. */
static int by_size(const char *x, const char *y)
{
    x += strspn(x, "0");
    y += strspn(y, "0");
    size_t length_x = strspn(x, digits), length_y = strspn(y, digits);
    int order = length_x != length_y ? (length_x < length_y ? -1 : 1) : strncmp(x, y, length_x);
    x += length_x + (x[length_x] == '.');
    y += length_y + (y[length_y] == '.');
    return order != 0 ? order : by_fraction(x, y);
}

static int by_value(const void *a, const void *b)
{
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    const char *p = x + (*x == '-' || *x == '+'), *q = y + (*y == '-' || *y == '+');
    bool below_x = *x == '-' && p[strspn(p, "0.")] != '\0', below_y = *y == '-' && q[strspn(q, "0.")] != '\0';
    if (below_x != below_y)
        return below_x ? -1 : 1;
    int order = by_size(p, q);
    return order != 0 ? (below_x ? -order : order) : strcmp(x, y);
}

void gr_names_by_value(const char **names, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (!is_number(names[i]))
            return;
    qsort(names, (size_t)count, sizeof *names, by_value);
}

int64_t *gr_names_number(const char *const *names, int64_t count, int64_t *different)
{
    int64_t *order = gr_names_sort(names, count), *number = gr_alloc((size_t)count, sizeof *number);
    if (order == NULL || number == NULL) {
        gr_free(order);
        gr_free(number);
        return NULL;
    }
    for (int64_t i = 0; i < count; i++) { /* the row of a name's first appearance; equal names stand in their order */
        bool same = i > 0 && strcmp(names[order[i]], names[order[i - 1]]) == 0;
        number[order[i]] = same ? number[order[i - 1]] : order[i];
    }
    *different = 0;
    for (int64_t i = 0; i < count; i++)
        number[i] = number[i] == i ? (*different)++ : number[number[i]];
    gr_free(order);
    return number;
}
