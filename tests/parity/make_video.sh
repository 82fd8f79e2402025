#!/bin/bash
# make_video.sh OUT: the small films that tests read, and what FFmpeg's tool says of them. Made with ffmpeg 5.1.9 (Debian 12, libx264
# 164, amd64); another version makes other bytes. OUT/frames.txt has a line for each frame of each film:
#     FILE NUMBER TIME END SHA256
# its time stamp and end in seconds from the first frame's, and the hash of its upright RGB pixels.
set -eu
out=$1
mkdir -p "$out"
cd "$out"
ff() { ffmpeg -hide_banner -v error -y -bitexact "$@"; }
film() { # SIZE RATE SECONDS FILE OPTIONS...
    local size=$1 rate=$2 seconds=$3 file=$4
    shift 4
    ff -f lavfi -i "testsrc2=size=$size:rate=$rate:duration=$seconds" -fflags +bitexact -flags:v +bitexact "$@" "$file"
}
small=(-c:v libx264 -crf 36 -threads 1)
film 64x48 25 2 bframes.mp4 "${small[@]}" -g 12 -bf 3
film 64x48 25 2 opengop.mkv "${small[@]}" -x264-params keyint=12:bframes=3:open-gop=1
ff -f lavfi -i testsrc2=size=64x48:rate=30:duration=2 -vf "select='not(mod(n\,7))+not(mod(n\,11))+lt(n\,8)'" -vsync vfr \
    "${small[@]}" -g 6 vfr.mp4
film 64x48 25 2 long.mp4 "${small[@]}" -g 100 -bf 3
ff -ss 0.77 -i long.mp4 -c copy edit.mp4 # an edit list from the middle of a group on
ff -i bframes.mp4 -c copy -output_ts_offset 5.3 start.ts
ff -i bframes.mp4 -t 0.4 -c copy -metadata:s:v:0 rotate=90 phone.mp4
film 66x50 5 1 deep.mp4 -vf scale=66:49 "${small[@]}" -pix_fmt yuv422p10le
ff -i deep.mp4 -c copy -metadata:s:v:0 rotate=270 phone422.mp4
film 64x48 5 1 straight.mov -vf scale=65:49 -c:v mjpeg -q:v 20 -pix_fmt yuvj420p
ff -i straight.mov -c copy -metadata:s:v:0 rotate=90 odd.mov && rm straight.mov
film 66x50 5 1 full.mp4 "${small[@]}" -pix_fmt yuvj420p -colorspace bt709
film 64x48 5 1 alone.avi -c:v mjpeg -q:v 20
ff -f lavfi -i color=c=0xc04020:size=1280x720:rate=5:duration=0.4 "${small[@]}" -pix_fmt yuv420p large.mp4
ff -f lavfi -i sine=duration=0.2 -c:a aac -b:a 16k sound.m4a
ff -i long.mp4 -c copy -movflags +faststart fast.mp4
head -c $(($(stat -c %s fast.mp4) * 8 / 10)) fast.mp4 >cut.mp4
head -c $(($(stat -c %s opengop.mkv) * 6 / 10)) opengop.mkv >cut.mkv
rm fast.mp4

for file in bframes.mp4 opengop.mkv vfr.mp4 long.mp4 edit.mp4 start.ts phone.mp4 deep.mp4 phone422.mp4 odd.mov full.mp4 alone.avi large.mp4; do
    ffmpeg -v error -i "$file" -map 0:v:0 -vsync 0 -f framehash -hash sha256 -pix_fmt rgb24 - | sed '/^#/d; s/.*, *//' >hashes
    ffprobe -v error -select_streams v:0 -show_entries frame=best_effort_timestamp_time,pkt_duration_time -of csv=p=0 "$file" | grep "[0-9]" >times
    paste -d' ' <(tr ',' ' ' <times) hashes | awk -v file="$file" '
        NR == 1 { first = $1 }
        { printf "%s %d %.6f %.6f %s\n", file, NR - 1, $1 - first, $1 + $2 - first, $3 }'
done >frames.txt
rm hashes times
