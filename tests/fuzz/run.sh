#!/usr/bin/env bash
# run.sh SECONDS PROGRAM...: runs each fuzzer of this folder for so long, from its committed seeds (seeds/NAME) and from what
# earlier runs found (corpus/NAME beside the program). One line for each; exit status 1 when one met a crash, a leak, a hang or too
# much memory: the input that did it is named, and PROGRAM INPUT repeats it.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 1
seconds=$1
shift
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
# AddressSanitizer watches over 256 MB of freed memory, which no cache holds: 4 MB are more than an input has, and up to twice as fast.
export ASAN_OPTIONS="quarantine_size_mb=4${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
bad=0
for program; do
    name=$(basename "$program")
    name=${name#fuzz_}
    corpus=$(dirname "$program")/corpus/$name
    found=$(dirname "$program")/found/$name
    seeds=$here/seeds/$name
    mkdir -p "$corpus" "$found"
    [ -d "$seeds" ] || seeds=
    # A signal's number for a hang (a minute on one input), 2 GB for memory: a picture of the largest size needs a third of it.
    if "$program" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$found/" \
        "$corpus" ${seeds:+"$seeds"} >"$log" 2>&1; then
        echo "ok    fuzz_$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in $seconds s"
    else
        bad=1
        tail -n 40 "$log"
        echo "FAIL  fuzz_$name: $(sed -n 's/.*Test unit written to //p' "$log")"
    fi
done
exit $bad
