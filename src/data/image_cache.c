/* The cache of decoded images: a hash table under one lock. Entries never move and never go, so that readers need no count
 * of users: a pass touches every image once in random order, and evicting any would only make room for the next miss. */
#include "data/image_cache.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

typedef struct entry {
    char *text;
    uint64_t hash;
    gr_cached_image kept;
} entry;

struct gr_image_cache {
    pthread_mutex_t lock;
    entry **slots; /* [capacity], open addressing, capacity a power of two, at most half full */
    size_t capacity, count, bytes, limit;
};

static size_t default_limit(void)
{
    const size_t most = (size_t)4 << 30, least = (size_t)64 << 20;
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    size_t memory;
    if (pages <= 0 || page <= 0 || !gr_mul_size((size_t)pages, (size_t)page, &memory))
        return least;
    return memory / 4 < most ? memory / 4 : most;
}

gr_status gr_image_cache_create(size_t bytes, gr_image_cache **out, gr_error *err)
{
    *out = NULL;
    gr_image_cache *cache = gr_alloc(1, sizeof(*cache));
    const size_t capacity = 256;
    if (cache == NULL || (cache->slots = gr_alloc(capacity, sizeof(*cache->slots))) == NULL ||
        pthread_mutex_init(&cache->lock, NULL) != 0) {
        if (cache != NULL)
            gr_free(cache->slots);
        gr_free(cache);
        return gr_fail(err, GR_NOMEM, "no memory for the image cache");
    }
    cache->capacity = capacity;
    cache->limit = bytes > 0 ? bytes : default_limit();
    *out = cache;
    return GR_OK;
}

static void entry_free(entry *e)
{
    if (e == NULL)
        return;
    gr_image_free(&e->kept.image);
    gr_free(e->text);
    gr_free(e);
}

void gr_image_cache_destroy(gr_image_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < cache->capacity; i++)
        entry_free(cache->slots[i]);
    gr_free(cache->slots);
    pthread_mutex_destroy(&cache->lock);
    gr_free(cache);
}

size_t gr_image_cache_count(gr_image_cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    size_t count = cache->count;
    pthread_mutex_unlock(&cache->lock);
    return count;
}

size_t gr_image_cache_bytes(gr_image_cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    size_t bytes = cache->bytes;
    pthread_mutex_unlock(&cache->lock);
    return bytes;
}

/* The slot that holds the key, or the empty one where it belongs. */
static entry **slot_of(entry **slots, size_t capacity, gr_cache_key key)
{
    size_t i = (size_t)(key.hash ^ key.hash >> 32) & (capacity - 1);
    while (slots[i] != NULL && (slots[i]->hash != key.hash || strcmp(slots[i]->text, key.text) != 0))
        i = (i + 1) & (capacity - 1);
    return &slots[i];
}

const gr_cached_image *gr_image_cache_find(gr_image_cache *cache, gr_cache_key key)
{
    pthread_mutex_lock(&cache->lock);
    const entry *e = *slot_of(cache->slots, cache->capacity, key);
    pthread_mutex_unlock(&cache->lock);
    return e != NULL ? &e->kept : NULL;
}

static bool grow(gr_image_cache *cache)
{
    size_t capacity = cache->capacity * 2;
    entry **slots = gr_alloc(capacity, sizeof(*slots));
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < cache->capacity; i++)
        if (cache->slots[i] != NULL)
            *slot_of(slots, capacity, (gr_cache_key){cache->slots[i]->text, cache->slots[i]->hash}) = cache->slots[i];
    gr_free(cache->slots);
    cache->slots = slots;
    cache->capacity = capacity;
    return true;
}

/* Under the lock: makes the entry when there is room for it. */
static entry *insert(gr_image_cache *cache, gr_cache_key key, gr_cached_image *image)
{
    size_t text = strlen(key.text) + 1;
    size_t bytes = (size_t)image->image.width * (size_t)image->image.height * 3 + text + sizeof(entry);
    if (bytes > cache->limit || cache->bytes > cache->limit - bytes)
        return NULL;
    if (2 * (cache->count + 1) > cache->capacity && !grow(cache))
        return NULL;
    entry *e = gr_alloc(1, sizeof(*e));
    if (e == NULL || (e->text = gr_alloc(text, 1)) == NULL) {
        gr_free(e);
        return NULL;
    }
    memcpy(e->text, key.text, text);
    e->hash = key.hash;
    e->kept = *image;
    image->image = (gr_image){0};
    *slot_of(cache->slots, cache->capacity, key) = e;
    cache->count++;
    cache->bytes += bytes;
    return e;
}

const gr_cached_image *gr_image_cache_add(gr_image_cache *cache, gr_cache_key key, gr_cached_image *image)
{
    pthread_mutex_lock(&cache->lock);
    entry *e = *slot_of(cache->slots, cache->capacity, key);
    bool present = e != NULL;
    if (!present)
        e = insert(cache, key, image);
    pthread_mutex_unlock(&cache->lock);
    if (present)
        gr_image_free(&image->image);
    return e != NULL ? &e->kept : NULL;
}
