/* What plans keep their numbers in, and leave to the next ones. */
#include "graph/plan_private.h"

gr_workspace *gr_workspace_create(void)
{
    return gr_alloc(1, sizeof(gr_workspace));
}

static void free_block(gr_workspace_block *block)
{
    gr_free(block->base);
    gr_free(block);
}

void gr_workspace_destroy(gr_workspace *workspace)
{
    if (workspace == NULL)
        return;
    for (gr_workspace_block *block = workspace->blocks, *next; block != NULL; block = next) {
        next = block->next;
        free_block(block);
    }
    gr_free(workspace->base);
    gr_free(workspace);
}

size_t gr_workspace_bytes(const gr_workspace *workspace)
{
    size_t bytes = workspace->bytes;
    for (const gr_workspace_block *block = workspace->blocks; block != NULL; block = block->next)
        bytes += block->taken ? 0 : block->bytes;
    return bytes;
}

/* The smallest block that is free and large enough; NULL: there is none. */
static gr_workspace_block *find(const gr_workspace *workspace, size_t bytes)
{
    gr_workspace_block *best = NULL;
    for (gr_workspace_block *block = workspace->blocks; block != NULL; block = block->next)
        if (!block->taken && block->bytes >= bytes && (best == NULL || block->bytes < best->bytes))
            best = block;
    return best;
}

void gr_workspace_drop(gr_workspace *workspace)
{
    gr_workspace_block **at = &workspace->blocks;
    while (*at != NULL) {
        gr_workspace_block *block = *at;
        if (block->taken) {
            at = &block->next;
            continue;
        }
        *at = block->next;
        free_block(block);
    }
}

static gr_workspace_block *add(gr_workspace *workspace, size_t bytes)
{
    gr_workspace_drop(workspace); /* all are too small */
    gr_workspace_block *block = gr_alloc(1, sizeof *block);
    if (block == NULL)
        return NULL;
    *block = (gr_workspace_block){.next = workspace->blocks, .base = gr_alloc_aligned(bytes, 1), .bytes = bytes};
    if (block->base == NULL) {
        gr_free(block);
        return NULL;
    }
    workspace->blocks = block;
    return block;
}

char *gr_workspace_take(gr_workspace *workspace, size_t bytes)
{
    gr_workspace_block *block = find(workspace, bytes);
    if (block == NULL)
        block = add(workspace, bytes);
    if (block == NULL)
        return NULL;
    block->taken = true;
    return block->base;
}

void gr_workspace_give_back(gr_workspace *workspace, const char *base)
{
    for (gr_workspace_block *block = workspace != NULL ? workspace->blocks : NULL; block != NULL; block = block->next)
        if (base != NULL && block->base == base)
            block->taken = false;
}
