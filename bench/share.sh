#!/bin/bash
# What claims and beats cost of a fold: `grimace work` under strace, and the sum of the seconds that its calls on RUN/crew take (an upper
# bound: strace's own stops are in them), by the seconds of the run.
#
#   bench/share.sh GRIMACE [EPOCHS [FOLDS]]
set -eu
grimace=$(realpath "$1") epochs=${2:-3000} folds=${3:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"$grimace" data synth --preset mini --size 32 --animals "$folds" --images 8 --seed 3 --out data >data.txt
cat >config.yaml <<YAML
name: share
threads: 1
data: {manifest: data/manifest.csv, label: pain, group: animal, image: {size: 16}}
model: {backbone: blackmice_cnn, head: linear}
train: {epochs: $epochs, batch_size: 8}
YAML
"$grimace" cv config.yaml --out run >begun.txt 2>&1 &
pid=$!
until find run -name metrics.jsonl 2>/dev/null | grep -q .; do sleep 0.05; done
kill -9 $pid
wait $pid 2>/dev/null || true
start=$(date +%s.%N)
# a beat ends at the earliest after 5 seconds, the usual ones of a worker
strace -f -y -T -e trace=file,desc -o calls.txt "$grimace" work run >worked.txt
seconds=$(echo "$start $(date +%s.%N)" | awk '{ print $2 - $1 }')
awk -v seconds="$seconds" -v folds="$folds" -v epochs="$epochs" '
    # not what the fold does by the road to its folder, which it would do without workers, too
    /\/claims\/[^"]*\.[0-9]+[\/"]/ && !/(symlink|readlink|newfstatat)\(/ { next }
    /\/claims\/[^"]*\.[0-9]+\// { next }
    /\/crew[\/>"]/ && /<[0-9.]+>$/ {
        t = $NF; gsub(/[<>]/, "", t); calls++; took += t
        if (/\/beat[">]/) { beats++; beat += t }
    }
    END {
        printf "%d folds of %d epochs, %.1f s each: %.1f calls on crew a fold, %.3f ms of it, %.3f %% of the time; ", folds, epochs,
            seconds / folds, calls / folds, 1000 * took / folds, 100 * took / seconds
        printf "of these the beat: %.1f calls, %.3f ms, %.4f %%\n", beats / folds, 1000 * beat / folds, 100 * beat / seconds
    }' calls.txt
