#!/bin/bash
# The classic baseline from the command line: the same files and table as a network's run, the same bytes with processes and
# after a resume, and what it refuses.
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
cat >classic.yaml <<'YAML'
name: classic
data: {manifest: data/manifest.csv, label: pain, group: animal, image: {size: 32}}
model: {classic: lbp_svm, lbp: {radius: 1, points: 8, grid: 4, method: uniform}, svm: {c: 1}}
YAML
says "cv" 0 "Pooled" cv classic.yaml --out whole
for file in config.yaml splits.csv predictions.csv results.json results.csv fold-rat1/model.safetensors; do
    check "cv writes $file" [ -s "whole/$file" ]
done
check "each image is predicted once" [ "$(tail -n +2 whole/predictions.csv | cut -d, -f1 | sort -u | wc -l)" -eq 24 ]
check "the class is the side of one half" awk -F, 'NR > 1 && ($5 == 1) != ($7 > 0.5) { exit 1 }' whole/predictions.csv
says "two processes" 0 "Pooled" cv whole/config.yaml threads=2 --out again --jobs 2
check "give the same predictions" cmp whole/predictions.csv again/predictions.csv
rm again/predictions.csv again/fold-rat2/checkpoint
says "an unfinished fold" 0 "was finished before" cv whole/config.yaml threads=2 --out again --resume
check "ends in the same predictions" cmp whole/predictions.csv again/predictions.csv
says "train" 0 "F1" train classic.yaml --out one
says "the paper's six settings" 0 "" config classic.yaml model.lbp.radius=3 model.lbp.grid=16
for method in default ror; do
    says "method $method" 0 "Pooled" cv classic.yaml model.lbp.method=$method data.balance=class_weight --out $method
done
says "more cells than pixels" 2 "model.lbp.grid" cv classic.yaml model.lbp.grid=33 --out bad
says "vectors too long" 2 "model.lbp.points" cv classic.yaml model.lbp.points=16 model.lbp.method=ror model.lbp.grid=8 --out bad
says "an unknown method" 2 "model.lbp.method" cv classic.yaml model.lbp.method=var --out bad
says "weights for no network" 2 "model.pretrained" cv classic.yaml model.pretrained=w.safetensors --out bad
says "no network to begin with" 2 "model.classic" init classic.yaml --out start.safetensors
# The images that rat1's model was tested on, predicted by it alone; a folder beside data/ so that paths hold.
{ echo image && awk -F, 'NR > 1 && $3 == "rat1" { print $1 }' whole/predictions.csv; } >data/rat1.csv
check "predict with one fold's model" "$GRIMACE" predict whole/fold-rat1/model.safetensors --manifest data/rat1.csv --out p.csv
awk -F, '$3 == "rat1" { print $1 "," $5 "," $6 "," $7 }' whole/predictions.csv >expected.csv
check "gives what the run gave" cmp <(tail -n +2 p.csv | cut -d, -f1-4) expected.csv
says "predict with all folds' models" 0 "^image,predicted,p_0,p_1,spread,models,decision$" predict whole --manifest data/rat1.csv
says "export as LIBSVM's model" 0 "1 for class 1, 0 for 0; .* 4 x 4 cells of .*uniform, radius 1, 8 points" \
    export whole/fold-rat1/model.safetensors --format libsvm --out svm.txt
check "which is linear" grep -qx "kernel_type linear" svm.txt
says "export as ONNX" 2 "is no network .*--format libsvm would be right" export whole --format onnx --out m.onnx
says "export of three models" 2 "a LIBSVM file is one" export whole --format libsvm --out m.txt
check "writes nothing" [ ! -e m.onnx -a ! -e m.txt ]
check "no folder stays behind" [ ! -e bad ]
exit $bad
