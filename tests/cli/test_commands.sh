#!/bin/bash
# The command line itself: help everywhere, wrong words refused in one line, information.
. "$(dirname "$0")/common.sh"

says "help" 0 "usage: grimace COMMAND" --help
says "version" 0 "^grimace [0-9]" --version
for command in train cv predict init info config "data check" "data split" "data stats" "data import" "data synth"; do
    # shellcheck disable=SC2086
    says "help of $command" 0 "^usage: grimace $command" $command --help
done
for command in predict explain report figure stats info train; do
    says "no name for $command" 2 "$command: argument 1 is empty" $command ""
done
says "help behind arguments" 0 "^usage: grimace train" train nothing.yaml --help
says "help of data" 0 "^usage: grimace data" data --help
says "info" 0 "^instruction set" info
for isa in generic avx2; do
    if GRIMACE_ISA=$isa "$GRIMACE" info 2>/dev/null | grep -q "^instruction set  $isa"; then
        ok "GRIMACE_ISA=$isa"
    elif grep -q avx2 /proc/cpuinfo 2>/dev/null || [ $isa = generic ]; then
        no "GRIMACE_ISA=$isa"
    fi
done
export GRIMACE_ISA=sse9
says "unknown instruction set" 2 "sse9" info
unset GRIMACE_ISA

says "no command" 2 "no command is given" # no words
says "unknown command" 2 "did you mean grimace train" trian x
says "unknown word" 2 "no such command" zzzzzz
says "unknown option in place of a command" 2 "no such option" --frobnicate
says "option in place of a command" 2 "did you mean grimace --help" --hlep
says "a command is no option" 2 "no such option; grimace --help" --data
says "option of data" 2 "did you mean grimace data --help" data --hepl
says "option with a value" 2 "unknown option --ot, did you mean --out" train c.yaml --ot=x
says "no data command" 2 "grimace data --help" data
says "unknown data command" 2 "did you mean grimace data check" data chek
says "unknown option" 2 "did you mean --out" train c.yaml --ot x
says "option without a value" 2 "--out needs a value" train c.yaml --out
says "option twice" 2 "twice" train c.yaml --out a --out b
says "switch with a value" 2 "takes no value" cv c.yaml --resume=1
says "jobs of zero" 2 "--jobs" cv c.yaml --jobs 0
says "jobs of words" 2 "--jobs" cv c.yaml --jobs many
says "train knows no jobs" 2 "unknown option" train c.yaml --jobs 2
says "no config" 2 "no config file" train
says "two configs" 2 "second config" train a.yaml b.yaml
says "absent config" 2 "absent.yaml" train absent.yaml
says "a folder as config" 2 "/tmp: is a folder; a file would be right" train /tmp
says "init without --out" 2 "--out is missing" init c.yaml
says "info takes options only" 2 "options only" info now
says "predict nothing" 2 "no run or model" predict
says "predict no image" 2 "no image is named" predict run
says "predict images twice" 2 "both given" predict run a.png --manifest m.csv
says "predict from an absent run" 2 "absent" predict absent a.png
mkdir empty
says "predict from an empty folder" 2 "no fold" predict empty a.png

if [ -w /dev/full ]; then
    "$GRIMACE" --help >/dev/full 2>err.txt
    check "a full disk under stdout is exit 1" [ $? -eq 1 -a "$(wc -l <err.txt)" -eq 1 ]
fi
exit $bad
