#!/bin/bash
# Honest doubt: comparisons by animal, warnings at the end of a run, batch norm's statistics computed anew, leaks between parts.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
docs=$(realpath "$parity_runs/../../../docs")

"$GRIMACE" data synth --preset mini --animals 6 --images 16 --size 32 --out faces >/dev/null
cat >svm.yaml <<'END'
name: svm
data: {manifest: faces/manifest.csv, label: pain, group: animal, image: {size: 32}}
split: {scheme: group_kfold, folds: 3}
model: {classic: lbp_svm, lbp: {grid: 4}}
END
"$GRIMACE" cv svm.yaml --out a >a.txt || no "a run"
"$GRIMACE" cv svm.yaml model.lbp.grid=2 --out b >b.txt || no "another run"
"$GRIMACE" cv svm.yaml split.scheme=leave_one_group_out --out c >c.txt || no "a run of other folds"

# by animal
says "stats by group" 0 "^by group .*jackknife  95 %" stats a
check "a sentence says what to read" grep -q "^Read the intervals by the jackknife;" out.txt
check "and in statistics.json" grep -q '"effective_n"' a/statistics.json
says "compare by animal" 0 "^animal  *differs" compare a b --count 100 --out ab.json
check "all swaps of six animals" grep -q '^p: all swaps of the runs in whole groups (6 groups)' out.txt
check "folds are tested" grep -q '^Corrected t test over 3 folds: accuracy' out.txt
check "what to read" grep -q '^Read these, by animal' out.txt
check "and as JSON" grep -q '"by_fold"' ab.json
says "folds that differ are told" 0 "^Warning: the folds differ" compare a c
check "and not tested" [ "$(grep -c '^Corrected t' out.txt)" -eq 0 ]
cut -d, -f1,3- a/predictions.csv >plain.csv
says "without animals" 0 "^There are no groups" compare plain.csv plain.csv
says "a bad count" 2 "compare: --count: \"0\" is not a whole number from 1" compare a b --count 0

# a size that tells the label
mkdir -p bright/i
printf 'image,animal,pain\n' >bright/manifest.csv
for ((n = 0; n < 96; n++)); do
    animal=$((n / 16)) pain=$((n % 2)) side=$((36 + n % 2 * 8))
    "$GRIMACE" data synth --preset mini --animals 2 --images 4 --size $side --seed $n --out one >/dev/null
    cp "$(find one/images -name '*.png' | LC_ALL=C sort | head -n 1)" bright/i/x$((n * 7919 % 1000)).png
    echo "i/x$((n * 7919 % 1000)).png,rat$animal,$pain" >>bright/manifest.csv
    rm -r one
done
"$GRIMACE" cv svm.yaml data.manifest=bright/manifest.csv data.label=pain --out d >d.txt || no "a run with a shortcut"
check "a shortcut is told" grep -qE "^warning: the (file's size|picture's (width|height)) tells the label as well as the pixels do .balanced accuracy 1.00" d.txt
check "and kept" grep -qE "^the .* tells the label" d/warnings.txt

# batch norm that lags, and the way out
cat >net.yaml <<'END'
name: net
data: {manifest: faces/manifest.csv, label: pain, group: animal, image: {size: 32}}
split: {scheme: group_kfold, folds: 2}
model: {backbone: mobilenet_v3_small}
train: {epochs: 5, batch_size: 8}
END
"$GRIMACE" cv net.yaml --out lag >lag.txt || no "a run of a small MobileNet"
check "batch norm that lags is told" grep -q "^warning: folds 1, 2: batch norm's running statistics lag behind: .*train.bn_recalibrate: true" lag.txt
check "with its numbers" grep -q '"accuracy_recalibrated"' lag/fold-1/batch_norm.json
sed -i '/"accuracy/s/:.*,/: 0.995,/; /"loss"/s/:.*,/: 0.5,/; /"loss_recalibrated"/s/: [0-9.e-]*/: 0.25/' lag/fold-*/batch_norm.json
"$GRIMACE" cv net.yaml --out lag --resume >loss.txt || no "a run whose losses lag alone"
check "then the loss is told" grep -q "lag behind: the loss is 0.5 with them and 0.25 with those" loss.txt
"$GRIMACE" cv net.yaml train.bn_recalibrate=true --out anew >anew.txt || no "a run with statistics computed anew"
check "computed anew it does not" [ "$(grep -c 'lag behind' anew.txt)" -eq 0 ]
accuracy() { awk -F, '$1 == "pooled" { print $4 }' "$1/summary.csv"; }
check "and tells more ($(accuracy lag) to $(accuracy anew))" awk "BEGIN { exit !($(accuracy anew) > $(accuracy lag) + 0.05) }"
"$GRIMACE" cv net.yaml train.bn_recalibrate=true --out again --jobs 2 >again.txt || no "two processes"
check "the same bytes in two processes" cmp -s anew/predictions.csv again/predictions.csv
"$GRIMACE" cv svm.yaml train.bn_recalibrate=true --out e >/dev/null
says "one class" 0 "^warning: every test image is predicted to be \"" cv net.yaml optimizer.lr=1e-9 train.epochs=3 --out flat
check "a loss that does not fall" grep -q "^warning: folds 1, 2: the training loss hardly falls" out.txt

# a class that no training image is of
awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print $1, "animal", "label", "split" }
    NR > 1 { label = $at["label"]; print $1, $at["animal"], label, label == "severe" || NR % 3 == 0 ? "test" : "train" }' \
    faces/manifest.csv >faces/untrained.csv
untrained='^warning: fold 0: no training image is of class "severe", of which nothing was learned there$'
says "a class without training images" 0 "$untrained" \
    train svm.yaml data.manifest=faces/untrained.csv data.label=label data.group=null split.scheme=column model.classic=none \
    model.backbone=blackmice_cnn train.epochs=1 --out untrained
check "is told once" [ "$(grep -c 'no training image' out.txt)" -eq 1 ]
"$GRIMACE" report untrained >/dev/null || no "a report of it"
check "and on the page" grep -q "no training image is of class" untrained/report.html
check "other runs have images of all classes" bash -c '! grep -q "no training image" a.txt flat/warnings.txt'

# leaks
says "no leaks in what was drawn" 0 "^0 errors, 0 warnings" data check faces/manifest.csv --label pain --group animal --near
first=$(sed -n 2p faces/manifest.csv | cut -d, -f1)
"$GRIMACE" data synth --preset mini --animals 6 --images 16 --size 80 --out large >/dev/null
cp "large/$first" faces/images/leak.png
{ cat faces/manifest.csv; sed -n 2p faces/manifest.csv | sed "s|^$first,[^,]*|images/leak.png,rat6|"; } >faces/leak.csv
says "a picture of another size under another name" 0 "animal: rat1 and rat6 have 1 pair of nearly equal pictures, such as images/leak.png" \
    data check faces/leak.csv --label pain --group animal --near
check "which is not told without asking" [ "$("$GRIMACE" data check faces/leak.csv --label pain --group animal | grep -c 'nearly')" -eq 0 ]
awk -F, -v OFS=, 'NR == 1 { print $1, "pain", "video", "frame", "split" } NR > 1 { print $1, $4, "v" int((NR - 2) / 16), NR, NR % 2 ? "test" : "train" }' \
    faces/manifest.csv >faces/frames.csv
says "frames that are divided" 0 "90 pairs of consecutive frames are divided" data check faces/frames.csv --label pain --near
says "folds of a config" 0 "warnings?$" data check svm.yaml data.manifest=faces/leak.csv split.scheme=leave_one_group_out --near
check "are looked at" grep -q "split: 1 pair of nearly equal pictures is divided between training and test part in fold" out.txt

# images unlike those that were trained on
cat >net.yaml <<'END'
name: net
data: {manifest: faces/manifest.csv, label: pain, group: animal, image: {size: 32}}
split: {scheme: group_kfold, folds: 3}
model: {backbone: blackmice_cnn}
train: {epochs: 4}
END
"$GRIMACE" cv net.yaml --out net >/dev/null || no "a run of a network"
check "its folds keep features" [ -s net/fold-1/likeness.safetensors ]

# pictures of rat6 under another name: mirrored and darker, and cut out of the first ones
printf -- '- {hflip: 1}\n- {brightness: [0.7, 0.7]}\n' >darker.yaml
cut -d, -f1,2,4 large/manifest.csv >large/plain.csv
"$GRIMACE" data augment large/plain.csv --pipeline darker.yaml --out darker >/dev/null || no "mirrored pictures"
table() { sed '2,$s|^|large/|' large/plain.csv; }
{ table
  awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } $at["animal"] == "rat6" { print "darker/" $1, "twin", $at["pain"] }' \
      darker/manifest.csv; } >twins.csv
says "mirrored and darker pictures under another name" 0 "animal: rat6 and twin have 16 pairs of nearly equal pictures" \
    data check twins.csv --label pain --group animal --near
awk -F, -v OFS=, 'NR == 1 { print $1, $2, $4, "box_x,box_y,box_w,box_h" } $2 == "rat6" { print $1, "twin", $4, 2 + NR % 17, 1 + NR % 19, 60, 60 }' \
    large/manifest.csv >large/cut.csv
"$GRIMACE" data crop large/cut.csv --whole --out cut >/dev/null || no "crops"
{ table; sed 1d cut/manifest.csv | awk -F, -v OFS=, '{ print "cut/" $1, $3, $4 }'; } >cuts.csv
says "crops are not whole pictures" 0 "^0 errors, 0 warnings" data check cuts.csv --label pain --group animal --near
says "by a network's features they are found" 0 "animal: rat6 and twin have [0-9]* pairs of nearly equal pictures, such as cut/" \
    data check cuts.csv --label pain --group animal --near --features net
check "most of them" [ "$(sed -n 's/.*twin have \([0-9]*\) pairs.*/\1/p' out.txt)" -ge 8 ]
check "and no others" grep -q "^0 errors, 1 warning$" out.txt
says "folds of a config that divide them" 0 "split: [0-9]* pairs of nearly equal pictures are divided" \
    data check net.yaml data.manifest=cuts.csv split.scheme=leave_one_group_out --near --features net/fold-1/model.safetensors
says "features of what is no network" 2 "check: --features: a is no network \(lbp_svm\)" data check cuts.csv --near --features a
says "features of nothing" 2 "nowhere" data check cuts.csv --near --features nowhere
says "features alone" 2 "check: --features goes with --near" data check cuts.csv --features net

"$GRIMACE" data synth --preset mini --animals 6 --images 16 --size 32 --seed 5 --out like >/dev/null
"$GRIMACE" predict net --manifest like/manifest.csv --out like.csv >like.txt
count=$(sed -n 's/^notice: \([0-9]*\) of [0-9]* images are unlike.*/\1/p' like.txt)
check "faces of another seed are like them" [ "${count:-0}" -lt 24 ]
says "what is no face is told" 0 "1 of 2 images are unlike those .*: .*report.png" \
    predict net "$docs/report.png" like/images/rat1_s1_1.png --out strange.csv
for copy in 1 2 3 4; do echo "$copy" >"broken$copy.png"; done
"$GRIMACE" predict net broken?.png like/images/rat1_s1_1.png --out broken.csv >broken.txt 2>&1
check "what cannot be read is not called unlike" bash -c '! grep -q "unlike.*broken" broken.txt'
"$GRIMACE" data synth --scene cage --animals 3 --images 9 --size 160 --out scene >/dev/null
says "whole pictures are told" 0 "[6-9] of 9 images are cut otherwise than those that the run trained on" \
    predict net scene/images/*.jpg --out whole.csv
check "faces are not told to be whole pictures" bash -c '! grep -q "cut otherwise" like.txt'
printf 'x' >net/fold-1/framing.safetensors
says "damaged framing is named" 2 "net/fold-1/framing.safetensors" predict net like/images/rat1_s1_1.png --out again.csv
rm net/fold-?/framing.safetensors
says "runs of older versions have none" 0 "1 image predicted" predict net scene/images/cage1_s1_1.jpg --out older.csv
check "and say nothing of it" bash -c '! grep -q "cut otherwise" out.txt'
printf 'x' >net/fold-1/likeness.safetensors
says "damaged features are named" 2 "net/fold-1/likeness.safetensors" predict net like/images/rat1_s1_1.png --out again.csv
exit $bad
