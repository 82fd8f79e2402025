/* Where the tensors stand in what was saved: a state dict, a dict around it, several of them (a teacher and its student), or the
 * attributes of TorchScript's modules. */
#include "formats/torch_private.h"

#include <string.h>

enum { MOST_DEPTH = 16, MOST_VISITS = 1 << 20 };

typedef struct search {
    gr_torch *l;
    gr_torch_found *items;
    size_t count, capacity;
    size_t visits; /* a dict may come again and again within others, so they are counted */
    gr_error *err;
} search;

static bool is_tensor(const gr_pickle *object)
{
    return object->kind == GR_PICKLE_FOREIGN && object->what == GR_TORCH_TENSOR;
}

/* What an optimizer has beside each weight ("optimizer", "optimizer_states", "optim") is not wanted, and is large; Lightning's
 * "callbacks" keep their scores as tensors. */
static bool is_passed_over(const gr_pickle *key)
{
    return key->kind == GR_PICKLE_TEXT && (gr_starts_with(key->text, "optim") || strcmp(key->text, "callbacks") == 0);
}

/* ---- the dict around the one set ---------------------------------------------------------------------------------------- */

static size_t count_tensors(search *s, const gr_pickle *object, int depth)
{
    size_t count = 0;
    if (object->kind != GR_PICKLE_DICT || depth > MOST_DEPTH)
        return is_tensor(object);
    for (size_t i = 0; i + 1 < object->count && s->visits < MOST_VISITS; i += 2) {
        s->visits++;
        if (object->items[i]->kind == GR_PICKLE_TEXT && !is_passed_over(object->items[i]))
            count += count_tensors(s, object->items[i + 1], depth + 1);
    }
    return count;
}

static bool is_wrapper(const gr_pickle *key)
{
    static const char *const words[] = {"state_dict", "model_state_dict", "model_state", "model", "net",
                                        "network",    "module",           "weights",     "params"};
    for (size_t i = 0; key->kind == GR_PICKLE_TEXT && i < sizeof words / sizeof *words; i++)
        if (strcmp(key->text, words[i]) == 0)
            return true;
    return false;
}

/* The dict within dicts that holds all tensors; under one of the usual names nine in ten are enough, since a loss or the best score
 * may stand beside it. */
static const gr_pickle *go_in(search *s, const gr_pickle *root)
{
    for (int depth = 0; depth < MOST_DEPTH && root->kind == GR_PICKLE_DICT && root->what != GR_TORCH_MODULE; depth++) {
        const gr_pickle *inside = NULL, *key = NULL;
        size_t all = 0, most = 0;
        for (size_t i = 0; i + 1 < root->count; i += 2) {
            const gr_pickle *value = root->items[i + 1];
            if (is_passed_over(root->items[i]))
                continue;
            size_t count = count_tensors(s, value, 0);
            all += count;
            if (value->kind == GR_PICKLE_DICT && count > most) {
                most = count;
                inside = value;
                key = root->items[i];
            }
        }
        if (inside == NULL || (all - most) * 10 > (is_wrapper(key) ? all : 0))
            break;
        root = inside;
    }
    return root;
}

/* ---- all tensors -------------------------------------------------------------------------------------------------------- */

static gr_status add(search *s, const char *prefix, const gr_pickle *key, const gr_torch_view *view)
{
    if (s->count == s->capacity) {
        size_t capacity = s->capacity > 0 ? s->capacity * 2 : 256;
        gr_torch_found *grown = gr_realloc(s->items, capacity, sizeof *grown);
        if (grown == NULL)
            return gr_torch_no_memory(s->l, s->err);
        s->items = grown;
        s->capacity = capacity;
    }
    if (strlen(key->text) != key->count)
        return gr_torch_refuse(s->l, "a tensor's name holds a NUL", s->err);
    const char *name = key->text;
    gr_status status = GR_OK;
    if (*prefix != '\0') {
        status = gr_torch_spend(s->l, strlen(prefix) + key->count, s->err);
        name = status == GR_OK ? gr_arena_printf(s->l->arena, "%s%s", prefix, key->text) : NULL;
        if (status == GR_OK && name == NULL)
            status = gr_torch_no_memory(s->l, s->err);
    }
    s->items[s->count++] = (gr_torch_found){name, view};
    return status;
}

static gr_status collect(search *s, const gr_pickle *dict, const char *prefix, int depth)
{
    gr_status status = GR_OK;
    for (size_t i = 0; status == GR_OK && i + 1 < dict->count; i += 2) {
        const gr_pickle *key = dict->items[i], *value = dict->items[i + 1];
        if (++s->visits > MOST_VISITS)
            return gr_torch_refuse(s->l, "it holds dicts within each other without end", s->err);
        if (key->kind != GR_PICKLE_TEXT)
            continue;
        if (is_tensor(value)) {
            status = add(s, prefix, key, value->data);
        } else if (value->kind == GR_PICKLE_DICT && value->count > 0 && depth < MOST_DEPTH && !is_passed_over(key)) {
            status = gr_torch_spend(s->l, strlen(prefix) + key->count, s->err);
            char *longer = status == GR_OK ? gr_arena_printf(s->l->arena, "%s%s.", prefix, key->text) : NULL;
            if (status == GR_OK)
                status = longer != NULL ? collect(s, value, longer, depth + 1) : gr_torch_no_memory(s->l, s->err);
        }
    }
    return status;
}

gr_status gr_torch_find(gr_torch *l, const gr_pickle *root, gr_torch_found **found, size_t *count, gr_error *err)
{
    search s = {.l = l, .err = err};
    bool module = root->kind == GR_PICKLE_DICT && root->what == GR_TORCH_MODULE;
    root = go_in(&s, root);
    s.visits = 0;
    gr_status status = root->kind == GR_PICKLE_DICT ? collect(&s, root, "", 0) : GR_OK;
    if (status == GR_OK && s.count == 0)
        status =
            gr_fail(err, GR_INVALID, "%s: %s; a file made by torch.save(model.state_dict(), FILE) would be right", l->source->path,
                    module    ? "is TorchScript without named weights, as torch.jit.freeze leaves it"
                    : l->bare ? "is a Python pickle that torch.save did not write, and holds no dict of NumPy arrays"
                              : "holds no dict of named tensors");
    *found = s.items;
    *count = s.count;
    return status;
}
