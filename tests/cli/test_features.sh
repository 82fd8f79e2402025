#!/bin/bash
# A frozen backbone's features: computed once, kept, shared by folds, runs, sweeps and processes; the same bytes in every case.
. "$(dirname "$0")/common.sh"
export XDG_CACHE_HOME=$work/cache
make_data || { no "data synth"; exit 1; }
sed -i 's/train_transforms: .*/train_transforms: [{resize: 32}]/; s/size: 16/size: 32/;
    s/^model:.*/model: {backbone: shufflenet_v2, width: 0.5, freeze: [backbone]}/' config.yaml
sed -i 's/  image:/  eval_transforms: [{resize: 32}]\n  image:/' config.yaml
kept() { find "$XDG_CACHE_HOME/grimace/features" -name '*.features' 2>/dev/null | wc -l; }

says "off: the backbone runs" 0 "frozen backbone: runs anew for every image of every epoch, for train.feature_cache is off" \
    cv config.yaml train.feature_cache=off --out off
check "and nothing is kept" [ ! -e "$XDG_CACHE_HOME" ]
says "the first run computes" 0 "frozen backbone: the head reads the features of 24 images, 24 of them to be computed; they are kept in $XDG_CACHE_HOME/grimace/features/[0-9a-f]{16}.features" \
    cv config.yaml --out cold
check "one file" [ "$(kept)" -eq 1 ]
says "the next one does not" 0 "the features of 24 images; they are kept in" cv config.yaml optimizer.lr=3e-3 --out faster
says "nor with the same config" 0 "the features of 24 images; they are kept in" cv config.yaml --out warm
for run in cold warm; do check "$run: the bytes of the run without a cache" same_runs off $run; done
says "processes share it" 0 "accuracy" cv config.yaml --out jobs --jobs 3
check "with the same bytes" same_runs off jobs

# What features follow from makes another file; what they do not follow from makes none.
says "the head is no part of it" 0 "the features of 24 images; they" cv config.yaml 'model={head: mlp, mlp: {hidden: [4]}}' --out mlp
says "weights are" 0 "24 of them to be computed" cv config.yaml seed=12 --out weights
says "and the transforms" 0 "24 of them to be computed" cv config.yaml 'data.train_transforms=[{resize: 40}, {center_crop: 32}]' \
    'data.eval_transforms=[{resize: 40}, {center_crop: 32}]' --out transforms
if ! "$GRIMACE" info | grep -q "^instruction set  generic"; then
    GRIMACE_ISA=generic "$GRIMACE" cv config.yaml --out generic >out.txt
    check "and the instruction set" grep -q "24 of them to be computed" out.txt
fi
cp -r data moved && sed 's/data\/manifest/moved\/manifest/' config.yaml >moved.yaml
says "names of images are not" 0 "the features of 24 images; they" cv moved.yaml --out moved-run
cp "$(ls moved/*/*.png | head -n 1)" "$(ls moved/*/*.png | tail -n 1)"
says "a changed image is new" 0 "the features of 24 images; they" cv moved.yaml --out copied # it is a copy of one that is known
"$GRIMACE" data synth --preset mini --size 32 --animals 1 --images 2 --seed 4 --out other >/dev/null
cp "$(ls other/*/*.png | head -n 1)" "$(ls moved/*/*.png | tail -n 1)"
says "and only it" 0 "24 images, 1 of them to be computed" cv moved.yaml --out changed

# Settings of a sweep and processes that begin at once compute them once.
rm -rf "$XDG_CACHE_HOME"
cat config.yaml - >sweep.yaml <<'YAML'
sweep:
  - {key: optimizer.lr, values: [1.0e-3, 2.0e-3, 3.0e-3]}
YAML
says "a sweep in two processes" 0 "ranked" sweep sweep.yaml --out sweep --jobs 2
check "computes them once" [ "$(grep -c "24 of them to be computed" out.txt)" -eq 1 ]
check "and its settings read the same" same_runs off sweep/setting-001
rm -rf "$XDG_CACHE_HOME"
for i in 1 2 3; do "$GRIMACE" cv config.yaml --out "at-once$i" >"at-once$i.txt" 2>&1 & done
wait
check "of three runs at once one computes" [ "$(cat at-once?.txt | grep -c "24 of them to be computed")" -eq 1 ]
for i in 1 2 3; do check "run $i: the same bytes" same_runs off "at-once$i"; done

# What is wrong with the cache does no harm to the run.
file=$(ls "$XDG_CACHE_HOME"/grimace/features/*.features)
printf 'xxxx' | dd of="$file" bs=1 seek=5000 conv=notrunc 2>/dev/null
says "a damaged entry is computed anew" 0 "1 of them to be computed; they are kept in .*, where 1 entries were damaged" cv config.yaml --out damaged
check "to the same bytes" same_runs off damaged
says "and healed" 0 "the features of 24 images; they are kept in" cv config.yaml --out healed
: >"$file"
says "an empty file is filled" 0 "24 of them to be computed" cv config.yaml --out empty
rm -rf "$file"; mkdir "$file"
says "a folder in its place" 0 "not kept for other runs" cv config.yaml --out folder
check "the same bytes" same_runs off folder
XDG_CACHE_HOME=/dev/null/no says "no place for a cache" 0 "not kept for other runs: /dev/null: " cv config.yaml --out nowhere
check "the same bytes again" same_runs off nowhere
says "a file is no cache" 2 "config.yaml:[0-9]+: train.feature_cache: .*config.yaml is no folder|train.feature_cache: .* is no folder" \
    cv config.yaml train.feature_cache=config.yaml --out refused
check "nothing is left of that" [ ! -e refused ]
says "a folder of one's own" 0 "they are kept in .*/mine/[0-9a-f]{16}.features" cv config.yaml train.feature_cache=mine --out own
check "is used" [ "$(ls mine/*.features | wc -l)" -eq 1 ]

# What is stopped goes on, from epochs over features as from others.
"$GRIMACE" cv config.yaml train.epochs=200 --out whole >/dev/null
for pause in 0.2 0.4 0.6; do
    "$GRIMACE" cv config.yaml train.epochs=200 --out killed --resume >/dev/null 2>err.txt &
    pid=$!
    (sleep $pause && kill -9 $pid) 2>/dev/null &
    wait $pid 2>/dev/null
done
says "after kill -9" 0 "accuracy" cv config.yaml train.epochs=200 --out killed --resume
check "the same bytes as without" same_runs whole killed

# Where chance prepares the images of training, only those of validation and test are kept.
says "chance" 0 "runs anew for every training image of every epoch, for data.train_transforms draws at random" \
    cv config.yaml 'data.train_transforms=[{resize: 32}, {hflip: 0.5}]' --out chance
check "is said with what is kept" grep -q "the features of 24 validation and test images" out.txt
"$GRIMACE" cv config.yaml 'data.train_transforms=[{resize: 32}, {hflip: 0.5}]' train.feature_cache=off --out chance-off >/dev/null
check "the same bytes with chance" same_runs chance-off chance

exit $bad
