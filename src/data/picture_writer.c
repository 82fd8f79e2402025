#include "data/picture_writer.h"

#include <pthread.h>

#include "base/base.h"

enum { THREADS_MAX = 16, RING = 2 * THREADS_MAX };

typedef struct job {
    char *path;
    gr_image image;
} job;

struct gr_picture_writer {
    int quality, thread_count, room;
    pthread_t threads[THREADS_MAX];
    pthread_mutex_t lock;
    pthread_cond_t work, free; /* a job or the end is there; one is done */
    bool has_lock;
    /* under the lock */
    job ring[RING];
    int first, waiting, busy;
    bool stop;
    gr_error failure;
};

static gr_status write_one(const gr_picture_writer *w, const job *j, gr_error *err)
{
    uint8_t *bytes;
    size_t size;
    gr_status status = w->quality > 0 ? gr_jpeg_encode(&j->image, w->quality, &bytes, &size, err)
                                      : gr_png_encode_quick(&j->image, &bytes, &size, err);
    if (status == GR_OK) {
        status = gr_file_put(j->path, bytes, size, err);
        gr_image_bytes_free(bytes);
    } else {
        gr_error_prefix(err, "%s", j->path);
    }
    return status;
}

static void *writer_main(void *argument)
{
    gr_picture_writer *w = argument;
    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (w->waiting == 0 && !w->stop)
            pthread_cond_wait(&w->work, &w->lock);
        if (w->waiting == 0)
            break;
        job j = w->ring[w->first];
        w->first = (w->first + 1) % w->room;
        w->waiting--;
        w->busy++;
        pthread_mutex_unlock(&w->lock);
        gr_error error = {0};
        gr_status status = write_one(w, &j, &error);
        gr_free(j.path);
        gr_image_free(&j.image);
        pthread_mutex_lock(&w->lock);
        w->busy--;
        if (status != GR_OK && w->failure.status == GR_OK)
            w->failure = error;
        pthread_cond_broadcast(&w->free);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

gr_status gr_picture_writer_create(int threads, int quality, gr_picture_writer **out, gr_error *err)
{
    *out = NULL;
    gr_picture_writer *w = gr_alloc(1, sizeof *w);
    if (w == NULL)
        return gr_fail(err, GR_NOMEM, "no memory to write pictures");
    int wanted = threads < 1 ? 1 : threads > THREADS_MAX ? THREADS_MAX : threads;
    w->quality = quality;
    w->room = 2 * wanted;
    bool good = pthread_mutex_init(&w->lock, NULL) == 0;
    w->has_lock = good;
    if (good) {
        pthread_cond_init(&w->work, NULL);
        pthread_cond_init(&w->free, NULL);
    }
    while (good && w->thread_count < wanted && pthread_create(&w->threads[w->thread_count], NULL, writer_main, w) == 0)
        w->thread_count++;
    if (w->thread_count == 0) {
        gr_picture_writer_destroy(w);
        return gr_fail(err, GR_IO, "no thread could be started to write pictures");
    }
    *out = w;
    return GR_OK;
}

/* Under the lock. */
static gr_status failure_of(const gr_picture_writer *w, gr_error *err)
{
    return w->failure.status == GR_OK ? GR_OK : gr_fail(err, w->failure.status, "%s", w->failure.text);
}

gr_status gr_picture_writer_add(gr_picture_writer *w, const char *path, gr_image *image, gr_error *err)
{
    job j = {gr_strdup(path), *image};
    *image = (gr_image){0};
    pthread_mutex_lock(&w->lock);
    while (w->waiting + w->busy >= w->room)
        pthread_cond_wait(&w->free, &w->lock);
    gr_status status = j.path != NULL ? failure_of(w, err) : gr_fail(err, GR_NOMEM, "no memory to write pictures");
    if (status == GR_OK) {
        w->ring[(w->first + w->waiting++) % w->room] = j;
        pthread_cond_signal(&w->work);
    }
    pthread_mutex_unlock(&w->lock);
    if (status != GR_OK) {
        gr_free(j.path);
        gr_image_free(&j.image);
    }
    return status;
}

gr_status gr_picture_writer_finish(gr_picture_writer *w, gr_error *err)
{
    pthread_mutex_lock(&w->lock);
    while (w->waiting + w->busy > 0)
        pthread_cond_wait(&w->free, &w->lock);
    gr_status status = failure_of(w, err);
    pthread_mutex_unlock(&w->lock);
    return status;
}

void gr_picture_writer_destroy(gr_picture_writer *w)
{
    if (w == NULL)
        return;
    if (w->has_lock) {
        pthread_mutex_lock(&w->lock);
        w->stop = true;
        pthread_cond_broadcast(&w->work);
        pthread_mutex_unlock(&w->lock);
    }
    for (int i = 0; i < w->thread_count; i++)
        pthread_join(w->threads[i], NULL);
    if (w->has_lock) {
        pthread_cond_destroy(&w->work);
        pthread_cond_destroy(&w->free);
        pthread_mutex_destroy(&w->lock);
    }
    gr_free(w);
}
