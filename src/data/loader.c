/* The loader. A pass is a list of positions, cut into batches; batch b is made in slot b % slots of a small ring.
 *
 * Workers take positions one by one, in order, as long as their batch's slot is free; the caller takes batches in order and
 * gives back a slot when it asks for the next. One lock guards the bookkeeping; pixels are written outside it, each worker
 * into its own sample's place, so what a batch holds does not depend on who wrote it or when. */
#include "grimace/loader.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "base/base.h"
#include "data/image_cache.h"
#include "data/pass_order.h"
#include "data/sample.h"

enum { THREADS_MAX = 64, THREADS_DEFAULT_MAX = 4, SLOTS_MIN = 2, SLOTS_MAX = 4 };
#define RING_BYTES ((size_t)32 << 20) /* more than SLOTS_MIN batches are prefetched only within this */

typedef struct slot {
    int64_t done;      /* samples loaded or failed */
    int64_t failed_at; /* the first position that failed, so that the error is the same on every run; -1: none */
    gr_error error;
} slot;

typedef struct worker {
    struct gr_loader *loader;
    gr_pipeline *pipeline;
    pthread_t thread;
} worker;

struct gr_loader {
    const gr_sample *samples;
    int64_t count;
    size_t sample_floats;
    uint64_t seed;
    gr_transform *list;
    int list_count;
    gr_sample_road road; /* to what the cache keeps: the first transforms of the list */
    gr_arena *arena;    /* of the keys' texts */
    gr_cache_key *keys; /* [count] */
    char **problems;    /* [count], under the lock; NULL: a sample that cannot be loaded fails its batch */
    gr_image_cache *cache;
    bool owns_cache, has_lock;

    worker *workers;
    int worker_count;
    pthread_mutex_t lock;
    pthread_cond_t work;  /* a position may be taken, or it is time to stop */
    pthread_cond_t ready; /* a batch is full, or no worker is busy */

    /* The pass, under the lock. */
    bool stop;
    int busy;
    uint32_t epoch;
    int64_t *order;                  /* [total] sample indices */
    uint32_t *repeat;                /* [total] how many times the same index stood earlier in the order */
    int64_t total, batch_size, next; /* next: the first position not yet taken */
    int64_t taken;                   /* batches handed to the caller, of which the last is still borrowed */
    bool borrowed;
    float *ring;
    gr_origin *origins; /* [ring_samples], beside the ring */
    size_t ring_floats, ring_samples;
    int slot_count;
    slot slots[SLOTS_MAX];
    gr_error failure; /* of the pass, once it was reported */
};

/* ---- one sample ---- */

static gr_status load(const gr_loader *l, gr_pipeline *pipeline, int64_t position, float *out, gr_origin *origin,
                      gr_error *err)
{
    int64_t index = l->order[position];
    const gr_sample *s = &l->samples[index];
    bool cached = s->image == NULL;
    const gr_cached_image *image = cached ? gr_image_cache_find(l->cache, l->keys[index]) : NULL;
    gr_cached_image own = {0};
    gr_status status = GR_OK;
    if (image == NULL) {
        status = gr_sample_decode(&l->road, s, &own, err);
        image = status == GR_OK && cached ? gr_image_cache_add(l->cache, l->keys[index], &own) : NULL;
        image = image != NULL ? image : &own;
    }
    if (status == GR_OK) {
        const gr_augment_key key = {l->seed, l->epoch, (uint64_t)index | (uint64_t)l->repeat[position] << 40};
        status = gr_pipeline_apply(pipeline, l->road.fixed, &image->image, key, out, err);
        if (status != GR_OK)
            gr_error_prefix(err, "%s: %s", s->path, l->road.list_key);
        gr_map moved = gr_pipeline_map(pipeline);
        *origin = image->origin;
        gr_map_then(&origin->map, &moved);
    }
    gr_image_free(&own.image);
    if (status == GR_INVALID && l->problems != NULL) {
        memset(out, 0, l->sample_floats * sizeof *out);
        *origin = (gr_origin){.width = 1, .height = 1, .map = gr_map_identity()};
    } else if (status != GR_OK && s->where != NULL) {
        gr_error_prefix(err, "%s", s->where);
    }
    return status;
}

/* ---- workers ---- */

static bool has_work(const gr_loader *l)
{
    int64_t free_until = l->taken + l->slot_count - (l->borrowed ? 1 : 0); /* batches before this one have a slot */
    return l->next < l->total && l->next / l->batch_size < free_until;
}

static int64_t batch_length(const gr_loader *l, int64_t batch)
{
    int64_t rest = l->total - batch * l->batch_size;
    return rest < l->batch_size ? rest : l->batch_size;
}

/* The number of a sample's place in the ring. */
static size_t place_of(const gr_loader *l, int64_t batch, int64_t i)
{
    return (size_t)(batch % l->slot_count) * (size_t)l->batch_size + (size_t)i;
}

/* Under the lock: what a tolerant loader remembers of a sample that cannot be loaded. */
static gr_status keep_problem(gr_loader *l, int64_t index, gr_error *error)
{
    if (l->problems[index] == NULL)
        l->problems[index] = gr_strdup(error->text);
    *error = (gr_error){0};
    return l->problems[index] != NULL ? GR_OK : gr_fail(error, GR_NOMEM, "no memory for a sentence");
}

/* Under the lock, which is let go while the sample loads. */
static void work_on_next(worker *w)
{
    gr_loader *l = w->loader;
    int64_t position = l->next++, batch = position / l->batch_size;
    size_t place = place_of(l, batch, position % l->batch_size);
    l->busy++;
    pthread_mutex_unlock(&l->lock);
    gr_error error = {0};
    gr_status status =
        load(l, w->pipeline, position, l->ring + place * l->sample_floats, l->origins + place, &error);
    pthread_mutex_lock(&l->lock);
    l->busy--;
    if (status == GR_INVALID && l->problems != NULL)
        status = keep_problem(l, l->order[position], &error);
    slot *s = &l->slots[batch % l->slot_count];
    s->done++;
    if (status != GR_OK && (s->failed_at < 0 || position < s->failed_at)) {
        s->failed_at = position;
        s->error = error;
    }
    if (s->done == batch_length(l, batch) || l->busy == 0)
        pthread_cond_signal(&l->ready);
}

static void *worker_main(void *argument)
{
    worker *w = argument;
    gr_loader *l = w->loader;
    pthread_mutex_lock(&l->lock);
    while (!l->stop) {
        if (has_work(l))
            work_on_next(w);
        else
            pthread_cond_wait(&l->work, &l->lock);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

/* ---- a pass ---- */

/* Under the lock: no position is taken any more, and none is being worked on. */
static void halt(gr_loader *l)
{
    l->next = l->total;
    while (l->busy > 0)
        pthread_cond_wait(&l->ready, &l->lock);
}

static void slot_reset(slot *s)
{
    s->done = 0;
    s->failed_at = -1;
    s->error = (gr_error){0};
}

/* Slots for batches of this size: as many as RING_BYTES allow, and room for them. */
static gr_status size_ring(gr_loader *l, int64_t batch_size, int64_t batches, gr_error *err)
{
    size_t batch_floats, floats, bytes;
    if (!gr_mul_size(l->sample_floats, (size_t)batch_size, &batch_floats) ||
        !gr_mul_size(batch_floats, sizeof(float), &bytes))
        return gr_fail(err, GR_NOMEM, "no memory for batches of %lld images", (long long)batch_size);
    size_t slots = RING_BYTES / bytes;
    slots = slots > SLOTS_MAX ? SLOTS_MAX : slots < SLOTS_MIN ? SLOTS_MIN : slots;
    slots = (size_t)batches < slots ? (size_t)batches : slots;
    if (!gr_mul_size(batch_floats, slots, &floats))
        return gr_fail(err, GR_NOMEM, "no memory for batches of %lld images", (long long)batch_size);
    if (floats > l->ring_floats) {
        gr_free(l->ring);
        l->ring_floats = 0;
        l->ring = gr_alloc_aligned(floats, sizeof(float));
        if (l->ring == NULL)
            return gr_fail(err, GR_NOMEM, "no memory for batches of %lld images", (long long)batch_size);
        l->ring_floats = floats;
    }
    if (slots * (size_t)batch_size > l->ring_samples) {
        gr_free(l->origins);
        l->ring_samples = 0;
        l->origins = gr_alloc(slots * (size_t)batch_size, sizeof *l->origins);
        if (l->origins == NULL)
            return gr_fail(err, GR_NOMEM, "no memory for batches of %lld images", (long long)batch_size);
        l->ring_samples = slots * (size_t)batch_size;
    }
    l->slot_count = (int)slots;
    return GR_OK;
}

static gr_status set_pass(gr_loader *l, const int64_t *order, int64_t count, int64_t batch_size, bool drop_last,
                          gr_error *err)
{
    if (count < 0 || batch_size < 1)
        return gr_fail(err, GR_INVALID, "a pass over %lld samples in batches of %lld: both must be whole numbers above 0",
                       (long long)count, (long long)batch_size);
    if (drop_last)
        count -= count % batch_size;
    batch_size = batch_size < count ? batch_size : count; /* no room is kept for samples that do not come */
    gr_free(l->order);
    gr_free(l->repeat);
    gr_status status = gr_pass_order(order, count, l->count, &l->order, &l->repeat, err);
    if (status == GR_OK && count > 0)
        status = size_ring(l, batch_size, (count + batch_size - 1) / batch_size, err);
    if (status != GR_OK)
        return status;
    for (int i = 0; i < SLOTS_MAX; i++)
        slot_reset(&l->slots[i]);
    l->batch_size = batch_size;
    l->total = count;
    return GR_OK;
}

gr_status gr_loader_start(gr_loader *l, uint32_t epoch, const int64_t *order, int64_t count, int64_t batch_size,
                          bool drop_last, gr_error *err)
{
    pthread_mutex_lock(&l->lock);
    halt(l);
    l->total = l->next = l->taken = 0;
    l->borrowed = false;
    l->failure = (gr_error){0};
    l->epoch = epoch;
    gr_status status = set_pass(l, order, count, batch_size, drop_last, err);
    pthread_cond_broadcast(&l->work);
    pthread_mutex_unlock(&l->lock);
    return status;
}

/* Under the lock: waits for batch number `batch`, and reports its first failure, which ends the pass. */
static gr_status wait_for(gr_loader *l, int64_t batch, gr_error *err)
{
    slot *s = &l->slots[batch % l->slot_count];
    while (s->done < batch_length(l, batch))
        pthread_cond_wait(&l->ready, &l->lock);
    if (s->failed_at < 0)
        return GR_OK;
    l->failure = s->error;
    halt(l);
    return gr_fail(err, l->failure.status, "%s", l->failure.text);
}

gr_status gr_loader_next(gr_loader *l, const float **pixels, const int64_t **indices, int64_t *n, gr_error *err)
{
    gr_status status = GR_OK;
    const float *batch_pixels = NULL;
    const int64_t *batch_indices = NULL;
    *n = 0;
    pthread_mutex_lock(&l->lock);
    if (l->borrowed) {
        slot_reset(&l->slots[(l->taken - 1) % l->slot_count]);
        l->borrowed = false;
        pthread_cond_broadcast(&l->work);
    }
    if (l->failure.status != GR_OK) {
        status = gr_fail(err, l->failure.status, "%s", l->failure.text);
    } else if (l->total > 0 && l->taken * l->batch_size < l->total) {
        status = wait_for(l, l->taken, err);
        if (status == GR_OK) {
            batch_pixels = l->ring + place_of(l, l->taken, 0) * l->sample_floats;
            batch_indices = l->order + l->taken * l->batch_size;
            *n = batch_length(l, l->taken);
            l->taken++;
            l->borrowed = true;
        }
    }
    pthread_mutex_unlock(&l->lock);
    if (pixels != NULL)
        *pixels = batch_pixels;
    if (indices != NULL)
        *indices = batch_indices;
    return status;
}

const gr_origin *gr_loader_origins(gr_loader *l)
{
    pthread_mutex_lock(&l->lock);
    const gr_origin *origins = l->borrowed ? l->origins + place_of(l, l->taken - 1, 0) : NULL;
    pthread_mutex_unlock(&l->lock);
    return origins;
}

const gr_sample *gr_loader_samples(const gr_loader *l)
{
    return l->samples;
}

gr_status gr_loader_picture(gr_loader *l, int64_t index, gr_image *picture, gr_error *err)
{
    const gr_sample *s = &l->samples[index];
    gr_error error = {0};
    *picture = (gr_image){0};
    gr_status status = gr_sample_picture(s, l->road.fast_dct, picture, &error);
    if (status == GR_INVALID && l->problems != NULL) {
        pthread_mutex_lock(&l->lock);
        status = keep_problem(l, index, &error);
        pthread_mutex_unlock(&l->lock);
    } else if (status != GR_OK && s->where != NULL) {
        gr_error_prefix(&error, "%s", s->where);
    }
    return status == GR_OK ? GR_OK : gr_fail(err, status, "%s", error.text);
}

const char *gr_loader_problem(gr_loader *l, int64_t index)
{
    pthread_mutex_lock(&l->lock);
    const char *problem = l->problems != NULL ? l->problems[index] : NULL;
    pthread_mutex_unlock(&l->lock);
    return problem;
}

/* ---- life ---- */

/* Signals go to the program's own threads: Ctrl-C must not interrupt a worker. */
static gr_status start_workers(gr_loader *l, const gr_loader_options *o, int threads, gr_error *err)
{
    l->workers = gr_alloc((size_t)threads, sizeof(*l->workers));
    if (l->workers == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %d loader threads", threads);
    sigset_t all, kept;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &kept);
    gr_status status = GR_OK;
    for (int i = 0; i < threads && status == GR_OK; i++) {
        worker *w = &l->workers[i];
        w->loader = l;
        status =
            gr_pipeline_create(o->transforms, o->transform_count, o->size, o->channels, o->mean, o->std, &w->pipeline, err);
        if (status != GR_OK)
            break;
        if (pthread_create(&w->thread, NULL, worker_main, w) != 0) {
            gr_pipeline_destroy(w->pipeline);
            if (i == 0)
                status = gr_fail(err, GR_IO, "the system refuses to start a loader thread");
            break; /* fewer threads load the same pixels */
        }
        l->worker_count++;
    }
    pthread_sigmask(SIG_SETMASK, &kept, NULL);
    return status;
}

static gr_status init_locks(gr_loader *l, gr_error *err)
{
    bool lock = pthread_mutex_init(&l->lock, NULL) == 0;
    bool work = lock && pthread_cond_init(&l->work, NULL) == 0;
    l->has_lock = work && pthread_cond_init(&l->ready, NULL) == 0;
    if (l->has_lock)
        return GR_OK;
    if (work)
        pthread_cond_destroy(&l->work);
    if (lock)
        pthread_mutex_destroy(&l->lock);
    return gr_fail(err, GR_NOMEM, "no memory for the loader's lock");
}

static gr_status set_up(gr_loader *l, const gr_loader_options *o, gr_error *err)
{
    l->samples = o->samples;
    l->count = o->count;
    l->sample_floats = (size_t)o->size * (size_t)o->size * (size_t)o->channels;
    l->seed = o->seed;
    l->road.cutter = o->cutter;
    l->road.fast_dct = o->fast_dct;
    l->road.list_key = o->transforms_key != NULL ? o->transforms_key : "transforms";
    l->list_count = o->transform_count;
    l->road.fixed = gr_transforms_fixed(o->transforms, o->transform_count);
    l->cache = o->cache;
    l->owns_cache = o->cache == NULL;
    l->list = gr_alloc((size_t)o->transform_count, sizeof(*l->list));
    if (l->list == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the transforms");
    if (o->transform_count > 0)
        memcpy(l->list, o->transforms, (size_t)o->transform_count * sizeof(*l->list));
    if (o->tolerant && (l->problems = gr_alloc((size_t)o->count, sizeof *l->problems)) == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a loader of %lld samples", (long long)o->count);
    gr_status status = l->owns_cache ? gr_image_cache_create(o->cache_bytes, &l->cache, err) : GR_OK;
    l->road.list = l->list;
    if (status == GR_OK)
        status = gr_sample_keys(&l->road, l->samples, l->count, &l->arena, &l->keys, err);
    if (status == GR_OK)
        status = init_locks(l, err);
    int threads = o->threads > 0 ? o->threads : gr_threads_get();
    int most = o->threads > 0 ? THREADS_MAX : THREADS_DEFAULT_MAX;
    return status == GR_OK ? start_workers(l, o, threads < most ? threads : most, err) : status;
}

gr_status gr_loader_create(const gr_loader_options *o, gr_loader **out, gr_error *err)
{
    *out = NULL;
    gr_status status = gr_transforms_check(o->transforms, o->transform_count, 0, 0, o->size, err);
    if (status != GR_OK) {
        gr_error_prefix(err, "%s", o->transforms_key != NULL ? o->transforms_key : "transforms");
        return status;
    }
    gr_loader *l = gr_alloc(1, sizeof(*l));
    if (l == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a loader");
    status = set_up(l, o, err);
    if (status != GR_OK)
        gr_loader_destroy(l);
    else
        *out = l;
    return status;
}

void gr_loader_destroy(gr_loader *l)
{
    if (l == NULL)
        return;
    if (l->has_lock) {
        pthread_mutex_lock(&l->lock);
        l->stop = true;
        pthread_cond_broadcast(&l->work);
        pthread_mutex_unlock(&l->lock);
        for (int i = 0; i < l->worker_count; i++) {
            pthread_join(l->workers[i].thread, NULL);
            gr_pipeline_destroy(l->workers[i].pipeline);
        }
        pthread_cond_destroy(&l->ready);
        pthread_cond_destroy(&l->work);
        pthread_mutex_destroy(&l->lock);
    }
    if (l->owns_cache)
        gr_image_cache_destroy(l->cache);
    gr_free(l->workers);
    gr_free(l->ring);
    gr_free(l->origins);
    gr_free(l->order);
    gr_free(l->repeat);
    gr_free(l->keys);
    gr_arena_destroy(l->arena);
    for (int64_t i = 0; l->problems != NULL && i < l->count; i++)
        gr_free(l->problems[i]);
    gr_free(l->problems);
    gr_free(l->list);
    gr_free(l);
}
