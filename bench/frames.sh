#!/bin/bash
# frames.sh GRIMACE [VIDEO]: pictures at 1 Hz from a video by grimace and by `ffmpeg -vf fps=1`, in turn, three times each; least seconds, CPU
# seconds and the most memory. VIDEO: 1920 x 1080, H.264, 60 s, made by ffmpeg, when left out. Exit status 1 when grimace's least time is
# more than 1.1 of ffmpeg's.
set -eu
[ $# -ge 1 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
grimace=$(realpath "$1")
command -v ffmpeg >/dev/null || { echo "grimace: run: sudo apt-get install -y ffmpeg" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
video=${2:-$work/video.mp4}
[ $# -ge 2 ] || ffmpeg -v error -f lavfi -i "testsrc2=size=1920x1080:rate=30:duration=60,noise=alls=6:allf=t" -c:v libx264 \
    -preset veryfast -pix_fmt yuv420p "$video"
echo "$video: $(ffprobe -v error -select_streams v:0 -show_entries stream=width,height,nb_frames -of csv=p=0 "$video"), $(nproc) cores"

# once NAME COMMAND...: wall and CPU seconds and memory (MB) of one run go to NAME's list.
once() {
    local name=$1
    shift
    rm -rf "$work/$name" && mkdir "$work/$name"
    python3 - "$@" >>"$work/$name.txt" <<'PY'
import resource, subprocess, sys, time
begin = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.monotonic() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
PY
}
for turn in 1 2 3; do
    once grimace "$grimace" data frames "$video" --rate 1 --force --out "$work/grimace"
    once ffmpeg ffmpeg -y -v error -i "$video" -vf fps=1 "$work/ffmpeg/%05d.png"
done
least() { sort -g -k "$2,$2" "$work/$1.txt" | awk -v c="$2" 'NR == 1 { print $c }'; }
for name in grimace ffmpeg; do
    printf '%-8s %6.2f s  %6.2f CPU s  %5.0f MB  %d pictures, %d kB\n' $name "$(least $name 1)" "$(least $name 2)" \
        "$(sort -g -k 3,3 "$work/$name.txt" | tail -n 1 | cut -d' ' -f3)" "$(find "$work/$name" -name '*.png' | wc -l)" \
        "$(find "$work/$name" -name '*.png' -printf '%s\n' | awk '{ s += $1 } END { printf "%d", s / 1024 }')"
done
awk -v a="$(least grimace 1)" -v b="$(least ffmpeg 1)" 'BEGIN { printf "grimace takes %.2f of ffmpeg\n", a / b; exit a > 1.1 * b }'
