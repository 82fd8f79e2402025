#!/bin/bash
# A sweep over networks with and without faces turned upright by a first network: that one is trained once for all settings; what each
# setting's model costs stands in costs.csv, and in no file that two runs of one config share.
root=$(realpath "$(dirname "$0")/../..")
. "$(dirname "$0")/common.sh"
"$GRIMACE" data synth --preset mini --animals 6 --images 4 --size 48 --out faces >/dev/null || { no "data synth"; exit 1; }
mkdir there
cat >there/pose.yaml <<'YAML'
name: pose
data: {manifest: ../faces/manifest.csv, group: animal, image: {size: 32}, landmarks: [4, 5, 6, 1, 2, 3, 8, 9, 11, 12, 13, 14, 15, 16]}
split: {scheme: group_kfold, folds: 2}
model: {backbone: blackmice_cnn, head: landmarks, mlp: {pool: flatten, hidden: [16], dropout: 0}}
loss: {name: wing}
train: {epochs: 2, batch_size: 8}
YAML
cat >there/table.yaml <<'YAML'
name: table
data: {manifest: ../faces/manifest.csv, group: animal, image: {size: 32}, align_margin: 0.3}
split: {scheme: group_kfold, folds: 2}
model: {backbone: blackmice_cnn, head: landmarks, mlp: {pool: flatten, hidden: [16], dropout: 0}}
loss: {name: wing}
train: {epochs: 1, batch_size: 8}
sweep:
  mode: list
  rank_by: nrmse
  cost: 4
  settings:
    - {name: plain, set: {data.align: null}, reported: {source: "Table 1", nrmse: 0.17, parameters: 1.4e6, megabytes: 5.6, ms_per_image: 12}}
    - {name: upright, set: {data.align: synth18, data.landmarks_from: pose.yaml}}
    - name: "upright, filters"
      set: {data.align: synth18, data.landmarks_from: pose.yaml, data.train_transforms: [{resize: 32}, laplacian],
        data.eval_transforms: [{resize: 32}, laplacian]}
YAML
says "a sweep of both" 0 "The sweep lies in one" sweep there/table.yaml --out one
check "the first network is trained" grep -q "^first pose, which finds the landmarks, in one/landmarks$" out.txt
check "once" [ "$(grep -c '^first pose' out.txt)" = 1 ]
check "and lies in the sweep" [ -s one/landmarks/predictions.csv ]
check "which each setting's config names" grep -q 'landmarks_from: "../landmarks"' one/setting-003/config.yaml
check "costs beside the paper's" grep -Eq '^plain +0\.1700 +0\.[0-9]+ +1400000 +[0-9]+ +5\.60 +0\.[0-9]+ +12\.00 +[0-9.]+$' out.txt
check "and in a file" grep -q '^setting,name,nrmse,parameters,megabytes,ms_per_image,images,paper_nrmse,paper_parameters,paper_megabytes,paper_ms_per_image$' one/costs.csv
check "parameters are the file's numbers" awk -F, 'NR == 2 { d = $5 - 4e-6 * $4; exit !($4 > 1000 && d > 0 && d < 0.02) }' one/costs.csv
check "each takes some time" awk -F'"' 'NR > 1 { split($NF, f, ","); if (NF < 2) split($0, f, ","); if (f[NF < 2 ? 6 : 5] <= 0) exit 1; n++ } END { exit n != 3 }' one/costs.csv
says "alone" 0 "The run lies in alone" cv there/table.yaml sweep=[] data.align=synth18 data.landmarks_from=../one/landmarks --out alone
check "a setting is the run of its config" cmp alone/predictions.csv one/setting-002/predictions.csv
says "two at a time" 0 "The sweep lies in two" sweep there/table.yaml --out two --jobs 2
for file in sweep.csv sweep.json landmarks/results.json setting-001/results.json setting-002/results.json setting-003/predictions.csv; do
    check "$file has the same bytes" cmp "one/$file" "two/$file"
done
says "goes on" 0 "The sweep lies in one" sweep there/table.yaml --out one --resume
check "with what is there" bash -c "! grep -q 'epoch 1' out.txt"
says "not begun anew" 2 "one: holds a run already|one: holds a sweep" sweep there/table.yaml --out one
says "a page" 0 "one/report.html" report one
check "with the costs" grep -q 'What each setting costs' one/report.html
cp -r faces others
says "other images, for both networks" 0 "The sweep lies in other" sweep there/table.yaml data.manifest=../others/manifest.csv --out other
check "too" grep -q "others/manifest.csv" other/landmarks/config.yaml

sed "s/cost: 4/cost: -1/" there/table.yaml >there/bad.yaml
# FelineGrimace's own configs on rendered cats: smaller pictures, an epoch, the first network's four rows of Table 1.
says "rendered cats" 0 "24 images of 4 animals" data synth --animal cat --preset mini --animals 4 --images 6 --size 48 --out cats
check "have FelineGrimace's landmarks" bash -c "head -n 1 cats/manifest.csv | grep -q ',lm37_x,lm37_y,lm1_v'"
says "no other animal" 2 "--animal: 'dog' is none that is rendered; rat or cat would be right" data synth --animal dog --out dogs
says "no cage of cats" 2 "--animal has no meaning with --scene" data synth --animal cat --scene cage --out dogs
says "their descriptors" 0 "35 descriptors of 24 rows" data describe cats/manifest.csv --set fgs35 --out described.csv
cp -r "$root/configs/felinegrimace" feline
sed -i 's/224/32/g; s/epochs: 100/epochs: 1/; s/test: 0.0348/test: 0.25/; s/cost: 120/cost: 2/' feline/*.yaml
sed -i 's/backbone: shufflenet_v2.*/backbone: blackmice_cnn/; /width: 0.75/d; /landmarks: {block/d; s/folds: 5/folds: 2/' feline/pose.yaml
sed -i '/"ShuffleNetV2 0.75"/,$d' feline/table1.yaml
says "its Table 1" 0 "^ShuffleNetV2 0.5, upright, filters +[0-9.]+ +2650026 +[0-9.]+ +[0-9.]+$" \
    sweep feline/table1.yaml data.manifest=../cats/manifest.csv --out table1
check "by action unit" grep -q "nrmse_of_whiskers_change" table1/setting-004/results.csv
check "one first network" [ "$(find table1 -name landmarks -type d | wc -l)" = 1 ]

says "a number of images" 2 "bad.yaml:10: sweep: cost is how many images are timed in each setting, from 0 .none. to 1000" \
    sweep there/bad.yaml --out no
exit $bad
