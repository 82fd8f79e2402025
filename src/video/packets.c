#include "video/packets.h"

#include <stdlib.h>

#include "base/base.h"

/* A group that is longer is not worth its memory. */
enum { GROUP_PACKETS = 2048 };
#define GROUP_BYTES ((size_t)64 << 20)

/* ---- what a packet holds
 * --------------------------------------------------------------------------------------------------- */

typedef struct units {
    const uint8_t *at, *end;
    int prefix;
} units;

/* The next unit's first byte and what follows it; NULL behind the last one. */
static const uint8_t *next_unit(units *u)
{
    if (u->prefix > 0) {
        if (u->end - u->at <= u->prefix)
            return NULL;
        size_t length = 0;
        for (int i = 0; i < u->prefix; i++)
            length = length << 8 | u->at[i];
        const uint8_t *unit = u->at + u->prefix;
        if (length == 0 || length > (size_t)(u->end - unit))
            return NULL;
        u->at = unit + length;
        return unit;
    }
    for (; u->end - u->at > 3; u->at++)
        if (u->at[0] == 0 && u->at[1] == 0 && u->at[2] == 1) {
            u->at += 3;
            return u->at;
        }
    return NULL;
}

static units units_of(const gr_packets *p, const AVPacket *packet)
{
    return (units){packet->data, packet->data + packet->size, p->prefix};
}

/* Does everything from here on stand without what was before? */
static bool begins_group(const gr_packets *p, const AVPacket *packet)
{
    const AVCodecDescriptor *d = p->lib->avcodec_descriptor_get(p->codec->codec_id);
    if (d != NULL && (d->props & AV_CODEC_PROP_INTRA_ONLY) != 0)
        return true;
    if ((packet->flags & AV_PKT_FLAG_KEY) == 0)
        return false;
    units u = units_of(p, packet);
    for (const uint8_t *unit = next_unit(&u); unit != NULL; unit = next_unit(&u)) {
        int h264 = unit[0] & 31, hevc = unit[0] >> 1 & 63;
        if (p->codec->codec_id == AV_CODEC_ID_H264 ? h264 == 5 : hevc == 19 || hevc == 20)
            return true;
    }
    return false;
}

/* H.264 pictures that no other refers to. */
static bool is_leaf(const gr_packets *p, const AVPacket *packet)
{
    if (p->codec->codec_id != AV_CODEC_ID_H264)
        return false;
    bool slices = false;
    units u = units_of(p, packet);
    for (const uint8_t *unit = next_unit(&u); unit != NULL; unit = next_unit(&u)) {
        int type = unit[0] & 31;
        if (type < 1 || type > 5)
            continue;
        if ((unit[0] & 0x60) != 0)
            return false;
        slices = true;
    }
    return slices;
}

/* Does it say how later ones are to be read? */
static bool has_parameters(const gr_packets *p, const AVPacket *packet)
{
    for (int i = 0; i < packet->side_data_elems; i++)
        if (packet->side_data[i].type == AV_PKT_DATA_NEW_EXTRADATA || packet->side_data[i].type == AV_PKT_DATA_PARAM_CHANGE)
            return true;
    bool h264 = p->codec->codec_id == AV_CODEC_ID_H264;
    if (!h264 && p->codec->codec_id != AV_CODEC_ID_HEVC)
        return false;
    units u = units_of(p, packet);
    for (const uint8_t *unit = next_unit(&u); unit != NULL; unit = next_unit(&u)) {
        int type = h264 ? unit[0] & 31 : unit[0] >> 1 & 63;
        if (h264 ? type == 7 || type == 8 : type >= 32 && type <= 34)
            return true;
    }
    return false;
}

/* Can the group be left out without losing what a later one needs? */
static bool can_go(const gr_packets *p)
{
    for (int i = 1; i < p->count; i++)
        if (has_parameters(p, p->queue[i]))
            return false;
    return !has_parameters(p, p->queue[0]) || has_parameters(p, p->ahead);
}

static bool is_shown(const AVPacket *packet)
{
    return (packet->flags & AV_PKT_FLAG_DISCARD) == 0;
}

/* Two fields may be two packets of one frame; a codec that is not in the list may hide frames or refer over its key frames.
 */
static bool can_group(const gr_packets *p)
{
    const AVCodecDescriptor *d = p->lib->avcodec_descriptor_get(p->codec->codec_id);
    bool known = p->codec->codec_id == AV_CODEC_ID_H264 || p->codec->codec_id == AV_CODEC_ID_HEVC ||
                 (d != NULL && (d->props & AV_CODEC_PROP_INTRA_ONLY) != 0);
    return known && p->codec->field_order == AV_FIELD_PROGRESSIVE;
}

void gr_packets_begin(gr_packets *p, const gr_ffmpeg *lib, AVFormatContext *format, int stream, bool every)
{
    *p = (gr_packets){.lib = lib, .format = format, .codec = format->streams[stream]->codecpar, .stream = stream};
    const uint8_t *extra = p->codec->extradata;
    if (p->codec->extradata_size > 6 && extra[0] == 1 && p->codec->codec_id == AV_CODEC_ID_H264)
        p->prefix = (extra[4] & 3) + 1;
    if (p->codec->extradata_size > 22 && extra[0] == 1 && p->codec->codec_id == AV_CODEC_ID_HEVC)
        p->prefix = (extra[21] & 3) + 1;
    p->grouped = !every && can_group(p);
}

/* ---- reading
 * --------------------------------------------------------------------------------------------------------------- */

/* The stream's next packet, NULL at the end or where one is damaged. */
static gr_status read_packet(gr_packets *p, AVPacket **out, gr_error *err)
{
    *out = NULL;
    if (p->end != 0 || p->damaged)
        return GR_OK;
    AVPacket *packet = p->lib->av_packet_alloc();
    if (packet == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a video");
    for (int silent = 0; (p->end = p->lib->av_read_frame(p->format, packet)) >= 0;) {
        p->end = 0;
        if (packet->stream_index == p->stream && (packet->flags & AV_PKT_FLAG_CORRUPT) != 0) {
            p->damaged = true;
            break;
        }
        if (packet->stream_index == p->stream && packet->size > 0) {
            *out = packet;
            return GR_OK;
        }
        p->lib->av_packet_unref(packet);
        if (++silent > 1000000) /* a file that gives nothing for ever */
            p->damaged = true;
        if (p->damaged)
            break;
    }
    p->lib->av_packet_free(&packet);
    return GR_OK;
}

static gr_status enqueue(gr_packets *p, AVPacket *packet, gr_error *err)
{
    if (p->count == p->room) {
        int room = p->room * 2 + 64;
        AVPacket **queue = gr_realloc(p->queue, (size_t)room, sizeof *queue);
        if (queue == NULL) {
            p->lib->av_packet_free(&packet);
            return gr_fail(err, GR_NOMEM, "no memory for a video");
        }
        p->queue = queue;
        p->room = room;
    }
    p->bytes += (size_t)packet->size;
    p->queue[p->count++] = packet;
    return GR_OK;
}

/* Reads up to the next group's first packet. *whole: it was reached, or the end was. */
static gr_status read_group(gr_packets *p, bool *whole, gr_error *err)
{
    AVPacket *packet = p->ahead;
    gr_status status = GR_OK;
    p->ahead = NULL;
    p->at = p->count = 0;
    p->bytes = 0;
    *whole = true;
    if (packet == NULL)
        status = read_packet(p, &packet, err);
    while (status == GR_OK && packet != NULL) {
        if (p->count > 0 && begins_group(p, packet)) {
            p->ahead = packet;
            return GR_OK;
        }
        status = enqueue(p, packet, err);
        *whole = p->count < GROUP_PACKETS && p->bytes < GROUP_BYTES;
        if (status != GR_OK || !*whole)
            return status;
        status = read_packet(p, &packet, err);
    }
    return status;
}

/* ---- a group
 * --------------------------------------------------------------------------------------------------------------- */

static int by_time(const void *a, const void *b)
{
    int64_t x = ((const gr_packet_number *)a)->pts, y = ((const gr_packet_number *)b)->pts;
    return (x > y) - (x < y);
}

/* Writes the time stamps of the group's frames, in order, behind those that are still to come. */
static gr_status number_group(gr_packets *p, int *frames, gr_error *err)
{
    int left = p->number_count - p->number_at;
    for (int i = 0; i < left; i++)
        p->numbers[i] = p->numbers[p->number_at + i];
    p->number_at = 0;
    p->number_count = left;
    if (left + p->count > p->number_room) {
        int room = left + p->count + 64;
        gr_packet_number *numbers = gr_realloc(p->numbers, (size_t)room, sizeof *numbers);
        if (numbers == NULL)
            return gr_fail(err, GR_NOMEM, "no memory for a video");
        p->numbers = numbers;
        p->number_room = room;
    }
    *frames = 0;
    for (int i = 0; i < p->count; i++)
        if (is_shown(p->queue[i]))
            p->numbers[left + (*frames)++] = (gr_packet_number){.pts = p->queue[i]->pts};
    qsort(p->numbers + left, (size_t)*frames, sizeof *p->numbers, by_time);
    for (int i = 0; i < *frames; i++)
        p->numbers[left + i].number = p->shown + i;
    return GR_OK;
}

/* Are its frames, [frames] behind those that are still to come, shown within it, each at a time of its own? */
static bool is_regular(const gr_packets *p, int frames)
{
    const gr_packet_number *n = p->numbers + p->number_count;
    for (int i = 0; i < p->count; i++)
        if (p->queue[i]->pts == AV_NOPTS_VALUE || p->queue[i]->pts < p->queue[0]->pts)
            return false;
    if (!begins_group(p, p->queue[0]) || (p->ahead != NULL && p->ahead->pts == AV_NOPTS_VALUE))
        return false;
    for (int i = 0; i < frames; i++)
        if ((i > 0 && n[i].pts == n[i - 1].pts) || (p->ahead != NULL && n[i].pts >= p->ahead->pts))
            return false;
    return true;
}

static void drop_queue(gr_packets *p)
{
    for (int i = p->at; i < p->count; i++)
        p->lib->av_packet_free(&p->queue[i]);
    p->at = p->count = 0;
}

/* The next group with something to decode. */
static gr_status next_group(gr_packets *p, int64_t wanted, gr_error *err)
{
    for (;;) {
        bool whole;
        int frames = 0;
        gr_status status = read_group(p, &whole, err);
        p->target = INT64_MIN;
        if (status != GR_OK || p->count == 0)
            return status;
        status = number_group(p, &frames, err);
        if (status != GR_OK)
            return status;
        if (!whole || !is_regular(p, frames)) {
            p->grouped = false;
            return GR_OK;
        }
        p->shown += frames;
        if (p->ahead != NULL && p->ahead->pts <= wanted && is_shown(p->ahead) && can_go(p)) {
            drop_queue(p);
            continue;
        }
        for (int i = 0; i < frames && p->numbers[p->number_count + i].pts <= wanted; i++)
            p->target = p->numbers[p->number_count + i].pts;
        p->number_count += frames;
        return GR_OK;
    }
}

gr_status gr_packets_next(gr_packets *p, int64_t wanted, AVPacket **out, gr_error *err)
{
    *out = NULL;
    for (;;) {
        while (p->at < p->count) {
            AVPacket *packet = p->queue[p->at++];
            if (packet->pts >= p->target || !is_leaf(p, packet)) {
                *out = packet;
                return GR_OK;
            }
            p->lib->av_packet_free(&packet);
        }
        if (!p->grouped && p->ahead == NULL)
            return read_packet(p, out, err);
        if (!p->grouped) {
            *out = p->ahead;
            p->ahead = NULL;
            return GR_OK;
        }
        gr_status status = next_group(p, wanted, err);
        if (status != GR_OK || p->count == 0)
            return status;
    }
}

int64_t gr_packets_number(gr_packets *p, int64_t pts)
{
    while (p->number_at < p->number_count && p->numbers[p->number_at].pts < pts)
        p->number_at++;
    if (p->number_at < p->number_count && p->numbers[p->number_at].pts == pts)
        return p->numbers[p->number_at].number;
    return -1;
}

void gr_packets_end(gr_packets *p)
{
    if (p->lib == NULL)
        return;
    drop_queue(p);
    p->lib->av_packet_free(&p->ahead);
    gr_free(p->queue);
    gr_free(p->numbers);
    *p = (gr_packets){0};
}
