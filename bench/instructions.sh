#!/bin/bash
# instructions.sh OLD NEW [CONFIG...]: the instructions that two builds of grimace execute for `grimace info` and for a dry
# `grimace config CONFIG`, counted by Valgrind's callgrind: how long the program takes to begin, whatever else the machine does.
# CONFIG: three of the papers when left out. Exit status 1 when NEW executes more than OLD in any row. One binary counted twice gives the
# same numbers.
set -eu
[ $# -ge 2 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
old=$(realpath "$1") new=$(realpath "$2")
shift 2
root=$(realpath "$(dirname "$0")/..")
[ $# -gt 0 ] || set -- "$root"/configs/demo.yaml "$root"/configs/painseeker/table3.yaml "$root"/configs/felinegrimace/landmarks.yaml
if ! command -v valgrind >/dev/null; then
    as=
    [ "$(id -u)" = 0 ] || as=sudo
    [ "${GRIMACE_INSTALL:-yes}" != no ] && $as apt-get -qq install -y valgrind >/dev/null 2>&1 && command -v valgrind >/dev/null ||
        { echo "grimace: run: sudo apt-get install -y valgrind" >&2; exit 2; }
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# One thread, no instruction that Valgrind does not know, and binaries
# whose names are as long as each other.
export OMP_NUM_THREADS=1 GOMP_SPINCOUNT=1000 OPENBLAS_NUM_THREADS=1 GRIMACE_ISA=generic OPENBLAS_CORETYPE=Nehalem
ln -s "$old" "$work/old" && ln -s "$new" "$work/new"

count() { # side, words
    local side=$1
    shift
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$work/$side" "$@" 2>"$work/log" >/dev/null ||
        { echo "grimace $* fails under valgrind: $(tail -n 1 "$work/log")" >&2; exit 2; }
    sed -nE 's/^.*Collected : ([0-9]+).*/\1/p' "$work/log"
}

more=0
row() { # name, words
    local name=$1 a b
    shift
    a=$(count old "$@")
    b=$(count new "$@")
    printf '%-52s %12d %12d  %+8.3f %%\n' "$name" "$a" "$b" "$(awk -v a="$a" -v b="$b" 'BEGIN { print 100 * (b - a) / a }')"
    [ "$b" -le "$a" ] || more=1
}
printf '%-52s %12s %12s\n' 'instructions of grimace' old new
row info info
for config; do row "config ${config#"$root/"}" config "$config"; done
exit $more
