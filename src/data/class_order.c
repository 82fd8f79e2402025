#include "data/class_order.h"

bool gr_classes_by_number(gr_manifest *m, gr_arena *arena)
{
    size_t count = (size_t)m->class_count;
    double *numbers = gr_arena_alloc(arena, count, sizeof *numbers);
    const char **sorted = gr_arena_alloc(arena, count, sizeof *sorted);
    int32_t *place = gr_arena_alloc(arena, count, sizeof *place);
    int32_t *labels = gr_arena_alloc(arena, (size_t)m->rows, sizeof *labels);
    if (numbers == NULL || sorted == NULL || place == NULL || labels == NULL)
        return false;
    for (int c = 0; c < m->class_count; c++)
        if (!gr_parse_double(m->classes[c], &numbers[c]))
            return true;
    for (int c = 0; c < m->class_count; c++) {
        for (int d = 0; d < m->class_count; d++)
            place[c] += numbers[d] < numbers[c] || (numbers[d] == numbers[c] && d < c);
        sorted[place[c]] = m->classes[c];
    }
    for (int64_t r = 0; r < m->rows; r++)
        labels[r] = place[m->labels[r]];
    m->classes = sorted;
    m->labels = labels;
    return true;
}
