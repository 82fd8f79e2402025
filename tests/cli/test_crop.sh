#!/bin/bash
# data.crop: faces cut out while pictures are loaded, as a table of boxes would cut them; whole pictures through predict.
. "$(dirname "$0")/common.sh"
here=$(realpath "$parity_runs/../detect")
cp "$here"/tilted.xml "$here"/haar.xml .
"$GRIMACE" data synth --preset mini --size 96 --animals 3 --images 8 --out faces >/dev/null
cat >crop.yaml <<'YAML'
name: crop
data:
  manifest: faces/manifest.csv
  label: pain
  group: animal
  image: {size: 32}
  crop: tilted.xml
  train_transforms: [{resize: 36}, {random_crop: 32}]
model: {backbone: blackmice_cnn, head: linear}
train: {epochs: 1, batch_size: 16}
YAML

# The same as with the detector's table.
says "a detector's boxes" 0 'boxes.csv: 24 images, 0 without a face' detect tilted.xml --manifest faces/manifest.csv --out faces/boxes.csv
says "a run that crops" 0 'The run lies in' cv crop.yaml --out run
grep -v '^  crop:' crop.yaml | sed 's/manifest.csv/boxes.csv/' >boxed.yaml
says "a run on boxes" 0 'The run lies in' cv boxed.yaml --out boxed
check "are one" cmp -s run/predictions.csv boxed/predictions.csv
says "and a run on whole pictures" 0 'The run lies in' cv crop.yaml data.crop=null --out whole
check "another" [ "$(md5sum <run/predictions.csv)" != "$(md5sum <whole/predictions.csv)" ]
says "a margin" 0 'The run lies in' cv crop.yaml data.crop_margin=0.2 data.crop_square=true --out wide
check "is another, too" [ "$(md5sum <run/predictions.csv)" != "$(md5sum <wide/predictions.csv)" ]
sed 's/tilted.xml/chain.yaml/' crop.yaml >chained.yaml
printf 'detectors:\n  face: {file: tilted.xml}\nsteps:\n  - whole: face\n' >chain.yaml
says "a chain" 0 'The run lies in' cv chained.yaml --out chained
check "of one detector is that detector" cmp -s run/predictions.csv chained/predictions.csv
says "the classic learner" 0 'The run lies in' cv crop.yaml model.classic=lbp_svm --out lbp
says "of boxes" 0 'The run lies in' cv boxed.yaml model.classic=lbp_svm --out lbp-boxed
check "likewise" cmp -s lbp/predictions.csv lbp-boxed/predictions.csv

# Whole pictures.
"$GRIMACE" predict run faces/images/rat1_s1_1.png | tail -n 1 >one.txt
"$GRIMACE" predict boxed --manifest faces/boxes.csv | grep '^images/rat1_s1_1.png' >two.txt
check "predict cuts, too" near <(cut -d, -f2-4 one.txt) <(cut -d, -f2-4 two.txt)
says "one model alone" 0 '^faces/images/rat1_s1_1.png,' predict run/fold-rat1/model.safetensors faces/images/rat1_s1_1.png
mkdir there && mv run tilted.xml there
check "both may move" [ "$("$GRIMACE" predict there/run faces/images/rat1_s1_1.png | tail -n 1)" = "$(cat one.txt)" ]
cp there/tilted.xml . && mv there/run .
says "an exported one" 0 'safetensors' export run/fold-rat1/model.safetensors --format safetensors --out there/e.safetensors
says "names the detector from its own folder on" 0 '^faces' predict there/e.safetensors faces/images/rat1_s1_1.png
echo iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAAAAACPAi4CAAAALElEQVR42u3MMREAAAgEoNeY9g9iCDcPAlCTm45AIBAIBAKBQCAQCASC58EC1u0A2qVz2eUAAAAASUVORK5CYII= | base64 -d >blank.png
says "a picture without a face" 1 'blank.png: tilted finds no face in it; 1 of 2 images' predict run faces/images/rat1_s1_1.png blank.png
check "has its row" grep -qx 'blank.png,,,,,0,,tilted finds no face in it' out.txt
says "explain tells it, too" 1 'blank.png: tilted finds no face in it' explain run faces/images/rat1_s1_1.png blank.png --method gradcam --out maps
check "and explains the other" [ -e maps/faces_images_rat1_s1_1.gradcam.png ]
cut -d, -f1,2,4 faces/manifest.csv | sed '1!s#^#faces/#' >all.csv
echo blank.png,rat1,1 >>all.csv
says "evaluate leaves it out" 1 'all.csv:26: image: tilted finds no face in it; 1 of 25 rows' evaluate run --manifest all.csv --out judged
says "training refuses it" 2 'all.csv:26: image: .*blank.png: tilted finds no face in it' cv crop.yaml data.manifest=all.csv --out refused
check "before anything is written" [ ! -e refused ]
says "data check lists such" 2 'all.csv:26: image: blank.png: tilted finds no face in it' data check crop.yaml data.manifest=all.csv
sed 's/$/,,,,/; 1s/.*/image,animal,pain,box_x,box_y,box_w,box_h/; $s/,,,,$/,4,4,40,40/' all.csv >mended.csv
says "a box of its own mends that" 0 'The run lies in' cv crop.yaml data.manifest=mended.csv --out mended

# A film: each frame is cut.
if ! "$GRIMACE" data frames none.avi --out nothing 2>&1 | grep -q 'built without FFmpeg'; then
    "$GRIMACE" data synth --scene cage --seconds 1 --animals 1 --images 1 --size 320 --out film >/dev/null
    says "a film" 0 'videos/rat1' predict run --video film/videos/rat1_s1_1.avi --rate 2
    "$GRIMACE" data frames film/videos/rat1_s1_1.avi --rate 2 --out frames >/dev/null
    check "has the numbers of its frames" [ "$(grep -c . out.txt)" -eq 3 ]
    cut -d, -f4- out.txt | tail -n +2 >film.txt
    "$GRIMACE" predict run --manifest frames/manifest.csv | tail -n +2 | cut -d, -f2-4 >frames.txt
    check "to the last digit" cmp -s film.txt frames.txt
fi

# What is wrong.
says "no such detector" 2 'data.crop: .*none.xml: there is no such detector' cv crop.yaml data.crop=none.xml --out x
says "a model of another task" 2 'data.crop: .*run: is a model for classes, which finds no boxes' cv crop.yaml data.crop=run --out x
says "one that is none" 2 'data.crop: .*blank.png: is no detector' cv crop.yaml data.crop=blank.png --out x
cp haar.xml tilted.xml
says "a detector that changed" 2 'tilted.xml: has changed since' predict run faces/images/rat1_s1_1.png
says "whose run is not resumed" 2 'another config, manifest or split' cv crop.yaml --out run --resume
rm tilted.xml
says "one that is gone" 2 'cuts faces out by a detector: .*tilted.xml: there is no such detector' predict run faces/images/rat1_s1_1.png
exit $bad
