/* The packets of a video's stream in the order in which they are decoded, without those that no wanted frame needs, and the
 * number of the frame that each one becomes.
 *
 * A group is what stands between two packets that forget all before them (IDR pictures; every packet where pictures stand
 * alone). A group whose frames are all gone before the wanted time is not decoded, and of the group that has the wanted
 * frame the packets that no other picture refers to and that are shown before it are not, either. That is done as long as
 * the file keeps to it: each packet has a time stamp of its own, and none of a group is shown before or behind its group.
 * Otherwise everything is decoded from there on: the frames are the same, it takes longer. */
#ifndef GR_VIDEO_PACKETS_H
#define GR_VIDEO_PACKETS_H

#include "video/library.h"

typedef struct gr_packet_number {
    int64_t pts, number;
} gr_packet_number;

/* Made by gr_packets_begin. */
typedef struct gr_packets {
    const gr_ffmpeg *lib;
    AVFormatContext *format;
    const AVCodecParameters *codec;
    int stream;
    int prefix;       /* bytes of a length before each unit of a packet; 0: start codes */
    bool grouped;     /* still true to what is said above */
    AVPacket **queue; /* [count] the group; those before `at` are gone */
    int count, at, room;
    int64_t target; /* the time stamp of the frame that is wanted of this group; earlier ones only as others need them */
    size_t bytes;
    AVPacket *ahead;           /* the first packet of the next group */
    int end;                   /* why there are no more: 0, AVERROR_EOF or another */
    bool damaged;              /* the last packet is not whole */
    int64_t shown;             /* frames of the groups before this one */
    gr_packet_number *numbers; /* [number_count] of frames that are still to come, in their order; from number_at on */
    int number_at, number_count, number_room;
} gr_packets;

/* Begins at the file's first packet; `every` skips nothing. `format` is BORROWED. */
void gr_packets_begin(gr_packets *packets, const gr_ffmpeg *lib, AVFormatContext *format, int stream, bool every);
/* The next packet to decode goes to *out (GIVES), NULL at the end (`end` and `damaged` say why). `wanted` is the time stamp,
 * in the stream's units, up to which only the last frame is wanted; INT64_MIN: all are. Fails: GR_NOMEM. */
gr_status gr_packets_next(gr_packets *packets, int64_t wanted, AVPacket **out, gr_error *err) GR_MUST_CHECK;
/* The number of the frame with that time stamp, -1 when the packets do not say it. Frames come in the order of time. */
int64_t gr_packets_number(gr_packets *packets, int64_t pts);
void gr_packets_end(gr_packets *packets);

#endif
