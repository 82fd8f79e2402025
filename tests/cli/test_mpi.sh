#!/bin/bash
# --on mpi: steps, folds and settings shared among ranks give the bytes of one process, also after one was killed; what cannot be
# shared is refused, and said once.
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }

mkdir elsewhere && cp "$GRIMACE" elsewhere/grimace
without() { GRIMACE=$work/elsewhere/grimace says "$@"; }
without "a build without MPI says what is missing" 2 "--on mpi: this grimace was built without MPI; apt-get install libopenmpi-dev" \
    train config.yaml --on mpi --out never
export GRIMACE_MODULES=$work/elsewhere
says "a module that is not there" 2 "--on mpi: .*grimace-mpi.so cannot be loaded" cv config.yaml --on mpi --out never
unset GRIMACE_MODULES
says "another place to run on" 2 "--on: there is no \"moon\"; mpi would be right" train config.yaml --on moon --out never
says "two ways to share" 2 "--jobs N .* --on mpi" cv config.yaml --jobs 2 --on mpi --out never
check "nothing is written" [ ! -e never ]

# What shares a batch in blocks needs no MPI.
says "blocks that are no power of 2" 2 "train.blocks: is 3; 1, 2, 4" train config.yaml train.blocks=3 --out never
says "more blocks than images" 2 "train.blocks: is 8, more than the 5 images" train config.yaml train.blocks=8 --out never

if [ ! -e "$(dirname "$GRIMACE")/grimace-mpi.so" ] || ! command -v mpirun >/dev/null; then
    echo "skipped: mpirun or grimace-mpi.so is not here"
    exit $bad
fi
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 # of those who build packages as root
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" # MPI keeps what it has taken
words=
case $(mpirun --version 2>&1) in *"Open MPI"*) words="--oversubscribe --bind-to none" ;; esac
ranks() { # N WORDS...: grimace WORDS on N ranks
    local n=$1
    shift
    # shellcheck disable=SC2086
    timeout 600 mpirun $words -n "$n" "$GRIMACE" "$@" >out.txt 2>err.txt
}

# Batch norm, dropout, augmentation, validation that chooses the epoch; batches of 7 of which the last has 2 images.
cat >net.yaml <<'YAML'
name: net
seed: 5
threads: 1
data:
  manifest: data/manifest.csv
  label: pain
  group: animal
  image: {size: 16}
  train_transforms: [{resize: 20}, {random_crop: 16}, {hflip: 0.5}, {brightness: [0.8, 1.2]}]
model:
  backbone: layers
  layers: [{conv: 8, kernel: 3, pad: same, act: relu}, {batch_norm: {}}, {pool: max, size: 2}, {conv: 12, kernel: 3}, {batch_norm: {}},
           {dropout: 0.4}, {flatten: {}}, {dense: 16, act: relu}]
optimizer: {name: adam, lr: 3.0e-3}
split: {scheme: group_kfold, folds: 3}
train: {epochs: 3, batch_size: 7}
YAML
says "a batch in blocks" 0 "F1" train net.yaml train.blocks=4 --out whole
for n in 1 2 4; do
    ranks $n train net.yaml --on mpi --out "ranks$n"
    check "$n ranks give its bytes $(cat err.txt)" same_runs whole "ranks$n"
done
check "only the first rank is heard" [ "$(grep -c '^The run lies in' out.txt)" -eq 1 ]
check "the run says that its batches are in blocks" grep -q '^  blocks: 4' ranks4/config.yaml
ranks 4 train net.yaml optimizer.name=sgd optimizer.momentum=0.9 optimizer.clip.global_norm=0.5 data.balance=class_weight \
    train.blocks=8 train.batch_size=8 loss.prsc.lambda=0 --on mpi --out sgd4
says "with momentum, clipping and class weights" 0 "F1" train net.yaml optimizer.name=sgd optimizer.momentum=0.9 \
    optimizer.clip.global_norm=0.5 data.balance=class_weight train.blocks=8 train.batch_size=8 threads=2 --out sgd
check "likewise, in eight blocks" same_runs sgd sgd4

# A rank is killed as soon as there is something to go on with.
long="train net.yaml train.epochs=40 train.blocks=4"
# shellcheck disable=SC2086
says "a longer training" 0 "F1" $long --out long
for _ in $(seq 100); do # until it was quicker than the training
    rm -rf killed
    # shellcheck disable=SC2086
    mpirun $words -n 2 "$GRIMACE" $long --on mpi --out killed >/dev/null 2>err.txt &
    run=$!
    comes has killed fold-0/checkpoint $run
    victim=$(pgrep -P $run grimace | tail -n 1)
    [ -z "$victim" ] || kill -9 "$victim"
    wait $run 2>/dev/null
    status=$?
    [ -e killed/results.json ] || break
done
check "a killed rank ends the others" [ $status -ne 0 ]
check "before the end" [ ! -e killed/results.json -a -e killed/fold-0/checkpoint ]
# shellcheck disable=SC2086
ranks 4 $long --on mpi --out killed --resume
check "other ranks go on to the same bytes $(cat err.txt)" same_runs long killed

# Errors are said once, wherever they happen.
said_once() { # NAME PATTERN
    check "$1: $(grep "^grimace: " err.txt)" [ "$(grep -c '^grimace: ' err.txt)" -eq 1 ]
    check "$1, what it is" grep -qE "^grimace: .*$2" err.txt
}
ranks 3 train net.yaml --on mpi --out never
said_once "three ranks" "train.blocks: is 4, and 3 ranks cannot share so many blocks evenly; 1, 2 or 4 ranks would be right"
ranks 2 train net.yaml train.epochs=0 --on mpi --out never
said_once "a wrong config" "train.epochs"
ranks 2 train net.yaml model.classic=lbp_svm --on mpi --out never
said_once "no network" "model.classic: is lbp_svm, and --on mpi shares the steps of a network"
ranks 2 cv net.yaml data.align=synth18 data.landmarks_from=net.yaml --on mpi --out never
said_once "a training before the others, of another kind" "data.landmarks_from: is .*net.yaml, which learns classes"
check "nothing is left of them" [ ! -e never ]

# A run that comes first is shared, too.
cat >pose.yaml <<'YAML'
name: pose
threads: 1
data: {manifest: data/manifest.csv, group: animal, image: {size: 16}, landmarks: [4, 5, 6, 1, 2, 3, 8, 9, 11, 12, 13, 14, 15, 16]}
model: {backbone: blackmice_cnn, head: landmarks}
train: {epochs: 2, batch_size: 8}
YAML
first() { # COMMAND WORDS...
    local command=$1 blocks=() part
    shift
    set -- net.yaml data.align=synth18 data.landmarks_from=pose.yaml "$@"
    [ "$command" = train ] && blocks=(train.blocks=4)
    "$GRIMACE" "$command" "$@" "${blocks[@]}" --out "first-$command" >/dev/null
    ranks 2 "$command" "$@" --on mpi --out "first-$command-2"
    for part in . landmarks $(cd "first-$command" && ls -d setting-*); do
        check "$command: the first training is there, $part $(cat err.txt)" [ -e "first-$command/$part/config.yaml" ]
        check "and shared, with the same bytes" same_runs "first-$command/$part" "first-$command-2/$part"
    done
} 2>/dev/null
first cv
first train
first sweep 'sweep=[{key: seed, values: [1, 2]}]'

# Folds and settings.
says "cv" 0 "Pooled" cv net.yaml --out cv
for n in 2 3; do
    ranks $n cv net.yaml --on mpi --out "cv$n"
    check "$n ranks share the folds $(cat err.txt)" same_runs cv "cv$n"
done
for several in "train.repeats=2" "experiment.labels=[au_orbital, au_ear]" "experiment.cross=session"; do
    name=${several%%=*}
    "$GRIMACE" cv net.yaml "$several" split.folds=2 --out "$name" >/dev/null 2>err.txt || no "$several: $(cat err.txt)"
    ranks 2 cv net.yaml "$several" split.folds=2 --on mpi --out "$name-2"
    check "$several on two ranks $(cat err.txt)" diff -rq -x metrics.jsonl -x about.json -x checkpoint "$name" "$name-2"
done
ranks 2 train net.yaml train.repeats=2 --on mpi --out steps
"$GRIMACE" train net.yaml train.repeats=2 train.blocks=4 --out steps-alone >/dev/null
check "steps of repetitions are shared $(cat err.txt)" diff -rq -x metrics.jsonl -x about.json -x checkpoint steps-alone steps
cat >>net.yaml <<'YAML'
sweep: [{key: optimizer.lr, values: [1.0e-3, 1.0e-2]}]
YAML
says "sweep" 0 "setting" sweep net.yaml --out sweep
ranks 2 sweep net.yaml --on mpi --out sweep2
check "ranks share the settings $(cat err.txt)" cmp sweep/sweep.csv sweep2/sweep.csv
for setting in sweep/setting-*; do
    check "${setting#*/} is the same" same_runs "$setting" "sweep2/${setting#*/}"
done
exit $bad
