#include "formats/pickle.h"

#include <math.h>
#include <string.h>

/* A checkpoint needs some twenty objects a tensor. */
enum { MOST_OBJECTS = 1 << 20, MOST_PUSHES = 1 << 22, MOST_NAME = 256 };

typedef struct machine {
    const gr_unpickler *u;
    const unsigned char *bytes;
    size_t size, at;
    gr_pickle **stack;
    size_t depth, capacity;
    gr_pickle **memo; /* [memo_size], holes are NULL */
    size_t memo_size, memo_count;
    int64_t objects, pushes;
    gr_error *err;
} machine;

gr_pickle *gr_pickle_new(gr_arena *arena, gr_pickle_kind kind)
{
    gr_pickle *object = gr_arena_alloc(arena, 1, sizeof *object);
    if (object != NULL)
        object->kind = kind;
    return object;
}

bool gr_pickle_append(gr_arena *arena, gr_pickle *to, gr_pickle *item)
{
    if (to->count == to->capacity) {
        size_t capacity = to->capacity > 0 ? to->capacity * 2 : 4;
        gr_pickle **items = gr_arena_alloc(arena, capacity, sizeof(gr_pickle *));
        if (items == NULL)
            return false;
        if (to->count > 0)
            memcpy(items, to->items, to->count * sizeof(gr_pickle *));
        to->items = items;
        to->capacity = capacity;
    }
    to->items[to->count++] = item;
    return true;
}

const gr_pickle *gr_pickle_get(const gr_pickle *dict, const char *name)
{
    for (size_t i = 0; i + 1 < dict->count; i += 2)
        if (dict->items[i]->kind == GR_PICKLE_TEXT && strcmp(dict->items[i]->text, name) == 0)
            return dict->items[i + 1];
    return NULL;
}

/* ---- refusals -------------------------------------------------------------------------------------------------------- */

static gr_status refuse(machine *m, const char *what)
{
    return gr_fail(m->err, GR_INVALID, "%s: is damaged: its pickle %s", m->u->path, what);
}

static gr_status no_memory(machine *m)
{
    return gr_fail(m->err, GR_NOMEM, "%s: no memory for its pickle", m->u->path);
}

/* ---- the stack, the memo, the program -------------------------------------------------------------------------------- */

static gr_status push(machine *m, gr_pickle *object)
{
    if (object == NULL)
        return no_memory(m);
    if (++m->pushes > MOST_PUSHES)
        return refuse(m, "is longer than any set of weights needs");
    if (m->depth == m->capacity) {
        size_t capacity = m->capacity > 0 ? m->capacity * 2 : 256;
        gr_pickle **stack = gr_realloc(m->stack, capacity, sizeof(gr_pickle *));
        if (stack == NULL)
            return no_memory(m);
        m->stack = stack;
        m->capacity = capacity;
    }
    m->stack[m->depth++] = object;
    return GR_OK;
}

static gr_status make(machine *m, gr_pickle_kind kind, gr_pickle **out)
{
    *out = NULL;
    if (++m->objects > MOST_OBJECTS)
        return refuse(m, "makes more objects than any set of weights needs");
    *out = gr_pickle_new(m->u->arena, kind);
    return *out != NULL ? GR_OK : no_memory(m);
}

static gr_status push_new(machine *m, gr_pickle_kind kind, int64_t integer)
{
    gr_pickle *object;
    gr_status status = make(m, kind, &object);
    if (status != GR_OK)
        return status;
    object->integer = integer;
    return push(m, object);
}

static gr_pickle *pop(machine *m)
{
    if (m->depth == 0 || m->stack[m->depth - 1]->kind == GR_PICKLE_MARK)
        return NULL;
    return m->stack[--m->depth];
}

static gr_pickle *top(const machine *m)
{
    return m->depth > 0 ? m->stack[m->depth - 1] : NULL;
}

/* The place of the topmost mark; false when there is none. */
static bool find_mark(const machine *m, size_t *place)
{
    for (size_t i = m->depth; i-- > 0;)
        if (m->stack[i]->kind == GR_PICKLE_MARK) {
            *place = i;
            return true;
        }
    return false;
}

static gr_status memorise(machine *m, uint64_t index)
{
    gr_pickle *object = top(m);
    if (object == NULL || object->kind == GR_PICKLE_MARK || index > m->size)
        return refuse(m, "remembers what is not there");
    if (index >= m->memo_size) {
        size_t size = m->memo_size > 0 ? m->memo_size : 256;
        while (size <= index)
            size *= 2;
        gr_pickle **memo = gr_realloc(m->memo, size, sizeof(gr_pickle *));
        if (memo == NULL)
            return no_memory(m);
        memset(memo + m->memo_size, 0, (size - m->memo_size) * sizeof(gr_pickle *));
        m->memo = memo;
        m->memo_size = size;
    }
    m->memo_count += m->memo[index] == NULL;
    m->memo[index] = object;
    return GR_OK;
}

static gr_status recall(machine *m, uint64_t index)
{
    if (index >= m->memo_size || m->memo[index] == NULL)
        return refuse(m, "recalls what it has not remembered");
    return push(m, m->memo[index]);
}

/* The next `count` bytes of the program, or NULL. */
static const unsigned char *take(machine *m, uint64_t count)
{
    if (count > m->size - m->at)
        return NULL;
    const unsigned char *bytes = m->bytes + m->at;
    m->at += count;
    return bytes;
}

/* A little-endian number of 1 to 8 bytes. */
static bool take_number(machine *m, int count, uint64_t *out)
{
    const unsigned char *bytes = take(m, (uint64_t)count);
    *out = 0;
    for (int i = count - 1; bytes != NULL && i >= 0; i--)
        *out = *out << 8 | bytes[i];
    return bytes != NULL;
}

/* ---- values ---------------------------------------------------------------------------------------------------------- */

/* Text is copied for its NUL; bytes, which may be many, stay where they are. */
static gr_status push_string(machine *m, int length_bytes, gr_pickle_kind kind)
{
    uint64_t length;
    const unsigned char *bytes = take_number(m, length_bytes, &length) ? take(m, length) : NULL;
    gr_pickle *object;
    if (bytes == NULL)
        return refuse(m, "is cut off");
    gr_status status = make(m, kind, &object);
    if (status != GR_OK)
        return status;
    object->text = (const char *)bytes;
    if (kind == GR_PICKLE_TEXT)
        object->text = gr_arena_strndup(m->u->arena, (const char *)bytes, length);
    object->count = length;
    return object->text != NULL ? push(m, object) : no_memory(m);
}

static gr_status push_text(machine *m, int length_bytes)
{
    return push_string(m, length_bytes, GR_PICKLE_TEXT);
}

static gr_status push_bytes(machine *m, int length_bytes)
{
    return push_string(m, length_bytes, GR_PICKLE_BYTES);
}

/* A number in two's complement of any length. */
static gr_status push_long(machine *m, int length_bytes)
{
    uint64_t length, value = 0;
    const unsigned char *bytes = take_number(m, length_bytes, &length) ? take(m, length) : NULL;
    if (bytes == NULL)
        return refuse(m, "is cut off");
    if (length <= 8) {
        for (size_t i = 0; i < 8; i++)
            value |= (uint64_t)(i < length ? bytes[i] : length > 0 && bytes[length - 1] >= 128 ? 255 : 0) << 8 * i;
        return push_new(m, GR_PICKLE_INTEGER, (int64_t)value);
    }
    gr_pickle *object;
    gr_status status = make(m, GR_PICKLE_REAL, &object);
    if (status != GR_OK)
        return status;
    object->real = bytes[length - 1] >= 128 ? -INFINITY : INFINITY;
    return push(m, object);
}

static gr_status push_real(machine *m)
{
    const unsigned char *bytes = take(m, 8); /* big-endian */
    uint64_t bits = 0;
    gr_pickle *object;
    if (bytes == NULL)
        return refuse(m, "is cut off");
    for (int i = 0; i < 8; i++)
        bits = bits << 8 | bytes[i];
    gr_status status = make(m, GR_PICKLE_REAL, &object);
    if (status != GR_OK)
        return status;
    memcpy(&object->real, &bits, sizeof object->real);
    return push(m, object);
}

static gr_status push_integer(machine *m, int bytes)
{
    uint64_t value;
    if (!take_number(m, bytes, &value))
        return refuse(m, "is cut off");
    return push_new(m, GR_PICKLE_INTEGER, bytes == 4 ? (int32_t)(uint32_t)value : (int64_t)value);
}

/* ---- containers ------------------------------------------------------------------------------------------------------ */

/* The items above stack place `from` become a tuple, list or dict in their place. */
static gr_status gather(machine *m, gr_pickle_kind kind, size_t from, size_t drop)
{
    gr_pickle *object;
    size_t count = m->depth - from;
    if (kind == GR_PICKLE_DICT && count % 2 != 0)
        return refuse(m, "has a dict with a key without a value");
    gr_status status = make(m, kind, &object);
    if (status != GR_OK)
        return status;
    for (size_t i = from; i < m->depth; i++) {
        if (m->stack[i]->kind == GR_PICKLE_MARK)
            return refuse(m, "puts a mark into a container");
        if (!gr_pickle_append(m->u->arena, object, m->stack[i]))
            return no_memory(m);
    }
    m->depth = from - drop;
    return push(m, object);
}

static gr_status gather_marked(machine *m, gr_pickle_kind kind)
{
    size_t mark;
    return find_mark(m, &mark) ? gather(m, kind, mark + 1, 1) : refuse(m, "closes a container that it never opened");
}

static gr_status gather_top(machine *m, size_t count)
{
    return m->depth >= count ? gather(m, GR_PICKLE_TUPLE, m->depth - count, 0) : refuse(m, "takes from an empty stack");
}

/* The items above place `from` go into the list or dict below them (below a mark, where `drop` is 1). */
static gr_status extend(machine *m, gr_pickle_kind kind, size_t from, size_t drop)
{
    if (from < drop + 1)
        return refuse(m, "fills a container that is not there");
    gr_pickle *into = m->stack[from - drop - 1];
    if (into->kind != kind || (kind == GR_PICKLE_DICT && (m->depth - from) % 2 != 0))
        return refuse(m, kind == GR_PICKLE_DICT ? "fills something that is no dict" : "fills something that is no list");
    for (size_t i = from; i < m->depth; i++) {
        if (m->stack[i]->kind == GR_PICKLE_MARK)
            return refuse(m, "puts a mark into a container");
        if (!gr_pickle_append(m->u->arena, into, m->stack[i]))
            return no_memory(m);
    }
    m->depth = from - drop;
    return GR_OK;
}

static gr_status extend_marked(machine *m, gr_pickle_kind kind)
{
    size_t mark;
    return find_mark(m, &mark) ? extend(m, kind, mark + 1, 1) : refuse(m, "closes a container that it never opened");
}

static gr_status extend_top(machine *m, gr_pickle_kind kind, size_t count)
{
    return m->depth >= count ? extend(m, kind, m->depth - count, 0) : refuse(m, "takes from an empty stack");
}

/* ---- names, calls, state --------------------------------------------------------------------------------------------- */

static gr_status push_global(machine *m, const char *module, const char *name)
{
    int what = m->u->global(module, name);
    gr_pickle *object;
    if (what < 0)
        return gr_fail(m->err, GR_INVALID,
                       "%s: needs Python's %s.%s, which is more than weights: nothing of it was run; a file made by "
                       "torch.save(model.state_dict(), FILE) would be right",
                       m->u->path, module, name);
    gr_status status = make(m, GR_PICKLE_GLOBAL, &object);
    if (status != GR_OK)
        return status;
    object->what = what;
    return push(m, object);
}

/* Two lines: module and name. */
static gr_status push_named_global(machine *m)
{
    char words[2][MOST_NAME + 1];
    for (int w = 0; w < 2; w++) {
        size_t left = m->size - m->at, most = left < MOST_NAME + 1 ? left : MOST_NAME + 1;
        const unsigned char *from = m->bytes + m->at, *end = most > 0 ? memchr(from, '\n', most) : NULL;
        if (end == NULL)
            return refuse(m, "is cut off within a name, or the name is too long");
        memcpy(words[w], from, (size_t)(end - from));
        words[w][end - from] = '\0';
        m->at += (size_t)(end - from) + 1;
    }
    return push_global(m, words[0], words[1]);
}

static gr_status push_stack_global(machine *m)
{
    const gr_pickle *name = pop(m), *module = pop(m);
    if (name == NULL || module == NULL || name->kind != GR_PICKLE_TEXT || module->kind != GR_PICKLE_TEXT)
        return refuse(m, "names something by what is no text");
    return push_global(m, module->text, name->text);
}

static gr_status call(machine *m)
{
    const gr_pickle *args = pop(m), *function = pop(m);
    gr_pickle *result = NULL;
    if (args == NULL || function == NULL || args->kind != GR_PICKLE_TUPLE || function->kind != GR_PICKLE_GLOBAL)
        return refuse(m, "calls what cannot be called");
    if (++m->objects > MOST_OBJECTS)
        return refuse(m, "makes more objects than any set of weights needs");
    gr_status status = m->u->call(m->u->ctx, function->what, args, &result, m->err);
    return status == GR_OK ? push(m, result) : status;
}

static gr_status set_state(machine *m)
{
    const gr_pickle *state = pop(m);
    gr_pickle *object = top(m);
    if (state == NULL || object == NULL)
        return refuse(m, "takes from an empty stack");
    if (object->kind != GR_PICKLE_DICT && object->kind != GR_PICKLE_FOREIGN)
        return refuse(m, "gives a state to something that has none");
    return m->u->state(m->u->ctx, object, state, m->err);
}

static gr_status push_persistent(machine *m)
{
    const gr_pickle *id = pop(m);
    gr_pickle *object = NULL;
    if (id == NULL)
        return refuse(m, "takes from an empty stack");
    if (++m->objects > MOST_OBJECTS)
        return refuse(m, "makes more objects than any set of weights needs");
    gr_status status = m->u->persistent(m->u->ctx, id, &object, m->err);
    return status == GR_OK ? push(m, object) : status;
}

static gr_status pop_marked(machine *m)
{
    size_t mark;
    if (!find_mark(m, &mark))
        return refuse(m, "closes a container that it never opened");
    m->depth = mark;
    return GR_OK;
}

static gr_status skip(machine *m, uint64_t bytes)
{
    return take(m, bytes) != NULL ? GR_OK : refuse(m, "is cut off");
}

static gr_status with_index(machine *m, int bytes, gr_status (*act)(machine *m, uint64_t index))
{
    uint64_t index;
    return take_number(m, bytes, &index) ? act(m, index) : refuse(m, "is cut off");
}

/* ---- one step -------------------------------------------------------------------------------------------------------- */

static gr_status step(machine *m, unsigned char opcode)
{
    switch (opcode) {
    case 0x80: return skip(m, 1);                                                              /* PROTO */
    case 0x95: return skip(m, 8);                                                              /* FRAME: its length */
    case '(': return push_new(m, GR_PICKLE_MARK, 0);                                           /* MARK */
    case '0': return pop(m) != NULL ? GR_OK : refuse(m, "takes from an empty stack");          /* POP */
    case '1': return pop_marked(m);                                                            /* POP_MARK */
    case '2': return top(m) != NULL ? push(m, top(m)) : refuse(m, "copies what is not there"); /* DUP */
    case 'N': return push_new(m, GR_PICKLE_NONE, 0);                                           /* NONE */
    case 0x88: return push_new(m, GR_PICKLE_BOOL, 1);                                          /* NEWTRUE */
    case 0x89: return push_new(m, GR_PICKLE_BOOL, 0);                                          /* NEWFALSE */
    case 'J': return push_integer(m, 4);                                                       /* BININT */
    case 'K': return push_integer(m, 1);                                                       /* BININT1 */
    case 'M': return push_integer(m, 2);                                                       /* BININT2 */
    case 0x8a: return push_long(m, 1);                                                         /* LONG1 */
    case 0x8b: return push_long(m, 4);                                                         /* LONG4 */
    case 'G': return push_real(m);                                                             /* BINFLOAT */
    case 'X': return push_text(m, 4);                                                          /* BINUNICODE */
    case 0x8c: return push_text(m, 1);                                                         /* SHORT_BINUNICODE */
    case 0x8d: return push_text(m, 8);                                                         /* BINUNICODE8 */
    case 'T': return push_text(m, 4);                                                          /* BINSTRING */
    case 'U': return push_text(m, 1);                                                          /* SHORT_BINSTRING */
    case 'B': return push_bytes(m, 4);                                                         /* BINBYTES */
    case 'C': return push_bytes(m, 1);                                                         /* SHORT_BINBYTES */
    case 0x8e: return push_bytes(m, 8);                                                        /* BINBYTES8 */
    case 0x96: return push_bytes(m, 8);                                                        /* BYTEARRAY8 */
    case ')': return gather(m, GR_PICKLE_TUPLE, m->depth, 0);                                  /* EMPTY_TUPLE */
    case ']': return gather(m, GR_PICKLE_LIST, m->depth, 0);                                   /* EMPTY_LIST */
    case '}': return gather(m, GR_PICKLE_DICT, m->depth, 0);                                   /* EMPTY_DICT */
    case 0x85: return gather_top(m, 1);                                                        /* TUPLE1 */
    case 0x86: return gather_top(m, 2);                                                        /* TUPLE2 */
    case 0x87: return gather_top(m, 3);                                                        /* TUPLE3 */
    case 0x8f: return gather(m, GR_PICKLE_LIST, m->depth, 0);                                  /* EMPTY_SET */
    case 0x90: return extend_marked(m, GR_PICKLE_LIST);                                        /* ADDITEMS */
    case 0x91: return gather_marked(m, GR_PICKLE_TUPLE);                                       /* FROZENSET */
    case 't': return gather_marked(m, GR_PICKLE_TUPLE);                                        /* TUPLE */
    case 'l': return gather_marked(m, GR_PICKLE_LIST);                                         /* LIST */
    case 'd': return gather_marked(m, GR_PICKLE_DICT);                                         /* DICT */
    case 'a': return extend_top(m, GR_PICKLE_LIST, 1);                                         /* APPEND */
    case 'e': return extend_marked(m, GR_PICKLE_LIST);                                         /* APPENDS */
    case 's': return extend_top(m, GR_PICKLE_DICT, 2);                                         /* SETITEM */
    case 'u': return extend_marked(m, GR_PICKLE_DICT);                                         /* SETITEMS */
    case 'q': return with_index(m, 1, memorise);                                               /* BINPUT */
    case 'r': return with_index(m, 4, memorise);                                               /* LONG_BINPUT */
    case 0x94: return memorise(m, m->memo_count);                                              /* MEMOIZE */
    case 'h': return with_index(m, 1, recall);                                                 /* BINGET */
    case 'j': return with_index(m, 4, recall);                                                 /* LONG_BINGET */
    case 'c': return push_named_global(m);                                                     /* GLOBAL */
    case 0x93: return push_stack_global(m);                                                    /* STACK_GLOBAL */
    case 'R': return call(m);                                                                  /* REDUCE */
    case 0x81: return call(m);                                                                 /* NEWOBJ */
    case 'b': return set_state(m);                                                             /* BUILD */
    case 'Q': return push_persistent(m);                                                       /* BINPERSID */
    default:
        return gr_fail(m->err, GR_INVALID, "%s: its pickle does something that no set of weights needs (opcode 0x%02x)",
                       m->u->path, opcode);
    }
}

gr_status gr_unpickle(const gr_unpickler *unpickler, const void *bytes, size_t size, size_t *at, gr_pickle **root,
                      gr_error *err)
{
    machine m = {.u = unpickler, .bytes = bytes, .size = size, .at = *at, .err = err};
    gr_status status = GR_OK;
    *root = NULL;
    for (bool running = true; status == GR_OK && running;) {
        const unsigned char *opcode = take(&m, 1);
        if (opcode == NULL)
            status = refuse(&m, "is cut off");
        else if (*opcode == '.')
            running = false;
        else
            status = step(&m, *opcode);
    }
    if (status == GR_OK && (*root = pop(&m)) == NULL)
        status = refuse(&m, "makes nothing");
    gr_free(m.stack);
    gr_free(m.memo);
    *at = m.at;
    return status;
}
