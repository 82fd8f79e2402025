#!/bin/bash
# From a photograph to a score: a detector, a network that finds how the face lies, the face turned upright, all its landmarks,
# descriptors, boosted trees; each run asks the one before it, nobody is told of by who trained on it, and what is refused.
. "$(dirname "$0")/common.sh"
"$GRIMACE" data synth --preset mini --animals 6 --images 10 --out faces >/dev/null
"$GRIMACE" data synth --scene cage --animals 12 --images 6 --size 320 --out cage >/dev/null
cat >detector.yaml <<'YAML'
task: boxes
data: {manifest: cage/manifest.csv, group: cage}
split: {scheme: holdout, test: 0.3}
model: {classic: cascade, cascade: {width: 20, height: 20, haar: basic, stages: 8, negatives: 300, copies: 4, trees: 20}}
YAML
"$GRIMACE" train detector.yaml --out detector >/dev/null
cp detector/fold-0/cascade.xml face.xml
# Faces that were cut out have a box; photographs of cages have none.
sed '1s/$/,box_x,box_y,box_w,box_h/; 2,$s/$/,4,4,56,56/' faces/manifest.csv >faces/boxed.csv
cat >pose.yaml <<'YAML'
name: pose
data:
  manifest: faces/boxed.csv
  group: animal
  crop: face.xml
  image: {size: 32}
  landmarks: [4, 5, 6, 1, 2, 3, 8, 9, 11, 12, 13, 14, 15, 16]
split: {scheme: group_kfold, folds: 3}
model: {backbone: blackmice_cnn, head: landmarks, mlp: {pool: flatten, hidden: [64], dropout: 0}}
loss: {name: wing}
optimizer: {lr: 1.0e-3}
train: {epochs: 12, batch_size: 8}
YAML
cat >upright.yaml <<'YAML'
name: upright
data:
  manifest: faces/boxed.csv
  group: animal
  image: {size: 32}
  align: synth18
  align_margin: 0.3
  landmarks_from: pose.yaml
split: {scheme: group_kfold, folds: 3}
model: {backbone: blackmice_cnn, head: landmarks, mlp: {pool: flatten, hidden: [64], dropout: 0}}
loss: {name: wing}
optimizer: {lr: 1.0e-3}
train: {epochs: 12, batch_size: 8}
YAML
cat >trees.yaml <<'YAML'
name: trees
data: {manifest: faces/boxed.csv, label: pain, group: animal, features: {describe: rats18}, landmarks_from: upright}
split: {scheme: group_kfold, folds: 3}
model: {classic: boosted, boosted: {trees: 20, depth: 2}}
YAML
cat >classes.yaml <<'YAML'
name: classes
data: {manifest: faces/manifest.csv, label: pain, group: animal, image: {size: 32}, align: synth18, train_transforms: [], eval_transforms: []}
split: {scheme: group_kfold, folds: 3}
model: {backbone: blackmice_cnn, head: linear}
train: {epochs: 2, batch_size: 8}
YAML
photo=cage/images/cage1_s1_1.jpg

# Two networks by one command.
says "one config trains both networks" 0 "The run lies in upright" cv upright.yaml --out upright
check "the first one in the run" [ -s upright/landmarks/predictions.csv ]
check "which the config of the run names" grep -q "landmarks_from: landmarks$" upright/config.yaml
says "which goes on" 0 "was finished before" cv upright.yaml --out upright --resume
says "or is not begun anew" 2 "upright: holds a run already" cv upright.yaml --out upright
says "with the run that it has made" 0 "The run lies in" cv upright.yaml data.landmarks_from=upright/landmarks --out again
check "all is the same" cmp upright/predictions.csv again/predictions.csv
says "in two processes" 0 "The run lies in" cv upright.yaml data.landmarks_from=upright/landmarks --out jobs --jobs 2
check "too" cmp upright/predictions.csv jobs/predictions.csv
says "evaluated on its own table" 0 "60 of 60 rows judged" evaluate upright --manifest faces/boxed.csv --out judged
lands() { awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "lm1_x") at = i; next } { printf "%s", $1; for (i = at; i < at + 36; i++) printf ",%s", $i; print "" }' "$1" | sort; }
check "each image is told of as in the run" near <(lands upright/predictions.csv) <(lands judged/predictions.csv)
"$GRIMACE" detect face.xml $photo >box.csv
"$GRIMACE" predict upright $photo >places.csv
check "places lie in the photograph's face" awk -F, 'FNR == 2 && NR == 2 { x = $2 + $4 / 2; y = $3 + $5 / 2; r = $4 * 1.5; next }
    FNR == 2 { for (i = 2; i <= 36; i += 2) if ($i < x - r || $i > x + r || $(i + 1) < y - r || $(i + 1) > y + r) exit 1; seen = 1 }
    END { exit !seen }' box.csv places.csv

# Faces turned while they are loaded are those of data align.
says "by the table's landmarks" 0 "The run lies in" cv classes.yaml --out classes
"$GRIMACE" data align faces/manifest.csv --by synth18 --size 32 --margin 0.1 --out turned >/dev/null
says "pictures turned before" 0 "The run lies in" cv classes.yaml data.align=null data.manifest=turned/manifest.csv --out before
check "are the same pixels" cmp <(cut -d, -f5- classes/predictions.csv) <(cut -d, -f5- before/predictions.csv)
"$GRIMACE" data align faces/manifest.csv --to procrustes --size 64 --margin 0.1 --save-template mean.csv --out mean >/dev/null
says "by a template" 0 "The run lies in" cv classes.yaml data.align=null data.align_to=mean.csv data.align_size=40 \
    'data.eval_transforms=[{resize: 32}]' 'data.train_transforms=[{random_crop: 32}]' --out template
says "which the model remembers" 0 "^images/rat1_s1_1.png" predict template --manifest faces/manifest.csv
says "local binary patterns" 0 "The run lies in" cv classes.yaml model.classic=lbp_svm --out lbp
says "a table with landmarks" 0 "^images/rat1_s1_1.png" predict classes --manifest faces/manifest.csv
says "a picture has none" 2 "classes: turns faces upright by landmarks of a table; --manifest" predict classes faces/images/rat1_s1_1.png
says "nor for heat maps" 2 "turns faces upright by landmarks of a table" explain classes faces/images/rat1_s1_1.png --method gradcam --out maps
says "a table for heat maps" 0 "60 images explained" explain classes --manifest faces/manifest.csv --method gradcam --out maps
says "a page" 0 "12 examples" report classes
says "a network asks a run, too" 0 "The run lies in" cv classes.yaml data.landmarks_from=upright --out asked
says "of photographs" 0 "^$photo," predict asked $photo
says "with heat maps" 0 "1 image explained" explain asked $photo --method gradcam --out asked-maps

# Trees on what it finds.
if "$GRIMACE" cv trees.yaml --out trees 2>&1 >/dev/null | grep -q "need XGBoost's library"; then
    echo "skipped: libxgboost is not installed"
    exit $bad
fi
check "trees" [ -s trees/predictions.csv ]
says "predict a photograph" 0 "^$photo,[01],0\." predict trees $photo
cp out.txt one.txt
says "and explain it" 0 "why/shap.csv: 1 of 1 images explained" explain trees $photo --method shap --out why
check "shares sum to the margin" awk -F, 'NR == 2 { for (i = 5; i <= NF; i++) sum += $i; d = sum - $4; ok = d < 1e-4 && d > -1e-4 } END { exit !ok }' why/shap.csv
check "and stand in a figure" bash -c "grep -q '^Written: why/shap_waterfall.svg' out.txt && grep -q '<svg' why/shap_waterfall.svg"
check "whose numbers are told" grep -Eq "^From the bias of the trees to the margin of an image, feature by feature\. .*, moved most by" out.txt
cut -d, -f1,2,4 faces/boxed.csv >faces/few.csv
says "a table without landmarks" 0 "60 of 60 rows judged" evaluate trees --manifest faces/few.csv --out few
says "what the run tested" 0 "60 of 60 rows judged" evaluate trees --manifest faces/boxed.csv --out same
check "has the run's numbers" cmp <(cut -d, -f1,5-7 trees/predictions.csv | sort) <(cut -d, -f1,5-7 same/predictions.csv | sort)
says "explained" 0 "60 of 60 rows" explain trees --manifest faces/boxed.csv --method shap --out why-all
check "as the run did" cmp <(sort why-all/shap.csv) <(sort trees/shap.csv)
says "one model alone" 0 "^$photo," predict trees/fold-1/model.json $photo
says "all networks and trees by one command" 0 "The run lies in" cv trees.yaml data.landmarks_from=upright.yaml --out whole
check "are the same trees" cmp trees/predictions.csv whole/predictions.csv
mkdir there && mv whole face.xml there
says "may move together" 0 "^$photo," predict there/whole $photo
check "with the same answer" cmp one.txt out.txt
mv there/face.xml . && mv there/whole .

# No face, and what else is wrong.
echo iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAAAAACPAi4CAAAALElEQVR42u3MMREAAAgEoNeY9g9iCDcPAlCTm45AIBAIBAKBQCAQCASC58EC1u0A2qVz2eUAAAAASUVORK5CYII= | base64 -d >blank.png
says "no face" 1 "blank.png: face finds no face in it; 1 of 2 images could not be read" predict trees $photo blank.png
check "has an empty row" grep -qx 'blank.png,,,,,0,,face finds no face in it' out.txt
says "nor is it explained" 1 "blank.png: face finds no face in it; 1 of 2 images could not be explained" explain trees $photo blank.png --method shap --out why-some
says "nor looked at" 1 "blank.png: face finds no face in it" explain asked $photo blank.png --method gradcam --out asked-some
{ head -1 faces/few.csv && sed -n '2,$p' faces/few.csv | sed 's#^#faces/#' && echo blank.png,rat1,1; } >all.csv
says "training refuses it" 2 "all.csv:62: image: blank.png: face finds no face in it; [0-9]+ of 61 images" cv trees.yaml data.manifest=all.csv data.at_most=0 --out no
says "data check lists it" 2 "blank.png: face finds no face in it" data check trees.yaml data.manifest=all.csv
check "nothing is written" [ ! -e no ]
says "a missing run" 2 "command line: data.landmarks_from: .*nowhere: there is no such run of landmarks" cv trees.yaml data.landmarks_from=nowhere --out no
"$GRIMACE" train pose.yaml data.landmarks=[] data.crop=null train.epochs=1 --out once >/dev/null || no "a run of one fold"
says "a run that trained on the images" 2 "command line: data.landmarks_from: all folds of .*once trained on 40 of the 60 images or on their groups, such as .*k-fold" \
    cv trees.yaml "data.landmarks_from=$PWD/once" --out no
sed 's/group_kfold, folds: 3/holdout, test: 0.4/' upright.yaml >holdout.yaml
says "a config of one, before it is trained" 2 "data.landmarks_from: is .*holdout.yaml, whose split.scheme holdout trains on images of this manifest" \
    cv trees.yaml data.landmarks_from=holdout.yaml --out no
check "nothing is trained" [ ! -e no ]
says "a run of another task" 2 "classes: is a model for classes, which finds no landmarks" cv trees.yaml data.landmarks_from=classes --out no
says "a config of another task" 2 "learns classes and finds no landmarks" cv upright.yaml data.landmarks_from=classes.yaml --out no
says "a landmark that it lacks" 2 "data.features.describe: needs landmark 7, which .*upright/landmarks does not find" cv trees.yaml data.landmarks_from=upright/landmarks --out no
says "or the rule" 2 "data.align: needs landmark 17, which .*landmarks does not find" cv upright.yaml data.align=1:2:17 data.landmarks_from=upright/landmarks --out no
says "no such rule" 2 'command line: data.align: "fgs" is no list of landmarks' cv upright.yaml data.landmarks_from=upright/landmarks data.align=fgs --out no
says "a column that is not there" 2 "data.align: needs landmark 29, and there is no column lm29_x" cv classes.yaml data.align=fgs37 --out no
says "no template" 2 "data.align_to: .*nowhere.csv" cv classes.yaml data.align=null data.align_to=nowhere.csv --out no
says "two ways" 2 "data.align_to: is set, and data.align too" cv classes.yaml data.align_to=mean.csv --out no
says "cut twice" 2 "data.align: cuts faces by their landmarks, and data.crop" cv classes.yaml data.crop=face.xml --out no
says "a run for nothing" 2 "data.landmarks_from: finds landmarks for data.align or data.features.describe" cv classes.yaml data.align=null data.landmarks_from=upright --out no
says "pictures that trees do not read" 2 "data.align: turns faces upright for networks and lbp_svm, and model.classic is boosted" cv trees.yaml data.align=synth18 --out no
awk -F, 'BEGIN { OFS = "," } NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR == 3 { for (k = 1; k <= 3; k++) $at["lm" k "_x"] = $at["lm" k "_y"] = "" } { print }' faces/manifest.csv >faces/gaps.csv
says "a face that lies nobody knows how" 2 "gaps.csv:3: image: .*: its landmarks do not tell how the face lies; 1 of 60" cv classes.yaml data.manifest=faces/gaps.csv --out no
says "is left out of predictions" 1 "gaps.csv:3: .*its landmarks do not tell how the face lies" predict classes --manifest faces/gaps.csv
cp -r upright changed && sed 's#landmarks_from: upright#landmarks_from: changed#' trees.yaml >changed.yaml
says "a run" 0 "The run lies in" cv changed.yaml --out on-changed
cp -r again/fold-2/model.safetensors changed/fold-1/model.safetensors
says "that was trained anew" 2 "changed: has been trained anew since" predict on-changed $photo
rm -r changed
says "or is gone" 2 "changed: there is no such run of landmarks" predict on-changed $photo
exit $bad
