#!/bin/bash
# bench/workers.sh GRIMACE [ROUNDS]: 75 settings x 6 folds of the mini preset by `sweep --jobs 4` and by four `work`, in turn, ROUNDS (3)
# times: seconds by the clock and of processors, and what four workers lose. On a machine with four cores and nothing else to do.
GRIMACE=$1
. "$(dirname "$0")/../tests/cli/common.sh"
make_data >/dev/null || exit 1
"$GRIMACE" data synth --preset mini --size 32 --animals 6 --images 8 --seed 3 --out six >/dev/null || exit 1
sed -i 's#data/manifest.csv#six/manifest.csv#; s/epochs: 3/epochs: '"${EPOCHS:-30}"'/' config.yaml
sweep='sweep=[{key: optimizer.lr, values: [1.0e-4, 3.0e-4, 1.0e-3, 3.0e-3, 1.0e-2]}, {key: seed, values: [1, 2, 3, 4, 5]}, {key: train.batch_size, values: [4, 5, 6]}]'
TIMEFORMAT='%R %U %S'
timed() { { time "$@" >/dev/null 2>&1; } 2>&1 | awk '{ printf "%.2f %.2f", $1, $2 + $3 }'; }
by_jobs() { "$GRIMACE" sweep config.yaml "$sweep" --jobs 4 --out jobs; }
by_workers() {
    local pids=()
    for _ in 1 2 3 4; do
        "$GRIMACE" work workers --threads 1 &
        pids+=($!)
    done
    wait "${pids[@]}"
}
for round in $(seq "${2:-3}"); do
    rm -rf jobs workers
    read -r a b < <(timed by_jobs)
    mkdir workers
    cp jobs/config.yaml jobs/about.json workers/ # a sweep as it lies there when it has just begun
    sed -i 's/"done"/null/' workers/about.json
    read -r c d < <(timed by_workers)
    cmp jobs/sweep.json workers/sweep.json || exit 1
    awk -v a="$a" -v b="$b" -v c="$c" -v d="$d" -v r="$round" 'BEGIN {
        printf "round %d: --jobs 4 %.1f s (%.1f of processors), four workers %.1f s (%.1f): %+.1f %% by the clock, %+.1f %% of processors\n",
            r, a, b, c, d, 100 * (c / a - 1), 100 * (d / b - 1) }'
done
