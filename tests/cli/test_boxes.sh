#!/bin/bash
# The task of boxes from a manifest to a detector: several faces a picture, training, every file, resuming, predicting, refusals.
root=$(realpath "$(dirname "$0")/../..")
. "$(dirname "$0")/common.sh"
"$GRIMACE" data synth --preset mini --size 48 --animals 6 --images 12 --seed 3 --out data >/dev/null || { no "data synth"; exit 1; }
# a face is what holds all landmarks, an eye is around its two corners; every fifth picture says that it has none
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i
    print "image,animal,box_x,box_y,box_w,box_h,eye_left_x,eye_left_y,eye_left_w,eye_left_h"; next }
    NR % 5 == 0 { print $1 "," $2 ",,,,,,,,"; next }
    { low_x = low_y = 1e9; high_x = high_y = 0
      for (l = 1; l <= 18; l++) { x = $at["lm" l "_x"]; y = $at["lm" l "_y"]
          low_x = x < low_x ? x : low_x; high_x = x > high_x ? x : high_x; low_y = y < low_y ? y : low_y; high_y = y > high_y ? y : high_y }
      x = ($at["lm1_x"] + $at["lm2_x"]) / 2; y = ($at["lm1_y"] + $at["lm2_y"]) / 2
      printf "%s,%s,%g,%g,%g,%g,%g,%g,8,8\n", $1, $2, low_x, low_y, high_x - low_x, high_y - low_y, x - 4, y - 4 }' \
    data/manifest.csv >data/boxes.csv
cat >config.yaml <<'YAML'
name: faces
seed: 5
threads: 1
data:
  manifest: data/boxes.csv
  group: animal
  boxes: [face=box, eye=eye_left]
  image: {size: 48}
  train_transforms: [{resize: 48}, {hflip: 0.5}, {rotate: 5}]
split: {scheme: group_kfold, folds: 2, validation: 0.4}
model: {backbone: blackmice_cnn, head: boxes, boxes: {filters: 16, stride: 8, score: 0.1}}
optimizer: {name: adam, lr: 3.0e-3}
train: {epochs: 30, batch_size: 4, keep: best, keep_metric: val_mean_iou}
YAML
number() { awk -F, -v kind="$1" -v column="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } $1 == "pooled" && $2 == kind { print $at[column] }' \
    "$3/results.csv"; }

says "data check counts the boxes" 0 "72 images, 6 groups \(animal\), boxes: face 58, eye 58" data check config.yaml
says "a run for boxes" 0 "boxes of the kind face; recall, precision and mean IoU from score 0.1 on" cv config.yaml --out run
check "the loss falls" awk -F'"train_loss": ' '{ split($2, x, ","); if (NR == 1) first = x[1]; last = x[1] } END { exit !(last < 0.7 * first) }' \
    run/fold-1/metrics.jsonl
check "metrics.jsonl has the numbers of boxes" grep -q '"val_ap50": .*"val_mean_iou": ' run/fold-1/metrics.jsonl
check "predictions.csv" bash -c "head -n 1 run/predictions.csv | grep -qx image,animal,fold,box_x,box_y,box_w,box_h,box_score,label,predicted"
check "one row for each picture" [ "$(wc -l <run/predictions.csv)" -eq 73 ]
check "results.json" grep -q '"per_kind": \[' run/results.json
check "results.csv counts the boxes" [ "$(number face truths run)" -eq "$(awk -F, 'NR > 1 && $3 != ""' data/boxes.csv | wc -l)" ]
check "faces are found somewhere" awk -v x="$(number face mean_iou run)" 'BEGIN { exit !(x > 0.3) }'
check "summary.csv" bash -c "head -n 1 run/summary.csv | grep -q ^fold,group,n,ap50,ap,"
check "results do not depend on threads" bash -c "'$GRIMACE' cv config.yaml threads=3 data.workers=2 --out other >/dev/null &&
    cmp run/predictions.csv other/predictions.csv && cmp run/fold-1/model.safetensors other/fold-1/model.safetensors"

"$GRIMACE" predict run/fold-1/model.safetensors --manifest data/boxes.csv --out one.csv
join -t, <(awk -F, '$3 == 1' run/predictions.csv | cut -d, -f1,10 | sort) <(cut -d, -f1,7 one.csv | sort) >both.csv
check "a model predicts what the run predicted" near <(cut -d, -f1,2 both.csv) <(cut -d, -f1,3 both.csv)
check "for each picture of the fold" [ "$(wc -l <both.csv)" -eq 36 ]
says "several models answer as one" 0 "^image,box_x,box_y,box_w,box_h,box_score,predicted,spread,models" predict run data/images/rat1_s1_1.png
says "evaluate" 0 "72 of 72 rows judged" evaluate run --manifest data/boxes.csv --out judged
cp run/fold-1/model.safetensors alone.safetensors
says "a model alone needs its kinds" 2 "data.boxes: names other kinds of boxes than the model finds" \
    evaluate alone.safetensors --manifest data/boxes.csv --out none data.group=animal
says "report" 0 "Written: run/report.html" report run
check "the page tells of boxes" grep -q "Kinds of boxes" run/report.html
says "figure" 0 "Written" figure run learning --out learning.svg
says "stats are of classes" 2 "predictions.csv:1: holds boxes" stats run
says "explain" 2 "the model finds boxes" explain run data/images/rat1_s1_1.png --method gradcam --out maps
says "export" 0 "to maps" export run/fold-1/model.safetensors --format onnx --out run.onnx
printf 'detectors:\n  x: {file: %s, kind: eye, score: 0.02}\nsteps:\n  - whole: x\n' run/fold-1/model.safetensors >eyes.yaml
sed 's/run.fold-1.model.safetensors/run.onnx/' eyes.yaml >eyes-onnx.yaml
"$GRIMACE" detect eyes.yaml --manifest data/boxes.csv --all --out eyes.csv >/dev/null
says "the ONNX file is a detector" 0 '72 images' detect eyes-onnx.yaml --manifest data/boxes.csv --all --out eyes-onnx.csv
boxes_of() { awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } { print $1 "," $at["box_x"] "," $at["box_y"] "," $at["box_w"] "," $at["box_h"] }' "$1"; }
check "with the same boxes" cmp -s <(boxes_of eyes.csv) <(boxes_of eyes-onnx.csv)
check "there are some" [ "$(boxes_of eyes.csv | grep -vc ',,')" -gt 20 ]
says "from the model's own score on" 0 '^data/images/rat1_s1_1.png,' detect run.onnx data/images/rat1_s1_1.png
"$GRIMACE" init config.yaml model.backbone=mobilenet_v3_small data.image.size=100 'data.train_transforms=[{resize: 100}]' 'data.eval_transforms=[{resize: 100}]' \
    --out uneven.safetensors >/dev/null && "$GRIMACE" export uneven.safetensors --format onnx --out uneven.onnx >/dev/null || no "an uneven size"
says "maps of 4, 7 and 13 cells" 0 '^data/images/rat1_s1_1.png,' detect uneven.onnx data/images/rat1_s1_1.png
"$GRIMACE" export run --format onnx --out both.onnx >/dev/null || no "both folds as ONNX"
says "the folds' mean is a detector, too" 0 '^data/images/rat1_s1_1.png,' detect both.onnx data/images/rat1_s1_1.png
head -c 3000 run.onnx >cut.onnx
says "an ONNX file that is cut off" 2 'cut.onnx: is no ONNX model that can be read' detect cut.onnx data/images/rat1_s1_1.png
says "export for PyTorch" 0 "with head boxes" export run/fold-1/model.safetensors --format safetensors --out torch.safetensors
says "info --plan" 0 "one step:" info --plan config.yaml
says "init" 0 "tensors" init config.yaml --out initial.safetensors

# ---- as a detector
says "detect" 0 "^image,box_x,box_y,box_w,box_h,box_score,detector$" detect run/fold-1/model.safetensors data/images/rat1_s1_1.png
check "boxes of all" "$GRIMACE" detect run --manifest data/boxes.csv --all --out found.csv
check "as many rows as boxes" [ "$(wc -l <found.csv)" -ge 73 ]
says "compare" 0 "^detector +images +empty_percent" detect --compare run,run/fold-2/model.safetensors --manifest data/boxes.csv
"$GRIMACE" detect --compare run/fold-1/model.safetensors --manifest data/boxes.csv --out compared.csv >/dev/null
check "its recall" awk -F, 'NR == 2 { exit !($5 >= 0 && $5 <= 1) }' compared.csv
"$GRIMACE" detect --compare run,run/fold-1/model.safetensors --manifest data/boxes.csv --out run/detectors.csv >/dev/null
says "the run's page" 0 "Written: run/report.html" report run --force
check "has their table" bash -c 'grep -q "<section id=\"detectors\">" run/report.html && grep -q "AP (VOC)" run/report.html'
echo 'detector,images' >run/detectors.csv
says "no such table" 2 "run/detectors.csv:1: there is no column empty_percent; a table of grimace detect" report run --force
rm run/detectors.csv
cat >chain.yaml <<'YAML'
detectors:
  certain: {file: run/fold-1/model.safetensors, score: 1}
  eye: {file: run, kind: eye, score: 0.02}
  face: {file: run/fold-1/model.safetensors, score: 0.02}
steps:
  - whole: certain
  - agree: {eye: eye, face: face}
    rules:
      - size: [eye, face, 0.01, 100]
    face: 2
  - whole: face
YAML
says "a chain of models" 0 ',chain/(eye\+face|face)$' detect chain.yaml --manifest data/boxes.csv
sed 's/kind: eye/kind: nose/' chain.yaml >nose.yaml
says "a kind that the model lacks" 2 "nose.yaml:3: .*run: finds no boxes of the kind nose; face, eye would be right" detect nose.yaml data/images/rat1_s1_1.png
sed 's/score: 1}/score: 2}/' chain.yaml >two.yaml
says "a score beyond 1" 2 "two.yaml:2: score: is no such number, a number from 0 to 1 would be right" detect two.yaml data/images/rat1_s1_1.png
says "nothing between commas" 2 "names nothing between two commas" detect --compare run,,run --manifest data/boxes.csv
join -t, <(tail -n +2 run/predictions.csv | cut -d, -f1,3 | sort) <(tail -n +2 data/boxes.csv | sort) |
    awk -F, 'BEGIN { print "image,animal,box_x,box_y,box_w,box_h" } { print $1 "," $3 "," ($2 == 1 ? $4 "," $5 "," $6 "," $7 : ",,,") }' >data/uneven.csv
for classic in none cascade hog_svm; do
    says "a fold without a face to learn from, $classic" 2 "fold [12]: none of its [0-9]+ training pictures has a box of the kind face" \
        cv config.yaml split.validation=0 train.keep=last 'data.boxes=[face=box]' --out none data.manifest=data/uneven.csv \
        $([ $classic = none ] || echo "model.classic=$classic model.head=linear")
done
says "no kind" 2 "data.boxes: names no kind of box; \[face=box\] would be right" train config.yaml --out none 'data.boxes=[]'
says "what is no detector" 2 "is no detector; .* or a model of task boxes" detect run/fold-1/metrics.jsonl data/images/rat1_s1_1.png

# ---- as what cuts faces out while pictures are loaded: the boxes of its table
cat >crop.yaml <<'YAML'
data:
  manifest: data/manifest.csv
  label: pain
  group: animal
  image: {size: 24}
  crop: run
  train_transforms: [{resize: 26}, {random_crop: 24}]
split: {scheme: group_kfold, folds: 2}
model: {backbone: blackmice_cnn, head: linear}
train: {epochs: 1, batch_size: 16}
YAML
sed 's/crop: run/crop: chain.yaml/' crop.yaml >chained.yaml
grep -v '^  crop:' crop.yaml | sed 's/manifest.csv/cut.csv/' >boxed.yaml
for name in crop:run chained:chain.yaml; do
    of=${name%%:*} detector=${name#*:}
    "$GRIMACE" detect $detector --manifest data/manifest.csv --out data/cut.csv --force >/dev/null || no "detect $detector"
    says "$of: a run whose faces a model cuts out" 0 'The run lies in' cv $of.yaml --out $of
    says "$of: and one on its table" 0 'The run lies in' cv boxed.yaml --out $of-boxed
    check "$of: are one" cmp -s $of/predictions.csv $of-boxed/predictions.csv
    check "$of: with any number of threads" bash -c "'$GRIMACE' cv $of.yaml threads=3 data.workers=3 --out $of-3 >/dev/null && cmp $of/predictions.csv $of-3/predictions.csv"
    "$GRIMACE" predict $of/fold-1/model.safetensors data/images/rat1_s1_1.png | tail -n 1 | cut -d, -f2-6 >whole.txt
    "$GRIMACE" predict $of-boxed/fold-1/model.safetensors --manifest data/cut.csv | grep '^images/rat1_s1_1.png,' | cut -d, -f2-6 >cut.txt
    # a picture alone is computed in another order of sums than many
    check "$of: predict takes whole pictures" awk -F, 'NR == 1 { split($0, alone); n = NF; next } { good = NF == n; for (i = 1; i <= n; i++) good = good && ($i == alone[i] || ($i ~ /^0\.[0-9]+$/ && ($i - alone[i])^2 < 1e-12)) } END { exit !(NR == 2 && good) }' \
        whole.txt cut.txt
done
says "explain cuts, too" 0 . explain crop data/images/rat1_s1_1.png --method gradcam --out cut-maps
mkdir there && cp -r run there/ && cp -r crop there/
check "both may move" [ "$("$GRIMACE" predict there/crop/fold-1/model.safetensors data/images/rat1_s1_1.png | tail -n 1 | cut -d, -f2-)" = "$("$GRIMACE" predict crop/fold-1/model.safetensors data/images/rat1_s1_1.png | tail -n 1 | cut -d, -f2-)" ]
cp there/run/fold-1/model.safetensors there/run/fold-2/model.safetensors
says "a run that has changed" 2 "there/crop: cuts faces out by a detector: .*run: has changed since; the detector of then" predict there/crop data/images/rat1_s1_1.png
says "one that finds no boxes" 2 "data.crop: .*crop: is a model for classes, which finds no boxes; one of task boxes would be right" train crop.yaml data.crop=crop --out none
sed 's/score: [0-9.]*/score: 1/' chain.yaml >strict.yaml
says "a picture without a face" 2 "manifest.csv:2: image: .*rat1_s1_1.png: strict finds no face in it" train crop.yaml data.crop=strict.yaml --out none

# ---- rats in cages
"$GRIMACE" data synth --scene cage --animals 6 --images 6 --size 160 --out cage >/dev/null || no "data synth --scene cage"
says "the detector's config" 0 "detector: boxes of the kind face" train "$root/configs/blackmice/detector.yaml" --out rats train.epochs=1 \
    split.folds=2 data.manifest="$PWD/cage/manifest.csv"
check "a picture is one row however many rats it has" [ "$(wc -l <rats/predictions.csv)" -eq 7 ]
check "it knows all their boxes" [ "$(awk -F, '$1 == "0" && $2 == "face" { print $4 }' rats/results.csv)" -eq \
    "$(awk -F, 'NR == FNR { tested[$1] = 1; next } FNR > 1 && ($1 in tested) && $7 != "" { n++ } END { print n + 0 }' rats/predictions.csv cage/manifest.csv)" ]
says "it finds boxes" 0 "^image,.*box_score,detector$" detect rats/fold-0/model.safetensors --manifest cage/manifest.csv --all
says "compared with the truth" 0 "^model +12 " detect --compare rats/fold-0/model.safetensors --manifest cage/manifest.csv

says "the config of a cascade" 0 "cascade: boxes of the kind face" train "$root/configs/blackmice/cage_cascade.yaml" --out strict split.folds=2 \
    data.manifest="$PWD/cage/manifest.csv" model.cascade.stages=2 model.cascade.negatives=50
sed "s|[^ ]*build/cascade/|$PWD/strict/|; s|[^ ]*build/detector/|$PWD/rats/|; s/neighbors: 20/neighbors: 1000000/; s/score: [0-9.]*/score: 0.01/" \
    "$root/configs/blackmice/cage_chain.yaml" >rats.yaml
says "the chain of both" 0 ',rats/(eye|ear)\+eye$' detect rats.yaml --manifest cage/manifest.csv

# ---- several faces a picture
{ cat data/boxes.csv; echo images/rat1_s1_1.png,rat1,1,2,20,20,,,,; } >data/two.csv
says "two rows of a picture are two faces" 0 "faces: boxes" train config.yaml data.manifest=data/two.csv train.epochs=1 --out two
says "data check passes" 0 "72 images" data split config.yaml data.manifest=data/two.csv --out two.csv
{ cat data/boxes.csv; sed -n 2p data/boxes.csv; } >data/twice.csv
says "the same box twice" 2 "twice.csv:74: image: .*the image has a row with the same box already, on line 2" \
    cv config.yaml data.manifest=data/twice.csv --out none
says "columns that are not there" 2 "data.boxes: there is no column ear_x in .*boxes.csv" cv config.yaml 'data.boxes=[ear=ear]' --out none
says "boxes beyond their picture" 2 "far.csv:2: the box of the kind face at 900, .*lies beyond images/rat1_s1_1.png of 48 x 48" cv config.yaml \
    data.manifest="$(sed '2s/,rat1,[^,]*/,rat1,900/' data/boxes.csv >data/far.csv; echo data/far.csv)" --out none
says "so says data check" 2 "far.csv:2: the box of the kind face at 900, .* lies beyond images/rat1_s1_1.png of 48 x 48 pixels; .* would be right" \
    data check config.yaml data.manifest=data/far.csv
says "shares in place of pixels" 2 "shares.csv:2: box_x: all boxes are smaller than 2 pixels" cv config.yaml --out none 'data.boxes=[face=box]' \
    data.manifest="$(awk -F, -v OFS=, 'NR > 1 && $3 != "" { for (i = 3; i <= 6; i++) $i /= 48 } { print }' data/boxes.csv >data/shares.csv; echo data/shares.csv)"
says "no face at all" 2 "empty.csv: no row has a box of the kind face" cv config.yaml \
    data.manifest="$(awk -F, 'NR == 1 { print; next } { print $1 "," $2 ",,,,,,,," }' data/boxes.csv >data/empty.csv; echo data/empty.csv)" --out none
says "a task without its head" 2 "model.head: is linear, but the task is boxes; boxes would be right" cv config.yaml task=boxes model.head=linear --out none

"$GRIMACE" cv config.yaml --out whole train.epochs=4 >/dev/null 2>&1
"$GRIMACE" cv config.yaml --out cut train.epochs=4 >/dev/null 2>&1 & pid=$!
sleep 0.4; kill -INT $pid 2>/dev/null; wait $pid
"$GRIMACE" cv config.yaml --out cut train.epochs=4 --resume >/dev/null 2>&1
check "a stopped run goes on to the same bits" cmp whole/predictions.csv cut/predictions.csv
exit $bad
