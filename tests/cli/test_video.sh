#!/bin/bash
# Films to pictures, tables and crops as a user makes them; where FFmpeg's tool is here, its pixels are the judge.
films=$(realpath "$(dirname "$0")/../parity/video")
. "$(dirname "$0")/common.sh"
cp "$films"/*.* .
if "$GRIMACE" data frames long.mp4 --out nothing 2>&1 | grep -q 'built without FFmpeg'; then
    says "a build without FFmpeg says what to install" 2 "libavformat-dev" data frames long.mp4 --out nothing
    check "and makes nothing" [ ! -e nothing ]
    exit $bad
fi

# ---- frames
rm -rf nothing
says "frames of two films" 0 'pictures of 2 videos' data frames bframes.mp4 vfr.mp4 --rate 4 --out two
check "the manifest's header" [ "$(head -n 1 two/manifest.csv)" = image,video,time,frame ]
check "the frame that is shown, and its own time" grep -qx 'images/bframes_000001.png,bframes.mp4,0.240000,6' two/manifest.csv
check "an uneven film: the frame before the gap" grep -qx 'images/vfr_000001.png,vfr.mp4,0.233333,7' two/manifest.csv
check "a row for each time" [ "$(grep -c bframes two/manifest.csv)" -eq 8 ]
check "all pictures are there, and nothing else" [ "$(ls two/images | wc -l)" -eq "$(($(wc -l <two/manifest.csv) - 1))" ]
says "a folder that holds files" 2 'holds files already' data frames bframes.mp4 --out two
says "unless it is forced" 0 '2 pictures' data frames bframes.mp4 --out two --force
says "JPEGs" 0 '2 pictures' data frames long.mp4 --jpg 80 --out jpg
check "are JPEGs" [ "$(head -c 3 jpg/images/long_000000.jpg | od -An -tx1)" = " ff d8 ff" ]
says "an untagged large film is told of" 0 'notice: .*large.mp4: .*BT.601' data frames large.mp4 --out large
says "and not where the user says it" 0 '^l7/manifest.csv: 1 picture' data frames large.mp4 --matrix bt709 --out l7
check "which is another colour" [ "$(md5sum <large/images/large_000000.png)" != "$(md5sum <l7/images/large_000000.png)" ]
if command -v ffmpeg >/dev/null; then
    for film in bframes.mp4 phone.mp4 phone422.mp4 odd.mov full.mp4 deep.mp4 edit.mp4; do
        name=${film%.*}
        rm -rf pixels && mkdir pixels
        "$GRIMACE" data frames "$film" --rate 100 --different 1e-9 --out "pixels/$name" >/dev/null
        first=$(ffmpeg -v error -i "$film" -frames:v 1 -f rawvideo -pix_fmt rgb24 - | md5sum)
        ours=$(ffmpeg -v error -i "pixels/$name/images/${name}_000000.png" -f rawvideo -pix_fmt rgb24 - | md5sum)
        check "$film: the pixels of ffmpeg here" [ "$first" = "$ours" ]
    done
fi

# ---- what is left out
says "nothing is like white" 0 'manifest.csv: 0 pictures.* 2 left out: too dark or bright' data frames long.mp4 --exposure 250,255 --out white
says "nothing is that sharp" 0 '0 pictures.*2 left out: blurred' data frames long.mp4 --sharp 900000 --out sharp
says "frames that are shown again" 0 'left out: like the last one kept' data frames long.mp4 --rate 50 --different 0.001 --out different
check "are kept once" [ "$(wc -l <different/manifest.csv)" -le 51 ]
says "a rate above the film's is told" 0 'notice: at 50 of the 100 times' data frames long.mp4 --rate 50 --out fifty

# ---- a table
mkdir study && cp bframes.mp4 long.mp4 study
printf 'video,start,end,score,infant\nbframes.mp4,0,1,0,k1\nbframes.mp4,1,2,3,k1\nlong.mp4,0.5,,1,k2\nlong.mp4,7,9,1,k2\n' >study/scores.csv
says "rates by score" 0 'notice: .*scores.csv:5: begins behind the last frame of long.mp4' \
    data frames --table study/scores.csv --rate-by 'score:0=1,1=2,*=4' --out scored
check "carry their columns" [ "$(head -n 1 scored/manifest.csv)" = image,video,time,frame,score,infant ]
check "one a second, four a second, two a second" [ "$(tail -n +2 scored/manifest.csv | cut -d, -f3,5 | tr '\n' ' ')" = \
    "0.000000,0 1.000000,3 1.240000,3 1.480000,3 1.720000,3 0.480000,1 1.000000,1 1.480000,1 " ]
printf 'video,start\nbframes.mp4,1:30\n' >wrong.csv
says "a time that is none" 2 'wrong.csv:2: start: "1:30" is no time' data frames --table wrong.csv --out x
printf 'video\nbframes.mp4\nnone.mp4\n' >wrong.csv
says "a film that is not there" 2 'wrong.csv:3: video: none.mp4: is not there' data frames --table wrong.csv --out x

# ---- broken ones
says "a film that is cut off" 1 'cut.mp4: is cut off behind frame [0-9]+ \(at ' data frames cut.mp4 long.mp4 --rate 25 --out cut
check "gives what is there, and the other film" [ "$(grep -c long.mp4 cut/manifest.csv)" -eq 50 ]
check "up to the break" [ "$(grep -c cut.mp4 cut/manifest.csv)" -ge 5 ]
check "the same pictures" cmp -s cut/images/cut_000004.png cut/images/long_000004.png
says "sound alone" 2 'sound.m4a: has sound alone and no video' data frames long.mp4 sound.m4a --out x
says "text" 2 'wrong.csv: is no video' data frames wrong.csv --out x
says "no film" 2 'no video is named' data frames --out x
says "two ways at once" 2 'both given' data frames long.mp4 --table wrong.csv --out x
says "a rate of nothing" 2 '"0" is no rate' data frames long.mp4 --rate 0 --out x
says "no such matrix" 2 'bt601 or bt709' data frames long.mp4 --matrix bt2020 --out x
check "nothing of these is left" [ ! -e x ]

# ---- predictions over time
make_data
"$GRIMACE" train config.yaml train.epochs=1 --out run >/dev/null || no "a training"
says "a table over time" 0 '^video,time,frame,predicted,p_0,p_1$' predict run --video long.mp4 --rate 25
"$GRIMACE" predict run --video long.mp4 --rate 25 --out film.csv >/dev/null
"$GRIMACE" data frames long.mp4 --rate 25 --out all >/dev/null
"$GRIMACE" predict run --manifest all/manifest.csv --out pictures.csv >/dev/null
check "is that of the pictures" cmp -s <(cut -d, -f4- film.csv) <(cut -d, -f2-4 pictures.csv)
check "its times and frames too" cmp -s <(cut -d, -f2,3 film.csv) <(cut -d, -f3,4 all/manifest.csv)
says "up to the break" 1 'cut.mkv: is cut off' predict run --video cut.mkv --rate 25 --out cut.csv
check "the rows are there" [ "$(wc -l <cut.csv)" -gt 5 ]
says "a rate without a film" 2 'rate goes with --video' predict run a.png --rate 2
says "film and pictures" 2 'one of them is right' predict run a.png --video long.mp4

# ---- crops
awk -F, 'NR == 1 { print $0 ",box_x,box_y,box_w,box_h"; next } { print $0 (NR % 4 ? ",4,6,20,16" : ",,,,") }' data/manifest.csv >data/boxes.csv
says "crops" 0 '18 crops, 6 rows without a box' data crop data/boxes.csv --margin 0.1 --square --size 20 --whole --out crops --sheet crops.html
check "a page with each" [ "$(grep -c '^<figure' crops.html)" -eq 18 ]
sed -i '2s/,1$/,0/' crops/manifest.csv
says "training leaves it out" 0 'notice|rat' data split config.yaml data.manifest=crops/manifest.csv 'data.only=[keep=1]' --out split.csv
check "by one column" [ "$(grep -c _000000 split.csv)" -eq 0 ]
says "and so does another crop" 2 'has no column box_x' data crop crops/manifest.csv --only keep=1 --out again
printf 'image,box_x,box_y,box_w,box_h\ndata/%s,90,1,5,5\n' "$(cd data && ls -d images/* | head -n 1)" >over.csv
says "a box beyond the picture" 2 'over.csv:2: box_x: the box is beyond the picture of 32 x 32' data crop over.csv --out x
check "leaves nothing" [ ! -e x ]
exit $bad
