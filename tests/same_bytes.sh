#!/bin/bash
# same_bytes.sh OLD NEW [--quick] [--isa LIST] [--keep DIR]: do two builds of grimace do the same? OLD and NEW are grimace binaries.
# Each command runs with both, on the same synthetic data; exit status, what is printed and every file that is written must be the
# same bytes. make test does not run it: it is for a change that is to change nothing.
#   --quick       the widest instruction set, the small cases and a few configs: under a minute
#   --isa LIST    only these, such as generic,avx2; otherwise every set that this machine has. generic runs the small cases only
#   --part LIST   only these: tables (no networks), refused (bad input), small (a case for each thing a config can say, and what is done
#                 with runs), configs (those of the repository)
#   --results     compares nothing but predictions.csv, results.json, splits.csv and model.safetensors: for a change that adds keys,
#                 sentences or tables. Parts small and configs
#   --keep DIR    works in DIR, and leaves it
# What may differ by documentation: seconds and images_per_second in metrics.jsonl, rates and times left on stdout, and the checkpoint,
# which holds the former; the last line but one says in how many cases it did. Last line: "N same, N differ"; exit status 1 if any does.
set -u
usage() { sed -n '2,14s/^# //p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
old=$(realpath "$1") new=$(realpath "$2")
shift 2
quick= sets= keep= results= parts=tables,refused,small,configs
while [ $# -gt 0 ]; do
    case $1 in
    --quick) quick=yes ;;
    --isa) sets=${2//,/ }; shift ;;
    --part) parts=$2; shift ;;
    --results) results=yes parts=small,configs ;;
    --keep) keep=$2; shift ;;
    *) usage ;;
    esac
    shift
done
root=$(realpath "$(dirname "$0")/..")
unset GRIMACE_ISA
export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-1000}
if [ -n "$keep" ]; then
    mkdir -p "$keep" && work=$(realpath "$keep") || exit 2
else
    work=$(mktemp -d) || exit 2
    trap 'rm -rf "$work"' EXIT
fi
cd "$work" && mkdir -p old new configs data weights || exit 2
available=$("$old" info | sed -nE 's/^instruction set .*this CPU runs ([a-z0-9_, ]+)\).*/\1/p' | tr -d ,)
[ -n "$available" ] || { echo "same_bytes.sh: $old info does not say which instruction sets there are" >&2; exit 2; }
widest=${available##* }
if [ -z "$sets" ]; then
    [ -n "$quick" ] && sets=$widest || sets=$available
fi
same=0 differ=0 timed=0

# ---- comparing -----------------------------------------------------------------------------------------------------------------

judge() { # name, status of the comparison
    if [ "$2" -eq 0 ]; then same=$((same + 1)); else differ=$((differ + 1)) && echo "DIFFERS  $1"; fi
}

# Without rates, times left, a plan's measured columns, and the folder of the side, which is in messages about the cache; with the
# present name of a page that was renamed.
untimed() {
    sed -E 's#docs/run-folder\.md#docs/run.md#; s/  [0-9.]+ images\/s//; s/  [0-9]+[0-9a-z: ]* left//; s#'"$work"'/(old|new)/#SIDE/#g; s/^one step: [0-9.]+ ms/one step/
        s/^((forward|backward) [^]]*\] +[0-9.]+ +[0-9.]+) +[0-9.]+ +[0-9.]+ +[0-9.]+/\1/'
}

one_side() ( # side, name, words: runs grimace, keeps what it said and its exit status in NAME.said
    local side=$1 name=$2
    shift 2
    cd "$work/$side" || exit 2
    XDG_CACHE_HOME=$PWD/cache "$work/$side.bin" "$@" >"$name.raw" 2>"$name.err"
    local status=$? order=cat
    case " $* " in *' --jobs '*) order=sort ;; esac # processes say what they did when they have done it
    { echo "exit status $status"; untimed <"$name.err"; untimed <"$name.raw" | $order; } >"$name.said"
)

# both NAME WORDS...: grimace WORDS by both builds, at once; NAME is a file's name too.
both() {
    local name=$1
    shift
    name=$name${GRIMACE_ISA:+.$GRIMACE_ISA}
    one_side old "$name" "$@" &
    one_side new "$name" "$@"
    wait $!
    [ -z "$results" ] || return
    cmp -s "old/$name.raw" "new/$name.raw" || timed=$((timed + 1))
    cmp -s "old/$name.said" "new/$name.said"
    judge "$name: grimace $*" $?
    cmp -s "old/$name.said" "new/$name.said" || diff "old/$name.said" "new/$name.said" | head -n 6
}

# clocks SIDE PATH: the path's metrics.jsonl without clocks, one after the other.
clocks() { find "$1/$2" -name metrics.jsonl | sort | xargs -r cat | sed -E 's/"(seconds|images_per_second)": [^,}]+/"\1": 0/g'; }

# results_of SIDE PATH: the sums of the four files that --results is about.
results_of() ( cd "$1" && find "$2" -name predictions.csv -o -name results.json -o -name splits.csv -o -name model.safetensors | sort |
    xargs -r sha256sum )

# files PATH...: what lies there, the list and each file.
files() {
    local path file count
    for path; do
        if [ -n "$results" ]; then
            count=$(results_of old "$path" | wc -l)
            file=$(diff <(results_of old "$path") <(results_of new "$path") | sed -nE 's/^[<>] [0-9a-f]+  //p' | sort -u)
            for file in $file; do judge "$file" 1; done
            same=$((same + count - $(echo "$file" | grep -c .)))
            continue
        fi
        if [ ! -e "old/$path" ] && [ ! -e "new/$path" ]; then
            judge "$path: neither has it" 1
            continue
        fi
        cmp -s <(cd old && find "$path" | sort) <(cd new && find "$path" | sort)
        judge "$path: the list of files" $?
        cmp -s <(clocks old "$path") <(clocks new "$path")
        judge "$path: metrics.jsonl" $?
        count=$(find "old/$path" -type f ! -name checkpoint ! -name metrics.jsonl | wc -l)
        while read -r file; do
            count=$((count - 1))
            judge "$file" 1
        done < <(diff -rq -x checkpoint -x metrics.jsonl -x about.json "old/$path" "new/$path" | sed -nE 's/^Files old\/(.*) and new\/.* differ$/\1/p')
        same=$((same + count))
        diff -rq "old/$path" "new/$path" >/dev/null || timed=$((timed + 1))
    done
}

# ends NAME STATUS: that the last run of NAME ended so, lest two builds agree in doing nothing.
ends() {
    local name=$1${GRIMACE_ISA:+.$GRIMACE_ISA}
    if [ "$(head -n 1 "old/$name.said")" != "exit status $2" ]; then
        differ=$((differ + 1))
        echo "WRONG    $name: not exit status $2 but $(head -n 2 "old/$name.said" | tr '\n' ' ')"
    fi
}

# run COMMAND NAME CONFIG OVERRIDES...: train, cv or sweep, which must end well, and its folder.
run() {
    local command=$1 name=$2
    shift 2
    both "$name" "$command" "$@" --out "run-$name${GRIMACE_ISA:+-$GRIMACE_ISA}"
    ends "$name" 0
    files "run-$name${GRIMACE_ISA:+-$GRIMACE_ISA}"
}

ln -sf "$old" old.bin && ln -sf "$new" new.bin

. "$root/tests/same_bytes/cases.sh"
part() { case ,$parts, in *",$1,"*) ;; *) return 1 ;; esac; }
make_data
if part tables; then tables; fi
if part refused; then refusals; fi
for set in $sets; do
    export GRIMACE_ISA=$set
    start=$SECONDS before=$differ
    if part small; then
        small_cases
        [ -n "$results" ] || applied
    fi
    [ "$differ" -ne "$before" ] || rm -rf {old,new}/run-*
    if [ "$set" != generic ] && part configs; then
        weights
        configs
    fi
    echo "$set: $((SECONDS - start)) s"
done
times >times.txt
echo "processor time: $(awk '{ for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); s += 60 * t[1] + t[2] } } END { printf "%.0f s", s }' times.txt)"
echo "$timed cases differ in seconds, rates, times left or the checkpoint that holds them, and may"
echo "$same same, $differ differ"
[ "$differ" -eq 0 ]
