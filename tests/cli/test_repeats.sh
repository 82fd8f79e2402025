#!/bin/bash
# train.repeats: the same folds trained again with other random numbers, and the spread of what comes out.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

make_data || no "data"
"$GRIMACE" cv config.yaml --out once >/dev/null || no "a run"
says "three repetitions" 0 "^3 repetitions  *first  *mean  *sd of them  *sd of folds" cv config.yaml train.repeats=3 --out run
check "the run itself is the first" cmp once/predictions.csv run/predictions.csv
check "the others have the same folds" cmp run/splits.csv run/repeat-2/splits.csv
check "and other numbers" [ "$(cmp -s run/predictions.csv run/repeat-2/predictions.csv; echo $?)" -eq 1 ]
check "which differ among them" [ "$(cmp -s run/repeat-2/predictions.csv run/repeat-3/predictions.csv; echo $?)" -eq 1 ]
check "a row for each" [ "$(wc -l <run/repeats.csv)" -eq 4 ]

# The standard deviation of AUROC over repetitions, by hand.
column=$(head -n 1 run/repeats.csv | tr , '\n' | grep -nx auroc | cut -d: -f1)
wanted=$(tail -n +2 run/repeats.csv | cut -d, -f"$column" |
    awk '{ n++; s += $1; q += $1 * $1 } END { printf "%.4f", sqrt((q - s * s / n) / (n - 1)) }')
"$GRIMACE" cv config.yaml train.repeats=3 --out run --resume >again.txt || no "going on with a finished run"
check "its spread is the table's" [ "$(awk '$1 == "auroc" { print $4 }' again.txt)" = "$wanted" ]
check "results.json has them" grep -q '"repeats"' run/results.json
says "one more" 0 "^4 repetitions" cv config.yaml train.repeats=4 --out run --resume
check "trains one more alone" [ -d run/repeat-4 ]
check "config.yaml says how many" grep -q "^  repeats: 4$" run/config.yaml
rm run/repeat-4/results.csv run/repeats.csv
says "which a worker knows" 0 "Nothing is left to do" work run
check "and says of all four again" [ "$(wc -l <run/repeats.csv)" -eq 5 ]

# One that was stopped goes on to the same bytes.
rm -r run/repeat-3/fold-rat2 run/repeat-4
"$GRIMACE" cv config.yaml train.repeats=4 --out run --resume --jobs 2 >/dev/null || no "going on"
"$GRIMACE" cv config.yaml train.repetition=2 --out third >/dev/null || no "a repetition by itself"
check "to the same bytes" cmp run/repeat-3/predictions.csv third/predictions.csv

says "fewer" 0 "^2 repetitions" cv config.yaml train.repeats=2 --out run --resume
check "are as many in every file" [ "$(wc -l <run/repeats.csv) $(grep -c '^  repeats: 2$' run/config.yaml)" = "3 1" ]
says "one" 0 "^images" cv config.yaml train.repeats=1 --out run --resume
check "is no repetition" [ ! -e run/repeats.csv ]
check "in any file" [ "$(grep -c '"repeats"' run/results.json) $(grep -c '^  repeats: 1$' run/config.yaml)" = "0 2" ] # split.repeats, too

says "experiments have none" 2 "train.repeats: repeats one run" cv config.yaml train.repeats=2 experiment.cross=session --out x
says "a number is needed" 2 "train.repeats: " cv config.yaml train.repeats=0 --out x
exit $bad
