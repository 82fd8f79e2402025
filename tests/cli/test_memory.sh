#!/bin/bash
# train.memory: the same run in less memory, which auto takes by itself where a step would not fit otherwise.
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
words=(config.yaml model.backbone=mobilenet_v3_small train.epochs=1 train.batch_size=4)

says "a word that it does not know" 2 "train.memory.*auto or low" info --plan "${words[@]}" train.memory=lo
"$GRIMACE" cv "${words[@]}" --out auto >out.txt && "$GRIMACE" cv "${words[@]}" train.memory=low --out low >out.txt ||
    no "runs of either kind"
check "its predictions have the same bytes" cmp auto/predictions.csv low/predictions.csv
for fold in auto/fold-*; do
    check "and its weights, ${fold#auto/}" cmp "$fold/model.safetensors" "low/${fold#auto/}/model.safetensors"
done

# Room for a step of low memory (0.2 GB here), not for one as it is (0.5 GB): less and less is lent, for what the program itself takes
# differs between machines.
words+=("data.train_transforms=[{resize: 224}]" data.image.size=224 train.batch_size=64)
plan() { (ulimit -v "$1" && OPENBLAS_NUM_THREADS=1 "$GRIMACE" info --plan "${words[@]}" "${@:2}"); }
if ! plan 2000000 >out.txt 2>/dev/null && grep -qa __asan_init "$GRIMACE"; then
    ok "AddressSanitizer takes no limit: left out"
    exit $bad
fi
check "the former where it fits" grep -q "this is the former$" out.txt
for limit in $(seq 1900000 -100000 100000); do
    plan "$limit" >out.txt 2>/dev/null
    grep -q "this is the former$" out.txt || break
done
check "low memory where it alone fits" grep -q "this is the latter$" out.txt
exit $bad
