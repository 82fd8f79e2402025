# What the command line's tests share: source it. $GRIMACE is the binary. Everything happens in a folder that goes away.
set -u
: "${GRIMACE:?the path of the grimace binary}"
GRIMACE=$(realpath "$GRIMACE")
parity_runs=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../parity/runs")
# Whoever runs them has settings, and a cache, that these tests are not about.
unset GRIMACE_ISA GRIMACE_THREADS GRIMACE_MODULES CDPATH
export LC_ALL=C # of sort, join, awk and printf
work=$(mktemp -d) || exit 1
export XDG_CACHE_HOME=$work/.cache
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
bad=0

ok() { echo "ok $1"; }
no() { echo "FAIL $1"; bad=1; }

# check NAME COMMAND...: the command must succeed.
check() {
    local name=$1
    shift
    if "$@"; then ok "$name"; else no "$name"; fi
}

# says NAME STATUS PATTERN WORDS...: grimace WORDS must exit with STATUS, and say one line on stderr that matches PATTERN
# (an extended regular expression); for status 0 stderr must be empty and stdout match.
says() {
    local name=$1 status=$2 pattern=$3 got
    shift 3
    "$GRIMACE" "$@" >out.txt 2>err.txt
    got=$?
    if [ "$got" -ne "$status" ]; then
        no "$name: exit status $got, expected $status: $(head -c 300 err.txt)"
    elif [ "$status" -eq 0 ] && [ -s err.txt ]; then
        no "$name: stderr is not empty: $(head -c 300 err.txt)"
    elif [ "$status" -eq 0 ] && ! grep -qE -- "$pattern" out.txt; then
        no "$name: stdout lacks $pattern: $(head -c 300 out.txt)"
    elif [ "$status" -ne 0 ] && [ "$(wc -l <err.txt)" -ne 1 ]; then
        no "$name: stderr has $(wc -l <err.txt) lines: $(head -c 300 err.txt)"
    elif [ "$status" -ne 0 ] && ! grep -qE -- "^grimace: .*$pattern" err.txt; then
        no "$name: stderr lacks $pattern: $(head -c 300 err.txt)"
    else
        ok "$name"
    fi
}

# A data set of 3 animals with 8 pictures each, and a config that trains on it in a second.
make_data() {
    "$GRIMACE" data synth --preset mini --size 32 --animals 3 --images 8 --seed 3 --out data >/dev/null || return 1
    cat >config.yaml <<'YAML'
name: tiny
seed: 11
threads: 1
data:
  manifest: data/manifest.csv
  label: pain
  group: animal
  image: {size: 16}
  train_transforms: [{resize: 20}, {random_crop: 16}, {hflip: 0.5}]
model: {backbone: blackmice_cnn, head: linear}
optimizer: {lr: 1.0e-3}
train: {epochs: 3, batch_size: 5}
YAML
}

# near A B: two tables or results with the same words, and the same numbers but for their last digits. How many images go through a network
# at once may change the order of its sums, which processors do not all show: of floats' 24 bits a sum of some hundreds loses a few, and
# 1e-5 is a hundred times the last one.
near() {
    awk -F '[][ ,:;]+' '
        function number(x) { return x ~ /^-?[0-9]+\.?[0-9]*(e[-+]?[0-9]+)?$/ }
        FILENAME == ARGV[1] { want[++n] = $0; next }
        ++m > n || split(want[m], w) != NF { bad = 1; exit }
        { for (i = 1; i <= NF; i++) {
            d = w[i] - $i; most = 1e-5 * ($i * $i > 1 ? ($i < 0 ? -$i : $i) : 1)
            if (w[i] != $i && !(number(w[i]) && number($i) && d <= most && -d <= most)) bad = 1 } }
        END { exit bad || m != n || n == 0 }' "$1" "$2"
}

# The files of two runs that must be the same bytes.
same_runs() {
    local a=$1 b=$2 file
    for file in predictions.csv results.json results.csv statistics.json roc.csv pr.csv splits.csv $(cd "$a" && ls -d fold-*/*.safetensors); do
        [ -e "$a/$file" ] || [ -e "$b/$file" ] || continue
        cmp -s "$a/$file" "$b/$file" || { echo "$file differs"; return 1; }
    done
    [ "$(cd "$a" && find . | sort)" = "$(cd "$b" && find . | sort)" ] || { echo "the lists of files differ"; return 1; }
}

# How soon a machine gives a process its processor is not for a test to judge: what is to happen is waited for, for minutes.
# comes COMMAND...: waits until it succeeds; false: it never did.
comes() {
    for _ in $(seq 12000); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.01
    done
    return 1
}

# gone GROUP: no process of the group lives. Who is dead may still be listed, where nobody asks for it.
gone() { ! pgrep -r R,S,D,T -g "$1" >/dev/null; }

# has RUN FILE [PID]: there is such a file in RUN, a pattern of which * is / too; or the process is no more.
has() { [ -n "$(find "$1" -path "$1/$2" 2>/dev/null)" ] || { [ -n "${3:-}" ] && ! kill -0 "$3"; } }

# cut_off SIGNAL RUN FILE WORDS...: grimace WORDS --out RUN, which is sent the signal as soon as RUN has FILE. One that had reached its end
# by then is begun anew: a script may sleep for longer than a run takes. How it ended is in $status, what it said in err.txt.
cut_off() {
    local signal=$1 run=$2 file=$3 pid
    shift 3
    for _ in $(seq 100); do
        rm -rf "${run:?}"
        "$GRIMACE" "$@" --out "$run" >/dev/null 2>err.txt &
        pid=$!
        comes has "$run" "$file" $pid
        kill "-$signal" $pid 2>/dev/null
        { wait $pid; } 2>/dev/null
        status=$?
        [ $status -ne 0 ] && [ ! -e "$run/results.json" ] && [ ! -e "$run/sweep.json" ] && break
    done
    [ $status -ne 0 ] && has "$run" "$file"
}

# survives_kills NAME TRIES LEAST MOST WORDS...: grimace WORDS, killed after LEAST to MOST hundredths of a second again and
# again until it reaches the end or TRIES are spent; then it must end well.
survives_kills() {
    local name=$1 tries=$2 least=$3 most=$4 kills=0 pid killer status
    shift 4
    while :; do
        setsid "$GRIMACE" "$@" >/dev/null 2>err.txt &
        pid=$!
        (sleep "$(printf '0.%02d' $((RANDOM % (most - least) + least)))" && kill -9 $pid) 2>/dev/null &
        killer=$!
        wait $pid 2>/dev/null
        status=$?
        wait $killer 2>/dev/null
        [ $status -ne 137 ] && break
        comes gone $pid || no "$name: a process of who was killed goes on"
        kills=$((kills + 1))
        [ $kills -ge "$tries" ] && break
    done
    [ $status -eq 137 ] && "$GRIMACE" "$@" >/dev/null 2>err.txt && status=0
    check "$name: after $kills times kill -9 it ends well $(cat err.txt)" [ $status -eq 0 ]
}

# Cuts PAGE into what a reader follows, in its order: blocks behind <!-- run --> become part-NN.run, blocks behind
# <!-- file: NAME --> part-NN.file with the name as first line.
cut_page() {
    awk '
        /^<!-- (run|file: .*) -->$/ { kind = $2; name = $3; next }
        /^```/ && !inside && kind != "" {
            inside = 1
            part = sprintf("part-%02d.%s", ++count, kind == "run" ? "run" : "file")
            if (kind != "run")
                print name >part
            next
        }
        /^```/ && inside { inside = 0; kind = ""; close(part); next }
        inside { print >part }
    ' "$1"
}

# Writes the files and runs the commands of PAGE, cut before. Epochs are cut to one and images to six an animal, since only
# the way is tested.
follow_page() {
    local page=$1 part name
    for part in part-*; do
        if [ "${part##*.}" = file ]; then
            name=$(head -n 1 "$part")
            tail -n +2 "$part" | sed -E 's/(epochs: )[0-9]+/\11/' >"$name"
            continue
        fi
        sed -E -i 's/(epochs=)[0-9]+/\11/; s/--images [0-9]+/--images 6/' "$part"
        if bash -eu "$part" >out.txt 2>err.txt && [ ! -s err.txt ]; then
            ok "$page: $(head -n 1 "$part")"
        else
            no "$page: $(head -n 1 "$part"): $(head -c 400 err.txt)"
        fi
    done
}

# The config and the data set of whole runs that other software made (tests/parity/make_score_runs.py), in this folder.
make_parity_data() {
    cp "$parity_runs/run.yaml" . || return 1
    "$GRIMACE" data synth --preset mini --size 32 --animals 3 --images 8 --seed 3 --out data >/dev/null || return 1
    awk -F, 'BEGIN { OFS = "," } NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print; next }
        (NR - 2) % 5 == 0 { $at["au_ear"] = "" } NR % 5 == 0 { $at["au_orbital"] = "" } (NR + 2) % 5 == 0 { $at["au_whisker"] = "" }
        { print }' data/manifest.csv >data/gaps.csv
}

# follows NAME OVERRIDES...: grimace train run.yaml OVERRIDES has the losses of NAME in losses.txt, to 1e-4.
follows() {
    local name=$1
    shift
    "$GRIMACE" train run.yaml "$@" --out "follows-$name" >/dev/null 2>err.txt || no "$name: $(head -c 300 err.txt)"
    check "$name: the losses are PyTorch's" awk -v name="$name" '
        FNR == NR { if ($1 == name) want[$2] = $3; next }
        { split($0, part, /"epoch": |, "lr"|"train_loss": |, "/); n++; e = want[part[2]]; l = $0
          sub(/.*"train_loss": /, "", l); d = (l + 0 - e) / e; if (!(d < 1e-4 && d > -1e-4)) bad = 1 }
        END { exit bad || n != 3 }' "$parity_runs/losses.txt" "follows-$name/fold-0/metrics.jsonl"
}

# wrong_clock: sets `clock`, the words before FAKETIME=+7m COMMAND... with which a process's clock is off by that much: Debian's faketime.
# What only counts on and the times of files stay right: those of another machine are, too. False: it is not here.
wrong_clock() {
    local library
    library=$(faketime -f +7m printenv LD_PRELOAD 2>/dev/null) || return 1
    clock=(env "LD_PRELOAD=$library" DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1)
    "${clock[@]}" FAKETIME=+7m "$GRIMACE" --version >/dev/null 2>&1
}

# wrong_clocks RUN: work.csv says that clocks minutes apart wrote it, that each part was done once, and that none was taken over.
wrong_clocks() {
    grep -q ',lost$' "$1/work.csv" && { echo "a part was taken over"; return 1; }
    [ -z "$(cut -d, -f3,4 "$1/work.csv" | sort | uniq -d)" ] || { echo "a part was done twice"; return 1; }
    [ "$(sed 1d "$1/work.csv" | cut -d, -f5 | while read -r at; do date -d "$at" +%s; done | sort -n |
        awk 'NR == 1 { first = $1 } END { print ($1 - first > 780) }')" = 1 ] || { echo "the clocks were not off"; return 1; }
}
