#!/bin/bash
# Boosted trees from the command line: every kind of label, the same bytes with processes, threads and after a resume, prediction,
# evaluation, explanation and figures from a table; tuning and selection that see no tested row; what is refused.
. "$(dirname "$0")/common.sh"
awk 'BEGIN {
    srand(3)
    printf "image,animal,pain,score,grade,site"
    for (c = 1; c <= 6; c++) printf ",d%d", c
    print ""
    for (i = 0; i < 120; i++) {
        for (c = 1; c <= 6; c++) x[c] = rand() * 2 - 1
        z = x[1] + x[2] * (x[3] > 0) + 0.2 * rand()
        pain = (z > 0.1) ? "yes" : "no"
        grade = (z < -0.3) ? 0 : (z < 0.5) ? 1 : 2
        site = (x[4] < -0.3) ? "a" : (x[4] < 0.4) ? "b" : "c"
        printf "p%d.png,cat%d,%s,%.4f,%d,%s", i, i % 6, pain, z, grade, site
        for (c = 1; c <= 6; c++) if (i % 13 == c) printf ","; else printf ",%.4f", x[c]
        print ""
    }
}' >t.csv
awk -F, 'BEGIN { OFS = "," } { print $0, (NR == 1) ? "count" : NR % 3 }' t.csv >counted.csv
cat >trees.yaml <<'YAML'
name: trees
data: {manifest: t.csv, label: pain, group: animal, features: {columns: [d1, d2, d3, d4, d5, d6]}}
split: {scheme: group_kfold, folds: 3}
model: {classic: boosted, boosted: {trees: 20, rate: 0.3, depth: 3}}
YAML
if "$GRIMACE" cv trees.yaml --out whole 2>&1 >/dev/null | grep -q "need XGBoost's library"; then
    echo "skipped: libxgboost is not installed"
    exit 0
fi
for file in config.yaml splits.csv predictions.csv results.json shap.csv features.csv fold-1/model.json; do
    check "cv writes $file" [ -s "whole/$file" ]
done
check "no picture is there" [ ! -e p0.png ]
check "each image is predicted once" [ "$(tail -n +2 whole/predictions.csv | cut -d, -f1 | sort -u | wc -l)" -eq 120 ]
check "they learn" awk -F, 'NR > 1 { right += $4 == $5 } END { exit right < 90 }' whole/predictions.csv
check "results.json tells what folds read" grep -q '"d1": 3' whole/results.json
says "two processes" 0 "Pooled" cv trees.yaml threads=2 --out again --jobs 2
check "give the same predictions" cmp whole/predictions.csv again/predictions.csv
check "and the same models" cmp whole/fold-2/model.json again/fold-2/model.json
rm again/predictions.csv again/fold-2/checkpoint
says "an unfinished fold" 0 "was finished before" cv trees.yaml threads=2 --out again --resume
check "ends in the same predictions" cmp whole/predictions.csv again/predictions.csv
cp t.csv kept.csv && sed '2s/[0-9]$/&1/' kept.csv >t.csv
says "other numbers" 2 "another config, manifest or split" cv trees.yaml threads=2 --out again --resume
mv kept.csv t.csv
says "several classes" 0 "F1" cv trees.yaml data.label=site --out several
says "ordinal" 0 "quadratic kappa" cv trees.yaml task=ordinal data.label=grade --out ordinal
says "scores" 0 "MAE" cv trees.yaml task=scores data.label=score --out scores
for run in several ordinal scores; do
    check "predict with $run" "$GRIMACE" predict $run --manifest t.csv --out $run.csv
    says "explain $run" 0 "120 of 120 rows" explain $run --manifest t.csv --method shap --out maps-$run
    check "as the run did" cmp <(sort maps-$run/shap.csv) <(sort $run/shap.csv)
    check "in the table's order" cmp <(cut -d, -f1 t.csv) <(cut -d, -f1 maps-$run/shap.csv | uniq)
done
{ head -1 t.csv && awk -F, 'NR > 1 && $3 == 1 { print $1 }' whole/predictions.csv | while read -r i; do grep "^$i," t.csv; done; } >one.csv
check "predict with one fold's model" "$GRIMACE" predict whole/fold-1/model.json --manifest one.csv --out p.csv
check "gives what the run gave" cmp <(tail -n +2 p.csv | cut -d, -f1-4) <(awk -F, '$3 == 1 { print $1 "," $5 "," $6 "," $7 }' whole/predictions.csv)
sed 's/"left_children":\[1,/"left_children":[77,/' whole/fold-1/model.json >harmed.json
says "damaged trees" 2 "harmed.json: its trees are damaged: a node goes on at one that is not there" predict harmed.json --manifest one.csv
sed 's/"binary:logistic"/"binary:logistics"/' whole/fold-1/model.json >harmed.json
says "an objective that is none" 2 "harmed.json: XGBoost: " predict harmed.json --manifest one.csv
says "evaluate" 0 "120 of 120 rows judged" evaluate whole --manifest t.csv --out judged
says "stop early" 0 "F1" train trees.yaml split.validation=0.3 model.boosted.trees=200 \
    model.boosted.early_stopping=3 model.boosted.scale_pos_weight=auto data.balance=class_weight --out early
check "with fewer rounds" awk -F': ' '/"rounds"/ { exit !($2 + 0 < 150) }' early/results.json
says "two repetitions" 0 "2 repetitions" cv trees.yaml train.repeats=2 model.boosted.subsample=0.5 --out twice
check "draw other rows" bash -c '! cmp -s twice/predictions.csv twice/repeat-2/predictions.csv'
check "and nothing is said of it" bash -c '! grep -q "have the same numbers" out.txt'
says "repetitions that draw nothing" 0 "train.repeats: all 2 repetitions have the same numbers" cv trees.yaml train.repeats=2 --out alike
says "a model for each label" 0 "2 labels, pooled" cv trees.yaml 'experiment.labels=[grade, count]' data.manifest=counted.csv --out labels
for label in grade count; do
    check "each has its models" [ -s labels/label-$label/fold-1/model.json ]
done
check "all of them predict" "$GRIMACE" predict labels --manifest counted.csv --out labels.csv
says "and are judged" 0 "120 of 120 rows judged" evaluate labels --manifest counted.csv --out labels-judged
says "trained here, tested there" 2 "experiment.cross: tests networks, and model.classic boosted is none" cv trees.yaml \
    experiment.cross=site --out bad
says "a grid" 0 "F1" cv trees.yaml 'tune={search: grid, folds: 3, axes: {trees: [5, 20], depth: [1, 3], alpha: [0, 1]}}' --out grid
check "tells what it chose" grep -q '"metric": "accuracy"' grid/results.json
for method in rfe boruta_shap; do
    says "$method" 0 "F1" cv trees.yaml select.method=$method model.boosted.trees=10 select.trials=12 --out $method
    check "$method keeps the column that tells most" grep -q '"d1": 3' $method/results.json
    check "and tells of each column how many folds did, of some none" awk '/"chosen"/ { inside = 1 } inside && /"d[0-9]+": [0-3],?$/ { n++; none += /: 0/ }
        END { exit !(n == 6 && none > 0) }' $method/results.json
    check "predict with $method" "$GRIMACE" predict $method --manifest t.csv --out $method.csv
done
for figure in shap_summary shap_beeswarm shap_waterfall pca; do
    says "figure $figure" 0 "Written" figure whole $figure
done
says "a page" 0 "Written" report whole
check "tells of trees" grep -q "gradient-boosted trees" whole/report.html

# Descriptors of landmarks, some action units left out; a missing landmark makes missing values.
"$GRIMACE" data synth --preset mini --animals 3 --images 12 --size 32 --out faces >/dev/null
awk -F, 'BEGIN { OFS = "," } NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR == 3 { $at["lm4_x"] = $at["lm4_y"] = "" } { print }' \
    faces/manifest.csv >faces/gaps.csv
cat >faces.yaml <<'YAML'
data: {manifest: faces/gaps.csv, label: pain, group: animal, features: {describe: rats18, without: [whisker_change]}}
model: {classic: boosted, boosted: {trees: 10, depth: 2}}
YAML
says "descriptors" 0 "Pooled" cv faces.yaml --out described
check "are the features" grep -q '^image,eye_width,' described/features.csv
check "without those of an action unit" bash -c '! head -1 described/features.csv | grep -q whisker'
check "and without those of a landmark that is not known" awk -F, 'NR == 3 { for (i = 2; i <= NF; i++) n += $i == "" } END { exit n == 0 }' \
    described/features.csv
awk -F, 'BEGIN { OFS = "," } NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR == 3 { $at["lm4_x"] = "" } { print }' \
    faces/manifest.csv >faces/half.csv
says "half a landmark" 2 "half.csv:3: lm4_x: the landmark is half there" cv faces.yaml data.manifest=faces/half.csv --out bad
says "in a new table" 1 "half.csv:3: .*lm4_x: the landmark is half there; .*; 1 of 36" \
    predict described --manifest faces/half.csv --out half.csv
check "keeps the other rows" [ "$(grep -c '^images/.*,[01],0\.' half.csv)" -eq 35 ]
awk -F, 'BEGIN { OFS = "," } NR == 3 { for (i = 14; i < 50; i++) $i = "" } { print }' faces/manifest.csv >faces/lost.csv
says "no landmark" 2 "lost.csv:3: lm1_x: no landmark of the image is known" cv faces.yaml data.manifest=faces/lost.csv --out bad
says "to be told by" 1 "no landmark of the image is known" predict described --manifest faces/lost.csv --out lost.csv
check "predict from landmarks" "$GRIMACE" predict described --manifest faces/manifest.csv --out d.csv
says "an action unit that is not there" 2 'rats18 has no action unit "nose"; it has orbital_tightening' cv faces.yaml \
    data.features.without=[nose] --out bad
says "all action units left out" 2 "leaves no descriptor" cv faces.yaml \
    'data.features.without=[orbital_tightening, ear_position, nose_cheek_flattening, whisker_change]' --out bad

# A frozen backbone's features in the columns' place: computed once, the same with processes, without a cache and for new images;
# one backbone lies in the run, and no other is taken for it.
cat >frozen.yaml <<'YAML'
name: frozen
data: {manifest: faces/manifest.csv, label: pain, group: animal, image: {size: 32}, features: {backbone: shufflenet_v2}}
model: {classic: boosted, width: 0.5, boosted: {trees: 8, depth: 2}}
train: {feature_cache: cache}
YAML
says "a backbone without weights" 0 "its weights are random" cv frozen.yaml --out frozen
check "has names for its features" grep -q '^image,feature_0,.*,feature_1023$' frozen/features.csv
says "which their components are drawn of" 0 "components of 1024 standardised features" figure frozen pca --out frozen.svg
check "and lies in the run" [ -s frozen/backbone.safetensors ]
check "whose features are kept" bash -c '[ "$(ls cache/*.features | wc -l)" -eq 1 ]'
says "again" 0 "the trees read the features of 36 images; they are kept" cv frozen.yaml --out frozen2 --jobs 2
says "and without a cache" 0 "kept in memory for this run alone" cv frozen.yaml train.feature_cache=off --out frozen3
for run in frozen2 frozen3; do
    check "are the same predictions" cmp frozen/predictions.csv $run/predictions.csv
    check "and models" cmp frozen/fold-rat2/model.json $run/fold-rat2/model.json
done
rm frozen2/predictions.csv frozen2/fold-rat2/checkpoint
says "what was stopped" 0 "was finished before" cv frozen.yaml --out frozen2 --resume
check "goes on to the same" cmp frozen/predictions.csv frozen2/predictions.csv
says "images are judged" 0 "36 of 36 rows judged" evaluate frozen --manifest faces/manifest.csv --out frozen-judged
check "as the run judged them" near <(cut -d, -f1,5-7 frozen/predictions.csv) <(cut -d, -f1,5-7 frozen-judged/predictions.csv)
says "explained" 0 "36 of 36 rows" explain frozen --manifest faces/manifest.csv --method shap --out frozen-why
check "as the run explains them" cmp <(sort frozen/shap.csv) <(sort frozen-why/shap.csv)
mv frozen moved
says "a photograph, and one that is not there" 1 "nope.png: cannot be opened.*; 1 of 2 images could not" predict moved faces/images/rat1_s1_1.png nope.png
says "a page" 0 "Written" report moved
check "tells of the backbone" grep -q "features were read by a frozen shufflenet_v2" moved/report.html
says "scores" 0 "MAE" cv frozen.yaml task=scores data.label=score --out frozen-scores
check "of a photograph" "$GRIMACE" predict frozen-scores faces/images/rat1_s1_1.png
says "other weights" 0 "loaded: " cv frozen.yaml seed=3 model.pretrained=moved/backbone.safetensors --out frozen4
check "that were the same" cmp moved/features.csv frozen4/features.csv
says "random ones" 0 "F1" cv frozen.yaml seed=3 --out frozen5
cp frozen5/backbone.safetensors frozen4/
says "another backbone" 2 "is not the backbone that the trees were grown on" predict frozen4 faces/images/rat1_s1_1.png
rm frozen4/backbone.safetensors
says "none" 2 "backbone.safetensors: cannot be opened" explain frozen4 --manifest faces/manifest.csv --method shap --out bad
says "chance in the images" 2 "data.eval_transforms: draws at random .hflip." cv frozen.yaml \
    'data.eval_transforms=[{resize: 32}, {hflip: 0.5}]' --out bad
says "a backbone and columns" 2 "data.features.backbone: is set, and data.features.columns too" cv frozen.yaml \
    data.features.columns=[score] --out bad
says "a backbone for a network" 2 "data.features.backbone: is set, but model.classic none" cv frozen.yaml model.classic=none --out bad
says "images too small" 2 "data.features.backbone: inception_v3 takes images of at least 75" cv frozen.yaml model.width=1 \
    data.features.backbone=inception_v3 --out bad

# Missing values are counted: a landmark that some descriptors need, and faces that are a point.
awk -F, 'BEGIN { OFS = "," } NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR == 5 { $at["lm5_x"] = $at["lm5_y"] = "" } { print }' \
    faces/manifest.csv >faces/gap.csv
says "a landmark that is not known" 0 "^[0-9]+ of the [0-9]+ numbers that the trees read are missing, in 1 of [0-9]+ rows; most of [a-z_]+ .1.$" \
    cv trees.yaml data.manifest=faces/gap.csv data.features.columns=[] data.features.describe=rats18 --out gap
awk -F, 'BEGIN { OFS = "," } NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ /^lm[0-9]+_[xy]$/) lm[i] = 1 } NR > 1 { for (i in lm) $i = 5 } { print }' \
    faces/manifest.csv >faces/points.csv
says "faces that are a point" 0 "; 18 of 18 are in no row, the first is eye_width$" \
    cv trees.yaml data.manifest=faces/points.csv data.features.columns=[] data.features.describe=rats18 --out points

# Labels at random, 1,000 columns, of which selection and tuning may choose: what is tested must not be seen.
awk 'BEGIN {
    srand(11)
    printf "image,pain"
    for (c = 0; c < 1000; c++) printf ",n%d", c
    print ""
    for (i = 0; i < 100; i++) {
        label = (rand() < 0.5) ? "yes" : "no"
        printf "q%d.png,%s", i, label
        for (c = 0; c < 1000; c++) printf ",%.3f", rand()
        print ""
    }
}' >leak.csv
{ echo 'data: {manifest: leak.csv, label: pain, features: {columns: ['
  seq -s ', ' -f 'n%g' 0 999
  echo ']}}
split: {scheme: stratified_kfold, folds: 5, shuffle: true}
select: {method: rfe, step: 0.3}
tune: {search: grid, axes: {depth: [1, 2]}}
model: {classic: boosted, boosted: {trees: 10}}'; } >leak.yaml
check "choosing among 1,000 columns of noise" "$GRIMACE" cv leak.yaml --out leak
check "is chance" awk -F, 'NR > 1 { right += $4 == $3; n++ } END { exit !(n == 100 && right > 32 && right < 68) }' leak/predictions.csv

# Nothing of a fold's test part reaches its model: with other labels and other numbers there, the file is the same to the last byte.
for seed in 1 2; do
    awk -v test=$seed 'BEGIN {
        srand(5)
        print "image,split,pain,score,a,b,c,d,e,f"
        for (i = 0; i < 90; i++) {
            part = i % 3 == 1 ? "test" : "train"
            x = rand()
            row = sprintf("%.3f,%.3f,%.3f,%s,%.3f,%.3f", x, rand(), rand(), rand() < 0.2 ? "" : sprintf("%.3f", rand()), rand(), rand())
            label = x + 0.5 * rand() > 0.75
            if (part == "test" && test == 2) { label = 1 - label; x += 30; row = "9,-50,,7,1000,0" }
            printf "t%d.png,%s,%d,%.3f,%s\n", i, part, label, x, row
        }
    }' >part$seed.csv
done
cat >part.yaml <<'YAML'
data: {label: pain, features: {columns: [a, b, c, d, e, f]}}
split: {scheme: column}
tune: {search: random, draws: 8, axes: {trees: [5, 10], depth: [1, 2, 3], rate: [0.1, 0.3], subsample: [0.6, 1]}}
model: {classic: boosted}
YAML
for how in "classes rfe" "classes boruta_shap" "scores rfe" "ordinal boruta_shap"; do
    set -- $how
    label=pain auto=1
    [ "$1" = scores ] && label=score
    [ "$1" = classes ] && auto=auto
    for seed in 1 2; do
        "$GRIMACE" cv part.yaml data.manifest=part$seed.csv task=$1 data.label=$label select.method=$2 model.boosted.scale_pos_weight=$auto \
            --out "blind-$1-$2-$seed" >out.txt 2>&1 || cat out.txt
    done
    check "$1, $2: the test part is not seen" cmp "blind-$1-$2-1/fold-0/model.json" "blind-$1-$2-2/fold-0/model.json"
    check "which differs" bash -c "! cmp -s blind-$1-$2-1/predictions.csv blind-$1-$2-2/predictions.csv"
done

says "no columns" 2 "data.features.columns: is not set" cv trees.yaml data.features.columns=[] --out bad
says "numbers for a network" 2 "data.features.columns: is set, but model.classic none reads images" cv trees.yaml \
    model.classic=none --out bad
says "a search for a network" 2 "tune.search: is set" cv trees.yaml model.classic=none data.features.columns=[] tune.search=grid --out bad
says "a text" 2 't.csv:2: site: is "[abc]", and model.classic boosted reads numbers' cv trees.yaml data.features.columns=[site] --out bad
sed 's/,cat/,/' t.csv >numbered.csv
says "the animal" 2 'names "animal", which is data.group' cv trees.yaml data.manifest=numbered.csv data.features.columns=[d1,animal] --out bad
says "a column that is not there" 2 'there is no column "d7" in .*t.csv, did you mean d' cv trees.yaml data.features.columns=[d7] --out bad
says "the label" 2 "which is the label" cv trees.yaml data.features.columns=[pain] --out bad
says "twice" 2 'names "d1" twice' cv trees.yaml data.features.columns=[d1,d1] --out bad
says "an unknown set" 2 'there is no set of descriptors "fgs";' cv trees.yaml data.features.describe=fgs --out bad
says "a set without its landmarks" 2 "data.features.describe: needs landmarks 1 to 37, and there is no column lm1_x in " cv trees.yaml data.features.columns=[] data.features.describe=fgs35 --out bad
says "a metric of others" 2 "tune.metric: is mse, which classes do not have" cv trees.yaml tune.metric=mse --out bad
says "nothing to try" 2 "tune.search: is grid, but tune.axes has no values" cv trees.yaml tune.search=grid --out bad
says "values of no search" 2 "tune.axes.depth: lists values to try, and tune.search is none" cv trees.yaml tune.axes.depth=[1,2] --out bad
says "values for a network" 2 "tune.axes.rate: is set, but model.classic none" cv trees.yaml model.classic=none data.features.columns=[] \
    tune.axes.rate=[0.1] --out bad
says "units of no set" 2 "data.features.without: leaves action units out of a set" cv trees.yaml data.features.without=[ear] --out bad
says "faces to be cut" 2 "data.crop: cuts faces out of pictures, and model.classic boosted reads none" cv trees.yaml data.crop=x.xml --out bad
says "one class" 2 "all training images of fold 1 are of class yes" cv trees.yaml 'data.only=[pain=yes]' data.classes=[no,yes] --out bad
says "pictures" 2 "the model reads numbers of a table" predict whole p0.png
says "heat maps" 2 "is boosted trees, which read no picture" explain whole p0.png --method occlusion --out bad
says "shap beside others" 2 "or shap alone of boosted trees" explain whole --manifest t.csv --method shap,gradcam --out bad
says "shap of pictures" 2 "which --manifest names" explain whole p0.png --method shap --out bad
says "export" 2 "is boosted trees, and its model.json is already XGBoost's own file; no other format is written" \
    export whole/fold-1/model.json --format onnx --out m.onnx
sed 's/^p3.png,\(.*\),[^,]*$/p3.png,\1,x/' t.csv >text.csv
says "a text in a new table" 1 'd6: is "x"' predict whole --manifest text.csv
check "no folder stays behind" [ ! -e bad ]
mkdir none && : >none/libxgboost.so.0 && : >none/libxgboost.so
LD_LIBRARY_PATH=$PWD/none says "without the library" 1 "libxgboost-dev" cv trees.yaml --out bad
exit $bad
