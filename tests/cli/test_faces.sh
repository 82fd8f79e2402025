#!/bin/bash
# data describe, data align, data augment, and their transforms in training.
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
pairs=1-4,2-5,3-6,7-10,8-11,9-12,15-16,17-18

# ---- descriptors ---------------------------------------------------------------------------------------------------------------
says "described" 0 "^d.csv: 18 descriptors of 24 rows" data describe data/manifest.csv --set rats18 --out d.csv
check "its columns" bash -c "head -n 1 d.csv | grep -q '^image,animal,.*,roll,eye_width,.*,whisker_pads$'"
check "without landmarks" bash -c "! head -n 1 d.csv | grep -q lm"
check "images are spelt from the new table on" grep -q "^data/images/rat1_s1_1.png,rat1" d.csv
says "there already" 2 "d.csv: is there already; --force overwrites it" data describe data/manifest.csv --set rats18 --out d.csv
says "the table itself" 2 "data/../data/manifest.csv: is the table itself" \
    data describe data/manifest.csv --set rats18 --out data/../data/manifest.csv --force
says "a set needs landmarks" 2 "data/manifest.csv:1: lm19_x: there is no such column, and fgs35 needs landmarks 1 to 37" \
    data describe data/manifest.csv --set fgs35 --out e.csv
says "no such set" 2 'no set of descriptors "fgs36"; there are catflw48, fgs35, mice18 and rats18' data describe data/manifest.csv --set fgs36 --out e.csv
"$GRIMACE" data describe --show fgs35 >fgs.yaml
sed 's/angle: \[21, 23, 22\]/angle: [21, 23, 38]/' fgs.yaml >wrong.yaml
says "a landmark that does not exist" 2 "wrong.yaml:[0-9]+: nose: there is no landmark 38, landmarks are 1 to 37" \
    data describe data/manifest.csv --set wrong.yaml --out e.csv
check "35 of them" [ "$(grep -c 'unit:' fgs.yaml)" = 35 ]
printf 'landmarks: 4\ndescriptors:\n  - {name: a, area: [1, 2, 2, 3], over: [1, 2, 3, 4]}\n' >flat.yaml
says "a polygon with a corner twice" 2 "flat.yaml:3: a: landmark 2 stands twice in one polygon" data describe data/manifest.csv --set flat.yaml --out e.csv
printf 'landmarks: 3\ndescriptors:\n  - {name: turn, angle: [1, 2, 3]}\n  - {name: far, distance: [1, 2], over: [2, 3]}\n' >own.yaml
printf 'image,lm1_x,lm1_y,lm2_x,lm2_y,lm3_x,lm3_y\na.png,0,3,0,0,4,0\nb.png,,,0,0,4,0\nc.png,1,1,2,2,2,2\n' >three.csv
says "gaps are counted" 0 "^notice: 2 values are empty, for a landmark is not known; the first is turn of three.csv:3" \
    data describe three.csv --set own.yaml --out three-d.csv
check "both kinds" grep -q "^notice: 2 values are empty, for landmarks lie in one place or line.*the first is turn of three.csv:4" out.txt
check "values" [ "$(cat three-d.csv)" = "$(printf 'image,turn,far\na.png,90,0.75\nb.png,,\nc.png,,')" ]
printf 'image,lm1_x,lm1_y,lm2_x,lm2_y,lm3_x,lm3_y\na.png,x,3,0,0,4,0\n' >text.csv
says "text for a number" 2 "text.csv:2: lm1_x: 'x' is no number of pixels" data describe text.csv --set own.yaml --out e.csv
printf 'image,far,lm1_x,lm1_y,lm2_x,lm2_y,lm3_x,lm3_y\na.png,1,1,3,0,0,4,0\n' >twice.csv
says "a column of that name" 2 "twice.csv:1: far: is there already" data describe twice.csv --set own.yaml --out e.csv
check "nothing half-written" [ ! -e e.csv ]

# ---- alignment ------------------------------------------------------------------------------------------------------------------
says "aligned" 0 "^al/manifest.csv: 24 faces of 48 x 48 pixels" data align data/manifest.csv --by synth18 --size 48 --out al
check "eyes are level" awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    { d = $at["lm1_y"] + $at["lm2_y"] + $at["lm3_y"] - $at["lm4_y"] - $at["lm5_y"] - $at["lm6_y"]; n++
      if (d > 0.01 || d < -0.01 || $at["lm4_x"] >= $at["lm1_x"]) exit 1 } END { exit n != 24 }' al/manifest.csv
check "descriptors are the same" bash -c "'$GRIMACE' data describe al/manifest.csv --set rats18 --out al.csv >/dev/null && awk -F, '
    NR == FNR { a[FNR] = \$0; next } FNR > 1 { n = split(a[FNR], p, \",\"); for (i = 0; i < 18; i++) { d = \$(NF - i) - p[n - i]
    if (\$(NF - i) != \"\" && (d > 1e-2 || d < -1e-2)) exit 1 } }' d.csv al.csv"
says "to the mean shape" 0 "^mean shape of [0-9]+ faces" data align data/manifest.csv --to procrustes --size 40 --out mean --save-template t.csv
says "to a template" 0 "^again/manifest.csv: 24 faces of 40 x 40" data align data/manifest.csv --to t.csv --size 40 --out again
check "the same bytes" diff -r mean again
sed -n '1p;2,23p' data/manifest.csv >few.csv
cp few.csv data/few.csv
says "by another table's landmarks" 0 "22 faces.*, 2 rows left out for want of landmarks" data align data/manifest.csv --by synth18 --landmarks data/few.csv --out few
says "no such landmark" 2 "--by: there is no landmark 37, which fgs37 needs; the table has 18" data align data/manifest.csv --by fgs37 --out no
says "a rule that is none" 2 '--by: "x" is no list of landmarks' data align data/manifest.csv --by x --out no
says "a network for some landmarks" 0 "^The run lies in pose" cv config.yaml model.head=landmarks 'data.train_transforms=[{resize: 16}]' \
    'data.landmarks=[4,5,6,1,2,3,8,11,13]' split.scheme=group_kfold split.folds=3 --out pose
check "which are numbered anew" bash -c "head -n 1 pose/predictions.csv | grep -q ',lm9_x,lm9_y$'"
says "aligned by what it predicted" 0 "24 faces" data align data/manifest.csv --landmarks pose/predictions.csv --by 1,2,3:4,5,6:7,8,9 --margin 2 --out posed
check "with all landmarks" bash -c "head -n 1 posed/manifest.csv | grep -q ',lm18_x,lm18_y'"
says "a landmark that the manifest lacks" 2 "data.landmarks: names landmark 19, but .*data/manifest.csv has 18" \
    cv config.yaml model.head=landmarks 'data.train_transforms=[{resize: 16}]' 'data.landmarks=[1,19]' --out no
says "a landmark twice" 2 "data.landmarks: names landmark 2 twice" \
    cv config.yaml model.head=landmarks 'data.train_transforms=[{resize: 16}]' 'data.landmarks=[2,2]' --out no
says "neither rule nor template" 2 "one of --by and --to says how faces are to lie" data align data/manifest.csv --out no
says "no template" 2 "three.csv: is no template" data align data/manifest.csv --to three.csv --out no
says "a folder that holds files" 2 "al: holds files already" data align data/manifest.csv --by synth18 --out al
says "the manifest's own folder" 2 "data/.: is the folder of data/manifest.csv" \
    data align data/manifest.csv --by synth18 --out data/. --force
cp -r data broken && head -c 100 data/images/rat2_s1_1.png >broken/images/rat2_s1_1.png
says "a broken picture" 2 "broken/manifest.csv:[0-9]+: image: .*rat2_s1_1.png" data align broken/manifest.csv --by synth18 --out no
check "nothing half-written" [ ! -e no ]

# ---- augmentation ---------------------------------------------------------------------------------------------------------------
cat >paper.yaml <<'YAML'
- {rotate: [[3, 19], [341, 357]], p: 0.5}
- {shear: [-0.16, 0.18], p: 0.5}
- {hflip: 0.5}
- {turn: [-90, -270], p: 0.3}
- {contrast: [0.6, 2], p: 0.5}
- {sharpness: [0.4, 8], p: 0.5}
- {brightness: [0.7, 1.6], p: 0.5}
- {colour: [0.2, 3.5], p: 0.5}
- {blur: [1.05, 2.9], p: 0.5}
YAML
says "augmented" 0 "^aug/manifest.csv: 120 pictures" data augment data/manifest.csv --pipeline paper.yaml --times 5 --flip-landmarks $pairs --out aug
taskset -c 0 "$GRIMACE" data augment data/manifest.csv --pipeline paper.yaml --times 5 --flip-landmarks $pairs --out aug1 >/dev/null
check "the same bytes with one thread" diff -r aug aug1
says "as a data set" 0 "0 errors" data check aug/manifest.csv
"$GRIMACE" data augment data/manifest.csv --pipeline paper.yaml --times 5 --flip-landmarks $pairs --seed 1 --out aug2 >/dev/null
check "another seed, other pictures" bash -c "! diff -rq aug aug2 >/dev/null"
says "mirrored landmarks need pairs" 2 "--flip-landmarks: is missing, but paper.yaml mirrors pictures with landmarks" \
    data augment data/manifest.csv --pipeline paper.yaml --out no
says "a pair that is none" 2 "--flip-landmarks: there is no landmark 99, data/manifest.csv has 18" \
    data augment data/manifest.csv --pipeline paper.yaml --flip-landmarks 1-99 --out no
printf -- '- {contrast: [2, 1]}\n' >bad.yaml
says "a bad list" 2 "bad.yaml:1: data.train_transforms: contrast .*expected \[lo, hi\]" data augment data/manifest.csv --pipeline bad.yaml --out no
echo "[]" >none.yaml
says "a list of nothing" 2 "none.yaml: is an empty list" data augment data/manifest.csv --pipeline none.yaml --out no
says "a forgotten value" 2 "augment: --faces needs a value behind it" data augment data/manifest.csv --pipeline paper.yaml --faces --out no
says "a number of times" 2 "--times" data augment data/manifest.csv --pipeline paper.yaml --times 0 --out no
says "no detector" 2 "no.xml" data augment data/manifest.csv --pipeline paper.yaml --flip-landmarks $pairs --faces no.xml --out no
check "nothing half-written" [ ! -e no ]

# A face that is cut is the detector's box, brought back to the picture's size; landmarks go along.
cp "$parity_runs"/../detect/tilted.xml "$parity_runs"/../detect/p1.png .
echo '- {hflip: 0}' >same.yaml
"$GRIMACE" detect tilted.xml p1.png --scale 1.1 --neighbors 2 >boxes.txt
IFS=, read -r _ x y w h _ < <(tail -n 1 boxes.txt)
size=$(od -An -tu1 -j16 -N8 p1.png | awk '{ print $3 * 256 + $4 "," $7 * 256 + $8 }')
faces="--faces tilted.xml --scale 1.1 --neighbors 2 --face-p 1 --flip-landmarks 1-2"
printf 'image,lm1_x,lm1_y,lm2_x,lm2_y\np1.png,%s,%s,%s,%s\n' "$x" "$y" $((x + w)) $((y + h)) >p.csv
says "cut to a face" 0 "1 picture, 1 of them cut to a face, 0 whole" data augment p.csv --pipeline same.yaml $faces --face-share 0 --out cut
check "its corners are the picture's" grep -qx "images/p1_000000_1.png,../p1.png,0,0,$size" cut/manifest.csv
says "too small a face" 0 "1 picture, 0 of them cut to a face, 1 whole" data augment p.csv --pipeline same.yaml $faces --face-share 0.99 --out whole
says "faces without a detector" 2 "are about --faces, which is missing" data augment p.csv --pipeline same.yaml --face-p 1 --out no

# ---- in training ----------------------------------------------------------------------------------------------------------------
says "a list in a file of its own" 0 "" train config.yaml "data.train_transforms=[{resize: 16}, {use: paper.yaml}]" --out used
written=$(sed 's/^- //' paper.yaml | paste -sd, -)
says "is the list itself" 0 "" train config.yaml "data.train_transforms=[{resize: 16}, $written]" threads=2 --out list
check "with the same bytes" same_runs used list
filters="[{resize: 16}, bilateral, laplacian]"
says "filters" 0 "" train config.yaml "data.train_transforms=$filters" "data.eval_transforms=$filters" train.epochs=1 --out filtered
says "and in prediction" 0 "rat1_s1_1" predict filtered data/images/rat1_s1_1.png
says "in the page" 0 "" report filtered
check "which says so" grep -q "filtered by a 3 × 3 Laplacian" filtered/report.html
says "in the model for others" 0 "" export filtered --format onnx --out filtered.onnx
check "which says so, too" grep -aqF '"bilateral": [3, 100, 100]' filtered.onnx
says "a probability that is none" 2 "p of blur is no probability from 0 to 1" train config.yaml "data.train_transforms=[{resize: 16}, {blur: [1, 2], p: 2}]" --out no
exit $bad
