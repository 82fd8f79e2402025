#!/bin/bash
# Experiments beyond one classifier, from one config each.
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
sed -i 's/epochs: 3/epochs: 2/' config.yaml

# ---- a second database that trains ----------------------------------------------------------------------------------------
"$GRIMACE" data synth --preset mini --size 32 --animals 2 --images 6 --seed 5 --out more >/dev/null
extra="data.extra_manifests=[more/manifest.csv]"
says "training on two databases" 0 "Pooled" cv config.yaml "$extra" --out two
check "tests the first one alone" [ "$(wc -l <two/predictions.csv)" -eq 25 ]
check "12 images more train in each fold" [ "$(grep -c '^manifest:images.*,manifest:rat[12],.*,train$' two/splits.csv)" -eq 36 ]
check "and do nothing else" [ "$(grep -c '^manifest:' two/splits.csv)" -eq 36 ]
"$GRIMACE" cv config.yaml --out one >/dev/null 2>err.txt
check "the weights are others than without" bash -c "! cmp -s one/fold-rat1/model.safetensors two/fold-rat1/model.safetensors"
check "the folds are the same" bash -c "cmp <(grep -v '^manifest:' two/splits.csv) one/splits.csv"
says "several processes" 0 "Pooled" cv config.yaml "$extra" --out two2 --jobs 2
check "are the same bytes" same_runs two two2
says "data split" 0 "rat3 +train +4 +28" data split config.yaml "$extra"
says "data check" 0 "" data check config.yaml "$extra"
says "the same table twice" 2 "manifest.csv:2: image: .* would train and be tested" cv config.yaml \
    "data.extra_manifests=[data/manifest.csv]" --out none
sed 's/,pain,/,effect,/' more/manifest.csv >more/other.csv
says "another label" 2 "data.label: there is no column pain in .*other.csv" cv config.yaml \
    "data.extra_manifests=[more/other.csv]" --out none
says "another class" 2 "manifest.csv:[0-9]+: pain: '1' is not one of the classes: 0, 2" cv config.yaml "$extra" \
    "data.classes=['0', '2']" --out none
check "nothing is left" [ ! -e none ]

# The same files with the same bytes, but for seconds.
same_studies() { diff -rq -x metrics.jsonl -x about.json -x checkpoint "$1" "$2"; }
RANDOM=4711

# ---- a network for each action unit, and their total ------------------------------------------------------------------------
sed 's/^train:.*/split: {scheme: stratified_group_kfold, folds: 3}\ntrain: {epochs: 4, batch_size: 5}/' config.yaml >units.yaml
cat >>units.yaml <<'YAML'
experiment:
  labels: [au_orbital, au_ear, au_whisker]
  classes: ["0", "1", "2"]
YAML
says "networks for three action units" 0 "total of 24 images against the true one: Pearson" cv units.yaml --out units
check "each is a run" [ "$(ls -d units/label-*/fold-* | wc -l)" -eq 9 ]
"$GRIMACE" cv units/label-au_ear/config.yaml --out ear >/dev/null 2>err.txt
check "which its config repeats" same_runs ear units/label-au_ear
for unit in au_orbital au_ear au_whisker; do
    check "$unit has the folds of the study" bash -c \
        "cmp <(cut -d, -f1,2,4,5 units/splits.csv) <(cut -d, -f1,2,4,5 units/label-$unit/splits.csv)"
done
# image,animal,fold,label,(unit,predicted) x 3,total,predicted_total,threshold
check "scores are summed, and the total decides" awk -F, '
    FNR == NR { if (FNR > 1) { class[$1] = $5; share[$1] = $7 }; next }
    FNR > 1 && ($5 + $7 + $9 != $11 || $6 + $8 + $10 != $12 || ($12 >= $13) != class[$1] ||
                share[$1] - $12 / 6 > 1e-6 || $12 / 6 - share[$1] > 1e-6) { exit 1 }' units/predictions.csv units/totals.csv
check "the scores are those of the networks" bash -c \
    "cmp <(cut -d, -f1,7,8 units/totals.csv | tail -n +2) <(cut -d, -f1,4,5 units/label-au_ear/predictions.csv | tail -n +2)"
says "one file is written for each" 0 "^au_ear: .* in units-au_ear.onnx: .*mean of 3 models" export units --format onnx --out units.onnx
check "and no other" [ "$(ls units*.onnx | tr '\n' ' ')" = "units-au_ear.onnx units-au_orbital.onnx units-au_whisker.onnx " ]
"$GRIMACE" export units/label-au_ear --format onnx --out ear.onnx >/dev/null
check "as by its own run" cmp ear.onnx units-au_ear.onnx
rm units-au_orbital.onnx
says "one that is there already" 2 "units-au_ear.onnx" export units --format onnx --out units.onnx
check "lets none be written" [ ! -e units-au_orbital.onnx ]
mv units/label-au_whisker whisker
says "an unfinished study" 2 "units/label-au_whisker: is not there" export units --format onnx --out part.onnx
check "is not written in part" [ -z "$(ls part*.onnx 2>/dev/null)" ]
mv whisker units/label-au_whisker
mkdir models && for fold in units/label-au_whisker/fold-*; do mv "$fold/model.safetensors" "models/${fold##*/}"; done
says "one whose last label has no model" 2 "units/label-au_whisker: holds no fold-NAME/model.safetensors" \
    export units --format onnx --out part.onnx
check "says of none that it is written" [ ! -s out.txt ]
check "and writes none" [ -z "$(ls part*.onnx 2>/dev/null)" ]
for fold in models/*; do mv "$fold" "units/label-au_whisker/${fold##*/}/model.safetensors"; done
says "a study over a folder" 2 "models: is a folder; a file, to whose name each label is added" export units --format onnx --out models
says "or into one without a name" 2 "models/: is a folder; a file" export units --format onnx --out models/
check "labels.csv has a row for each" [ "$(wc -l <units/labels.csv)" -eq 4 ]
for key in total labels truth pooled folds bland_altman spearman mae; do
    check "results.json has $key" grep -q "\"$key\": " units/results.json
done
says "a threshold of the user's" 0 "positive from a total of 4 on" cv units.yaml experiment.threshold=4 train.epochs=1 --out four
says "only two conditions are told apart" 0 "F1 of class severe" cv units.yaml data.label=label \
    "data.classes=['no', 'severe']" train.epochs=1 --out two_of_three
check "the third is scored all the same" [ "$(wc -l <two_of_three/totals.csv)" -eq 25 ]
says "several processes" 0 "Pearson" cv units.yaml --out units2 --jobs 2
check "are the same bytes" same_studies units units2
survives_kills "action units" 25 10 45 cv units.yaml --out killed --resume
check "with the same bytes" same_studies units killed
says "a finished study is finished" 0 "was finished before" cv units.yaml --out units --resume
check "and stays as it is" same_studies units units2
says "a held folder is refused" 2 "units: holds a run already" cv units.yaml --out units
says "nor gone on with as another" 2 "experiment.threshold: is 2, but the run in units was begun with 0" \
    cv units.yaml experiment.threshold=2 --out units --resume
says "a first fold" 0 "total of 8 images" train units.yaml --out first
says "compare takes its predictions" 0 "" compare units units2
says "predict takes all of them" 0 "predicted_au_ear" predict units data/images/*.png
check "which predicts" "$GRIMACE" predict units/label-au_ear --manifest data/manifest.csv --out ear.csv
says "init, too" 2 "experiment.labels: makes 3 networks" init units.yaml --out none
says "data check reads all conditions" 0 "0 errors" data check units.yaml data.label=label "data.classes=['no', 'severe']"
says "an unknown unit" 2 "experiment.labels: there is no column au_eer in .*did you mean au_ear" \
    cv units.yaml 'experiment.labels=[au_eer]' --out none
says "no score" 2 "experiment.labels: \"moderate\" of label is no number" cv units.yaml 'experiment.labels=[label]' \
    'experiment.classes=[]' --out none
says "three classes" 2 "data.classes: 3 values of data.label" cv units.yaml 'data.label=score' --out none
says "a score that is none of the classes" 2 "is not one of the classes: 0, 2" cv units.yaml "experiment.classes=['0', '2']" \
    --out none
says "a threshold without labels" 2 "experiment.threshold: needs experiment.labels" cv config.yaml experiment.threshold=3 --out none
check "nothing is left" [ ! -e none ]

# ---- trained on one treatment, tested on each -----------------------------------------------------------------------------
"$GRIMACE" data synth --preset mini --size 32 --animals 6 --images 8 --seed 3 --out mice >/dev/null
# rat3 has both treatments c and in
awk -F, 'NR == 1 { print $0 ",treatment"; next }
    { n = substr($2, 4); print $0 "," (n <= 2 || (n == 3 && $3 == "s1") ? "c" : n <= 4 ? "in" : "kxn") }' \
    mice/manifest.csv >mice/treated.csv
sed 's#data/manifest#mice/treated#; s/^train:.*/split: {scheme: group_kfold, folds: 2}\ntrain: {epochs: 3, batch_size: 8}/' \
    config.yaml >cross.yaml
echo 'experiment: {cross: treatment}' >>cross.yaml
says "three treatments" 0 "^kxn +[0-9.]+ \([0-9.]+\) +[0-9.]+ \([0-9.]+\)" cv cross.yaml --out cross
check "nine cells" [ "$(wc -l <cross/matrix.csv)" -eq 10 ]
check "the run tests each image once" [ "$(cut -d, -f1 cross/predictions.csv | sort -u | wc -l)" -eq 49 ]
sed '/,rat6,s1,/s/kxn$/NA/' mice/treated.csv >mice/unknown.csv
says "a treatment that is not known" 0 "^kxn " cv cross.yaml data.manifest=mice/unknown.csv train.epochs=1 --out unknown
check "is no treatment" [ "$(wc -l <unknown/matrix.csv)" -eq 10 -a ! -e unknown/train-NA ]
"$GRIMACE" cv cross.yaml experiment.cross=null 'data.only=[treatment=c]' --out c >/dev/null 2>err.txt
check "a treatment by itself is a cross-validation" cmp c/predictions.csv cross/train-c/predictions.csv
check "the splits of all are together" [ "$(wc -l <cross/splits.csv)" -eq 97 ]
check "and know the folds of the predictions" bash -c "cmp <(cut -d, -f1,3 cross/predictions.csv | tail -n +2 | sort) \
    <(awk -F, '\$5 == \"test\" { print \$1 \",\" \$4 }' cross/splits.csv | sort)"
crossed=0
for table in cross/test-*/train-*/fold-*.csv; do
    trained=${table#*/train-}
    trained=${trained%%/*}
    fold=${table##*/fold-}
    fold=${fold%.csv}
    crossed=$((crossed + $(awk -F, -v fold="$fold" '
        FNR == NR { if ($4 == fold && $5 != "test") trains[$2] = 1; next }
        FNR > 1 && $2 in trains { n++ } END { print n + 0 }' "cross/train-$trained/splits.csv" "$table")))
done
check "no animal trains and tests" [ "$crossed" -eq 0 ]
check "rat3 is left out where it trained" grep -q '^c,in,2,20,4,' cross/matrix.csv
check "and nowhere else" grep -q '^kxn,in,2,24,0,' cross/matrix.csv
"$GRIMACE" predict cross/train-kxn/fold-1/model.safetensors --manifest mice/treated.csv --out all.csv >/dev/null 2>err.txt
check "the predictions are the model's" near <(grep -F -f <(cut -d, -f1 cross/test-c/train-kxn/fold-1.csv | tail -n +2) \
    all.csv | cut -d, -f4) <(tail -n +2 cross/test-c/train-kxn/fold-1.csv | sed 's/.*,\([0-9.]*\)$/\1/')
says "as many images of each" 0 "accuracy in %" cv cross.yaml experiment.equal=true train.epochs=1 --out equal
check "as the rarest has" [ "$(cut -d, -f1 equal/train-kxn/predictions.csv | wc -l)" -eq 13 ]
says "several processes" 0 "accuracy in %" cv cross.yaml --out cross2 --jobs 2
check "are the same bytes" same_studies cross cross2
survives_kills "treatments" 25 10 45 cv cross.yaml --out killed2 --resume
check "with the same bytes" same_studies cross killed2
rm cross2/test-c/train-kxn/fold-2.csv cross2/results.json
head -n 3 cross/test-c/train-in/fold-1.csv >cross2/test-c/train-in/fold-1.csv
says "what is gone or short" 0 "accuracy in %" cv cross.yaml --out cross2 --resume
check "is made again" same_studies cross cross2
says "a classic baseline" 0 "accuracy in %" cv cross.yaml model.classic=lbp_svm data.image.size=32 \
    'data.train_transforms=[{resize: 32}]' --out classic
says "no such column" 2 "experiment.cross: there is no column treatmen in .*did you mean treatment" \
    cv cross.yaml experiment.cross=treatmen --out none
says "no animals" 2 "experiment.cross: needs data.group" cv cross.yaml data.group=null split.scheme=stratified_kfold --out none
says "one value" 2 "column treatment has 1 value" cv cross.yaml 'data.only=[treatment=c]' --out none
says "two experiments at once" 2 "experiment.cross: is there beside" cv cross.yaml 'experiment.labels=[au_ear]' --out none
check "nothing is left" [ ! -e none ]

# ---- a sweep of them ------------------------------------------------------------------------------------------------------
says "a sweep of studies" 0 "2 settings, ranked" sweep units.yaml train.epochs=1 'sweep=[{key: optimizer.lr, values: [0.001, 0.002]}]' \
    --out swept
check "each setting is one" [ -d swept/setting-002/label-au_ear ]
exit $bad
