#include "grimace/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

static bool make_room(gr_text *text, size_t more)
{
    size_t need;
    if (more < text->capacity - text->size && !text->failed)
        return true;
    if (text->failed || !gr_add_size(text->size, more, &need) || !gr_add_size(need, 1, &need)) {
        text->failed = true;
        return false;
    }
    if (need <= text->capacity)
        return true;
    size_t capacity = text->capacity > 0 ? text->capacity : 256;
    while (capacity < need)
        if (!gr_mul_size(capacity, 2, &capacity)) {
            text->failed = true;
            return false;
        }
    char *grown = gr_realloc(text->data, capacity, 1);
    if (grown == NULL) {
        text->failed = true;
        return false;
    }
    text->data = grown;
    text->capacity = capacity;
    return true;
}

void gr_text_add(gr_text *text, const void *bytes, size_t size)
{
    if (!make_room(text, size))
        return;
    if (size > 0)
        memcpy(text->data + text->size, bytes, size);
    text->size += size;
    text->data[text->size] = '\0';
}

void gr_text_printf(gr_text *text, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int length = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (length < 0 || !make_room(text, (size_t)length)) {
        text->failed = true;
        return;
    }
    va_start(args, fmt);
    vsnprintf(text->data + text->size, (size_t)length + 1, fmt, args);
    va_end(args);
    text->size += (size_t)length;
}

void gr_text_list(gr_text *text, const char *const *words, size_t count, const char *last)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && i + 1 < count)
            gr_text_add(text, ", ", 2);
        else if (i > 0)
            gr_text_printf(text, " %s ", last);
        gr_text_add(text, words[i], strlen(words[i]));
    }
}

void gr_text_free(gr_text *text)
{
    gr_free(text->data);
    *text = (gr_text){0};
}
