#!/bin/bash
# data synth --scene cage: pictures and films, their tables, the same bytes for any number of threads.
. "$(dirname "$0")/common.sh"
says "pictures of cages" 0 '^cages/manifest.csv: 12 pictures, [0-9]+ without a face; boxes of [0-9]+ faces' \
    data synth --scene cage --animals 5 --images 6 --size 160 --out cages
check "a row for each face, one for a picture without" [ "$(tail -n +2 cages/manifest.csv | cut -d, -f1 | sort -u | wc -l)" -eq 12 ]
check "the table's columns" [ "$(head -n 1 cages/manifest.csv | cut -d, -f1-11)" = image,cage,session,animal,pain,score,box_x,box_y,box_w,box_h,eye_left_x ]
check "all pictures are there" [ "$(ls cages/images | wc -l)" -eq 12 ]
check "rats stay in their cage" [ "$(tail -n +2 cages/manifest.csv | awk -F, '$4 != "" { n = substr($4, 4); if ("cage" int((n + 2) / 3) != $2) print }' | wc -l)" -eq 0 ]
check "boxes lie within" [ "$(tail -n +2 cages/manifest.csv | awk -F, '$7 != "" && ($7 + $9 > 160 || $8 + $10 > 120)' | wc -l)" -eq 0 ]
says "not over a table" 2 'cages/manifest.csv: is there already' data synth --scene cage --out cages
taskset -c 0 "$GRIMACE" data synth --scene cage --animals 5 --images 6 --size 160 --out again >/dev/null
check "one thread makes the same" diff -r cages again
says "another seed" 0 'other/manifest.csv' data synth --scene cage --animals 5 --images 6 --size 160 --seed 8 --out other
check "makes others" [ "$(md5sum <cages/manifest.csv)" != "$(md5sum <other/manifest.csv)" ]

says "films" 0 '^films/videos/videos.csv: 4 films of 5 pictures, 160 x 120 pixels' data synth --scene cage --seconds 1 --animals 2 --images 4 --size 160 --out films
check "each rat with and without pain" [ "$(tail -n +2 films/videos/videos.csv | cut -d, -f4,5 | sort | tr '\n' ' ')" = "rat1,0 rat1,1 rat2,0 rat2,1 " ]
check "boxes of every frame" [ "$(tail -n +2 films/boxes.csv | wc -l)" -eq 20 ]
if ! "$GRIMACE" data frames none.avi --out nothing 2>&1 | grep -q 'built without FFmpeg'; then
    says "which data frames reads" 0 '20 pictures of 4 videos' data frames --table films/videos/videos.csv --rate 5 --out frames
    check "with what is known of them" [ "$(head -n 1 frames/manifest.csv)" = image,video,time,frame,cage,session,animal,pain,score ]
    check "at their times" grep -q '^images/rat1_s1_1_000004.png,rat1_s1_1.avi,0.800000,4,cage1,' frames/manifest.csv
fi

says "another scene" 2 "'cave' is no scene; cage would be right" data synth --scene cave --out x
says "a width that has no three quarters" 2 'a multiple of 4' data synth --scene cage --size 130 --out x
says "no length" 2 'not a number above 0' data synth --scene cage --seconds 0 --out x
says "a length of faces" 2 'no meaning without --scene' data synth --seconds 3 --out x
says "a preset of scenes" 2 'preset has no meaning with --scene' data synth --scene cage --preset mini --out x
check "nothing was made" [ ! -e x ]
exit $bad
