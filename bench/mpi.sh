#!/bin/bash
# What sharing a training costs: images per second of a ResNet18 with PainSeeker's head, 224 pixels, batches of 32, as
#   whole      one process, 2 threads, batches that are not cut (train.blocks: 1)
#   1 x 2      one rank of MPI with 2 threads, batches in 4 blocks
#   2 x 1      two ranks with a thread each, the same blocks
# in turn, ROUNDS times (3); of each training the epochs behind the first count. Prints each round, then the medians of the ratios
# within rounds. Needs two cores that nothing else uses. Usage: bench/mpi.sh [grimace]; SIZE, BATCH, MODEL, ROUNDS change it.
set -eu
grimace=$(realpath "${1:-build/grimace}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
words=
case $(mpirun --version 2>&1) in *"Open MPI"*) words="--bind-to none --oversubscribe" ;; esac
"$grimace" data synth --preset mini --size "${SIZE:-224}" --animals 4 --images 32 --seed 3 --out data >/dev/null
cat >config.yaml <<YAML
name: mpi
data:
  manifest: data/manifest.csv
  label: pain
  group: animal
  image: {size: ${SIZE:-224}}
  train_transforms: [{hflip: 0.5}]
model: {backbone: ${MODEL:-resnet18}, head: painseeker}
train: {epochs: 3, batch_size: ${BATCH:-32}}
YAML
speed() { # NAME COMMAND...: images per second of the epochs behind the first; "user seconds" of all goes to stderr
    local name=$1
    shift
    rm -rf run
    TIMEFORMAT="    $name: %R s, processor %U s user, %S s system"
    time "$@" train config.yaml --out run "${more[@]}" >/dev/null
    sed -nE 's/.*"images_per_second": ([0-9.]+).*/\1/p' run/fold-0/metrics.jsonl | tail -n +2 | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}
median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
for round in $(seq "${ROUNDS:-3}"); do
    more=(threads=2) && whole=$(speed "whole" "$grimace")
    # shellcheck disable=SC2086
    more=(threads=2 --on mpi) && one=$(speed "1 x 2" mpirun $words -n 1 "$grimace")
    # shellcheck disable=SC2086
    more=(threads=1 --on mpi) && two=$(speed "2 x 1" mpirun $words -n 2 "$grimace")
    echo "$round: whole $whole, 1 x 2 $one, 2 x 1 $two images/s"
    echo "$whole $one $two" >>rounds
done
awk '{ print $3 / $2 }' rounds | median | sed 's/^/2 x 1 against 1 x 2: /'
awk '{ print $3 / $1 }' rounds | median | sed 's/^/2 x 1 against whole: /'
echo "load behind: $(cut -d' ' -f1-3 /proc/loadavg)"
