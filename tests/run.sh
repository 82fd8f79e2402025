#!/bin/bash
# Runs the command line's scripts against $GRIMACE (the binary; none when it is empty) and the test programs given as arguments,
# JOBS at a time (as many as there are processors, unless set). Each program's own lines are shown only when something in it
# failed. EMULATOR: what runs the programs, where they are another processor's. Last line: "N passed, N failed".
set -u
cd "$(dirname "$0")/.." || exit 1
results=$(mktemp -d) || exit 1
trap 'rm -rf "$results"' EXIT
export results

# Waiting threads sleep soon, as under grimace itself: other programs may run here too.
export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-1000}

# The counts of one program, from cmocka's lines (which name a failed test twice, and cmocka 2's the group) or the scripts' "ok"
# and "FAIL"; one that dies without a failed test counts as one.
judge() {
    local name=$1 status=$2 log=$3 good bad
    good=$(grep -cE '^(\[ +OK \] |ok )' "$log")
    bad=$(grep -E '^(\[  FAILED  \] [A-Za-z_]|FAIL )' "$log" | grep -v ': [0-9]* test(s), listed below' | sort -u | wc -l)
    [ "$status" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
    # a program that tests nothing, and does not say that a library is not here
    [ "$status" -eq 0 ] && [ "$good" -eq 0 ] && ! grep -qE '^(\[  SKIPPED \] |skipped: )' "$log" && bad=1
    echo "$good $bad $name" >>"$results/counts"
    if [ "$bad" -gt 0 ]; then
        printf '%s\nFAILED  %s (exit status %d)\n' "$(cat "$log")" "$name" "$status"
    else
        printf 'ok  %-48s %4d tests  %3d s\n' "$name" "$good" "$SECONDS"
    fi
}

run() {
    local name=$1 log
    log=$(mktemp -p "$results")
    SECONDS=0
    case $name in
    *.sh) bash "$name" ;;
    *) ${EMULATOR:-} "$name" ;;
    esac >"$log" 2>&1 </dev/null
    judge "$name" $? "$log"
}
export -f judge run

# First the scripts, the longest of them before all: at the end something short is left for each processor.
if [ -n "${GRIMACE:-}" ]; then
    set -- tests/cli/test_{recipes,readme,install_system,install,matrix,landmarks}.sh tests/cli/test_*.sh "$@"
fi
printf '%s\n' "$@" | awk '!seen[$0]++' | xargs -P "${JOBS:-$(nproc)}" -I{} bash -c 'run "$1"' _ {}

awk '{ passed += $1; failed += $2 } $2 { names = names " " $3 }
     END { if (names) print "failed in:" names; printf "%d passed, %d failed\n", passed, failed; exit failed > 0 || !passed }' "$results/counts"
