#include "formats/yaml.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <yaml.h>

enum { DEPTH_LIMIT = 24, NODE_LIMIT = 20000, ANCHOR_LIMIT = 200 };

typedef struct anchor {
    const char *name;
    gr_yaml *node; /* NULL while the node is still being read: an alias within itself */
} anchor;

typedef struct reader {
    const char *file, *text;
    size_t size;
    yaml_parser_t yaml;
    gr_arena *arena;
    anchor anchors[ANCHOR_LIMIT];
    int anchor_count, nodes;
    gr_error *err;
} reader;

static gr_status refuse(reader *r, size_t line, const char *fmt, ...) GR_PRINTF(3, 4);
static gr_status refuse(reader *r, size_t line, const char *fmt, ...)
{
    char sentence[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, args);
    va_end(args);
    return r->file ? gr_fail(r->err, GR_INVALID, "%s:%zu: %s", r->file, line, sentence)
                   : gr_fail(r->err, GR_INVALID, "%s", sentence);
}

static gr_status no_memory(reader *r)
{
    return gr_fail(r->err, GR_NOMEM, "no memory for the YAML text");
}

/* ---- text ------------------------------------------------------------------------------------------------------------ */

static gr_status check_text(reader *r)
{
    size_t line = 1;
    for (const char *at = r->text, *end = r->text + r->size; at < end; line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop ? stop : end) - at);
        if (memchr(at, '\0', length))
            return refuse(r, line, "holds a NUL byte, YAML is text");
        if (!gr_utf8_valid(at, length))
            return refuse(r, line, "is not valid UTF-8, save the file as UTF-8");
        at += length + 1;
    }
    return GR_OK;
}

/* true when the blanks that line `line` (from 1) begins with hold a tab. */
static bool indented_by_tab(const reader *r, size_t line)
{
    const char *at = r->text, *end = r->text + r->size;
    for (; line > 1 && at; line--) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    for (; at && at < end && (*at == ' ' || *at == '\t'); at++)
        if (*at == '\t')
            return true;
    return false;
}

static gr_status syntax_error(reader *r)
{
    if (r->yaml.error == YAML_MEMORY_ERROR)
        return no_memory(r);
    size_t line = r->yaml.problem_mark.line + 1;
    if (r->yaml.error == YAML_READER_ERROR) {
        line = 1;
        for (size_t i = 0; i < r->yaml.problem_offset && i < r->size; i++)
            line += r->text[i] == '\n';
    }
    if (indented_by_tab(r, line))
        return refuse(r, line, "is indented with a tab, YAML is indented with spaces");
    return refuse(r, line, "is not valid YAML: %s", r->yaml.problem ? r->yaml.problem : "the text cannot be read");
}

/* ---- nodes ----------------------------------------------------------------------------------------------------------- */

static gr_status next_event(reader *r, yaml_event_t *event)
{
    return yaml_parser_parse(&r->yaml, event) ? GR_OK : syntax_error(r);
}

static gr_status count_nodes(reader *r, size_t line, int more)
{
    if (more > NODE_LIMIT - r->nodes)
        return refuse(r, line, "the text stands for more than %d values, which no config needs", NODE_LIMIT);
    r->nodes += more;
    return GR_OK;
}

static gr_status keep_item(reader *r, gr_yaml *node, int index, const gr_yaml *item)
{
    /* Room for a power of two; an arena cannot give the old room back, which at most doubles what is used. */
    if ((index & (index - 1)) == 0) {
        const gr_yaml **items = gr_arena_alloc(r->arena, index ? (size_t)index * 2 : 1, sizeof *items);
        if (!items)
            return no_memory(r);
        if (index)
            memcpy(items, node->items, (size_t)index * sizeof *items);
        node->items = items;
    }
    node->items[index] = item;
    node->nodes += item->nodes;
    return GR_OK;
}

/* The anchor's place in the list, in *index, or -1. Its node is filled in when it has been read. */
static gr_status keep_anchor(reader *r, size_t line, const yaml_char_t *name, int *index)
{
    *index = -1;
    if (!name)
        return GR_OK;
    if (r->anchor_count == ANCHOR_LIMIT)
        return refuse(r, line, "there are more than %d anchors, which no config needs", ANCHOR_LIMIT);
    *index = r->anchor_count++;
    r->anchors[*index] = (anchor){gr_arena_strdup(r->arena, (const char *)name), NULL};
    return r->anchors[*index].name ? GR_OK : no_memory(r);
}

static gr_status find_alias(reader *r, size_t line, const char *name, const gr_yaml **node)
{
    for (int i = r->anchor_count - 1; i >= 0; i--)
        if (strcmp(r->anchors[i].name, name) == 0) {
            if (!r->anchors[i].node)
                return refuse(r, line, "the alias *%s stands within what it stands for", name);
            *node = r->anchors[i].node;
            return count_nodes(r, line, (*node)->nodes);
        }
    return refuse(r, line, "the alias *%s has no anchor &%s before it", name, name);
}

static gr_status read_scalar(reader *r, const yaml_event_t *event, gr_yaml *node)
{
    const char *tag = (const char *)event->data.scalar.tag, *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    if (tag && strcmp(tag, YAML_STR_TAG) != 0)
        return refuse(r, event->start_mark.line + 1, "the tag %s has no meaning here, leave it out", tag);
    if (memchr(text, '\0', length))
        return refuse(r, event->start_mark.line + 1, "holds the character \\0, which no value may");
    node->kind = GR_YAML_SCALAR;
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !tag;
    node->text = gr_arena_strndup(r->arena, text, length);
    return node->text ? GR_OK : no_memory(r);
}

static gr_status read_node(reader *r, const yaml_event_t *event, int depth, const gr_yaml **out);

/* Reads the items of a list or the keys and values of a map up to its end. */
static gr_status read_items(reader *r, gr_yaml *node, yaml_event_type_t stop, int depth)
{
    bool map = stop == YAML_MAPPING_END_EVENT;
    for (int index = 0;; index++) {
        yaml_event_t event;
        const gr_yaml *item = NULL;
        gr_status status = next_event(r, &event);
        if (status != GR_OK)
            return status;
        if (event.type == stop) {
            yaml_event_delete(&event);
            node->count = map ? index / 2 : index;
            return GR_OK;
        }
        status = read_node(r, &event, depth + 1, &item);
        yaml_event_delete(&event);
        if (status == GR_OK && map && index % 2 == 0 && item->kind != GR_YAML_SCALAR)
            status = refuse(r, (size_t)item->line, "a key must be a word, this one is a list or a section");
        if (status == GR_OK && map && index % 2 == 0 && item->plain && strcmp(item->text, "<<") == 0)
            status = refuse(r, (size_t)item->line, "merge keys (<<) are not read, write the keys out");
        if (status == GR_OK)
            status = keep_item(r, node, index, item);
        if (status != GR_OK)
            return status;
    }
}

static gr_status read_collection(reader *r, const yaml_event_t *event, int depth, gr_yaml *node)
{
    bool map = event->type == YAML_MAPPING_START_EVENT;
    const yaml_char_t *tag = map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    if (tag)
        return refuse(r, event->start_mark.line + 1, "the tag %s has no meaning here, leave it out", (const char *)tag);
    if (depth > DEPTH_LIMIT)
        return refuse(r, event->start_mark.line + 1, "lists and sections are nested more than %d deep", DEPTH_LIMIT);
    node->kind = map ? GR_YAML_MAP : GR_YAML_LIST;
    return read_items(r, node, map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT, depth);
}

static gr_status read_node(reader *r, const yaml_event_t *event, int depth, const gr_yaml **out)
{
    size_t line = event->start_mark.line + 1;
    int index;
    if (event->type == YAML_ALIAS_EVENT)
        return find_alias(r, line, (const char *)event->data.alias.anchor, out);
    /* The three kinds of event keep their anchor at different places. */
    const yaml_char_t *name = event->type == YAML_SCALAR_EVENT           ? event->data.scalar.anchor
                              : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.anchor
                                                                         : event->data.mapping_start.anchor;
    gr_yaml *node = gr_arena_alloc(r->arena, 1, sizeof *node);
    if (!node)
        return no_memory(r);
    *node = (gr_yaml){.line = (int)line, .nodes = 1};
    gr_status status = count_nodes(r, line, 1);
    if (status == GR_OK)
        status = keep_anchor(r, line, name, &index);
    if (status == GR_OK)
        status = event->type == YAML_SCALAR_EVENT ? read_scalar(r, event, node) : read_collection(r, event, depth, node);
    if (status == GR_OK && index >= 0)
        r->anchors[index].node = node;
    *out = node;
    return status;
}

/* Takes events until the first that is not the begin of the stream or of a document, or the end of one. */
static gr_status skip_frame(reader *r, yaml_event_t *event, int *documents)
{
    for (;;) {
        gr_status status = next_event(r, event);
        if (status != GR_OK)
            return status;
        if (event->type == YAML_DOCUMENT_START_EVENT)
            ++*documents;
        if (*documents > 1) {
            size_t line = event->start_mark.line + 1;
            yaml_event_delete(event);
            return refuse(r, line, "a second document begins here, a config is one document");
        }
        if (event->type != YAML_STREAM_START_EVENT && event->type != YAML_DOCUMENT_START_EVENT &&
            event->type != YAML_DOCUMENT_END_EVENT)
            return GR_OK;
        yaml_event_delete(event);
    }
}

static gr_status read_document(reader *r, const gr_yaml **root)
{
    yaml_event_t event;
    int documents = 0;
    gr_status status = skip_frame(r, &event, &documents);
    if (status != GR_OK)
        return status;
    bool empty = event.type == YAML_STREAM_END_EVENT;
    if (!empty)
        status = read_node(r, &event, 0, root);
    yaml_event_delete(&event);
    if (empty || status != GR_OK)
        return status;
    status = skip_frame(r, &event, &documents);
    if (status == GR_OK)
        yaml_event_delete(&event);
    return status;
}

gr_status gr_yaml_parse(const char *file, const char *text, size_t size, gr_arena *arena, const gr_yaml **root,
                        gr_error *err)
{
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        size -= 3;
    }
    reader r = {.file = file, .text = text, .size = size, .arena = arena, .err = err};
    *root = NULL;
    gr_status status = check_text(&r);
    if (status != GR_OK)
        return status;
    if (!yaml_parser_initialize(&r.yaml))
        return no_memory(&r);
    yaml_parser_set_encoding(&r.yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.yaml, (const unsigned char *)text, size);
    status = read_document(&r, root);
    yaml_parser_delete(&r.yaml);
    return status;
}

bool gr_yaml_is_null(const gr_yaml *node)
{
    return node->kind == GR_YAML_SCALAR && node->plain &&
           (!*node->text || strcmp(node->text, "~") == 0 || strcasecmp(node->text, "null") == 0);
}

/* ---- writing --------------------------------------------------------------------------------------------------------- */

/* Words that some version of YAML takes for something else than text. */
static const char *const reserved[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"};

static bool is_word(const char *text)
{
    size_t length = strlen(text);
    if (!length || strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-") != length ||
        !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/", text[0]))
        return false;
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcasecmp(text, reserved[i]) == 0)
            return false;
    return true;
}

/* The character that begins at *at, valid UTF-8; steps over it. */
static unsigned decode(const char **at)
{
    const unsigned char *s = (const unsigned char *)*at;
    int more = s[0] < 0x80 ? 0 : s[0] < 0xe0 ? 1 : s[0] < 0xf0 ? 2 : 3;
    unsigned code = more ? s[0] & (0x3fu >> more) : s[0];
    for (int i = 1; i <= more; i++)
        code = code << 6 | (s[i] & 0x3f);
    *at += more + 1;
    return code;
}

void gr_yaml_put_string(gr_text *out, const char *text)
{
    if (is_word(text)) {
        gr_text_add(out, text, strlen(text));
        return;
    }
    gr_text_add(out, "\"", 1);
    while (*text) {
        const char *begin = text;
        unsigned code = decode(&text);
        /* Characters that YAML forbids, or takes for the end of a line. */
        if (code < 0x20 || (code >= 0x7f && code < 0xa0))
            gr_text_printf(out, "\\x%02x", code);
        else if (code == 0x2028 || code == 0x2029 || code == 0xfeff || code == 0xfffe || code == 0xffff)
            gr_text_printf(out, "\\u%04x", code);
        else {
            if (code == '"' || code == '\\')
                gr_text_add(out, "\\", 1);
            gr_text_add(out, begin, (size_t)(text - begin));
        }
    }
    gr_text_add(out, "\"", 1);
}

void gr_yaml_put_number(gr_text *out, double value)
{
    char text[40];
    if (value == floor(value) && fabs(value) < 1e15) {
        gr_text_printf(out, "%.0f", value);
        return;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    /* YAML 1.1 takes a number with an exponent but without a point for text. */
    char *exponent = strchr(text, 'e');
    if (exponent && !strchr(text, '.'))
        gr_text_printf(out, "%.*s.0%s", (int)(exponent - text), text, exponent);
    else
        gr_text_printf(out, "%s", text);
}
