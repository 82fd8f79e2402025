#!/bin/bash
# bench/herd.sh GRIMACE [WORKERS]: a sweep of 33 settings with a frozen backbone by WORKERS (32) workers that start at once, each with a
# cache of its own as on a machine of its own, and the features in a folder that all see (train.feature_cache): how many workers
# compute them, and whether the results are those of one machine.
GRIMACE=$1
. "$(dirname "$0")/../tests/cli/common.sh"
make_data >/dev/null || exit 1
sed -i 's/train_transforms: .*/train_transforms: [{resize: 32}]/; s/size: 16/size: 32/; s/  image:/  eval_transforms: [{resize: 32}]\n  image:/
    s/^model:.*/model: {backbone: shufflenet_v2, width: 0.5, freeze: [backbone]}/' config.yaml
sweep='sweep=[{key: optimizer.lr, values: [1.0e-4, 2.0e-4, 3.0e-4, 4.0e-4, 5.0e-4, 6.0e-4, 7.0e-4, 8.0e-4, 1.0e-3, 3.0e-3, 1.0e-2]}, {key: train.batch_size, values: [4, 5, 6]}]'
mkdir shared several
"$GRIMACE" sweep config.yaml "$sweep" train.feature_cache="$PWD/shared" threads=1 --out alone >/dev/null 2>&1 || exit 1
rm -f shared/*
cp alone/config.yaml alone/about.json several/ # a sweep as it lies there when it has just begun
sed -i 's/"done"/null/' several/about.json
for i in $(seq "${2:-32}"); do
    XDG_CACHE_HOME=$PWD/cache-$i "$GRIMACE" work several --threads 1 >"said-$i.txt" 2>&1 &
done
wait
cmp alone/sweep.json several/sweep.json || exit 1
echo "$(cat said-*.txt | grep -c 'to be computed') of ${2:-32} workers computed features, of $(cat said-*.txt |
    sed -nE 's/.*features of [0-9]+ images, ([0-9]+) of them to be computed.*/\1/p' | awk '{ n += $1 } END { print n + 0 }') pictures; the results are one machine's"
