#!/bin/bash
# On a terminal the program says all that a pipe gets, with a bar below; its tables fit the terminal. script(1) makes the terminal.
. "$(dirname "$0")/common.sh"

make_data || no "the data set cannot be made"
command -v script >/dev/null || { no "script is not there: apt-get install bsdutils"; exit 1; }
script -qec true raw.txt >/dev/null 2>&1 </dev/null || { ok "passed over: there is no terminal to be had here (no /dev/pts)"; exit 0; }

# terminal COLUMNS WORDS...: what grimace WORDS shows on a terminal of that width, as lines of which the bar's are taken out.
terminal() {
    local columns=$1
    shift
    printf 'stty cols %d\nexec %q' "$columns" "$GRIMACE" >shown.sh
    printf ' %q' "$@" >>shown.sh
    env -u COLUMNS script -qec "bash shown.sh" raw.txt >/dev/null </dev/null || echo "exit status $?" >>raw.txt
    sed '/^Script /d; s/\r*$//; s/.*\r\x1b\[K//' raw.txt
}
widest() { awk '{ if (length($0) > w) w = length($0) } END { print w + 0 }' "$@"; }
# Times and speeds differ from run to run.
still() { sed -E '/^$/d; s/  [0-9.]+ images\/s//; s/  [0-9:]+ left//' "$@"; }

"$GRIMACE" cv config.yaml split.validation=0.3 --out piped >piped.txt 2>err.txt || no "cv: $(head -c 300 err.txt)"
terminal 120 cv config.yaml split.validation=0.3 --out shown >shown.txt
check "a pipe gets a line an epoch" [ "$(grep -c 'epoch [0-9]/3.*val_loss' piped.txt)" -eq 9 ]
check "a terminal shows every line of them, and no other" diff <(still piped.txt | sed -E 's/(lies in|grimace report) piped/\1 shown/') <(still shown.txt)
check "there was a bar" grep -q $'\r.*\\[#*-*\\]' raw.txt

terminal 120 predict piped data/images/rat1_s1_1.png >shown.txt
check "predict says on a terminal what it says beside a file" grep -q "^notice: 1 of 1 images were trained on" shown.txt
"$GRIMACE" predict piped data/images/rat1_s1_1.png >piped.csv
check "behind the table, which alone a pipe gets" cmp <(head -n "$(wc -l <piped.csv)" shown.txt) piped.csv

"$GRIMACE" cv config.yaml task=scores data.label=score --out scores >scores.txt 2>err.txt || no "scores: $(head -c 300 err.txt)"
check "a pipe has the whole table" grep -qE '^fold +n +MAE +RMSE +r2 +Pearson +Spearman +ICC$' scores.txt
terminal 80 cv config.yaml task=scores data.label=score --out scores80 | sed -n '/^tiny: /,$p' >shown.txt
check "80 columns: the whole table, drawn together" grep -qE '^fold +n +MAE +RMSE +r2 +Pearson +Spearman +ICC$' shown.txt
check "it has the same numbers" diff <(sed -n '/^tiny: /,/^Pooled/p' scores.txt | tr -s ' ') <(sed '/^Pooled/q' shown.txt | tr -s ' ')
terminal 50 cv config.yaml task=scores data.label=score --out scores50 | sed -n '/^tiny: /,$p' >shown.txt
check "50 columns: a narrower one" [ "$(widest shown.txt)" -le 50 ]
check "which names the columns that it lacks" grep -q 'columns\? more' shown.txt
check "and where they are" bash -c "tr '\n' ' ' <shown.txt | tr -s ' ' | grep -q 'ICC; all are in scores50/results.csv'"
check "and has them there" grep -q '^fold,n,mae,rmse,r2,pearson,spearman,icc' scores50/results.csv

printf 'image,rater,eye,ear\na,r1,0,1\na,r2,0,2\nb,r1,1,1\nb,r2,2,2\nc,r1,0,0\nc,r2,0,1\nd,r1,2,2\nd,r2,2,1\n' >raters.csv
for columns in 40 70 100; do
    terminal $columns stats piped >shown.txt
    check "stats fits $columns columns" [ "$(widest shown.txt)" -le $columns ]
    terminal $columns compare piped shown >shown.txt
    check "compare fits $columns columns" [ "$(widest shown.txt)" -le $columns ]
done
terminal 70 stats piped | sed -n '/^all predictions/,/^Intervals/p' >shown.txt
check "the table of stats keeps its header" grep -qE '^all predictions +value +interval  95 % +bootstrap  90 %' shown.txt
check "whose columns end together" awk 'NR > 1 && /^[a-zA-Z(]/ && !/^\(|^Inter/ { if (length($0) != length(before) && before != "") bad = 1; before = $0 } END { exit bad || NR < 10 }' shown.txt
"$GRIMACE" stats piped >stats.txt
check "those left out have their names" bash -c "tr '\n' ' ' <shown.txt | tr -s ' ' | grep -q 'no room: .*sd, p of chance; all'"
terminal 60 data label raters.csv --scheme mean --out rated.csv >shown.txt
check "agreement of raters fits" [ "$(grep -v '^notice' shown.txt | widest)" -le 60 ]
check "and keeps its header" grep -qE '^intraclass +images +ICC\(2,1\) +interval  95 %' shown.txt
check "a pipe gets wide tables of stats" [ "$(widest stats.txt)" -gt 100 ]
terminal 60 sweep config.yaml train.epochs=1 'sweep=[{key: optimizer.lr, values: [0.001, 0.002]}]' --out sweep | sed -n '/^tiny: /,$p' >shown.txt
check "the spread over settings reads well" grep -qE "over settings: from -?[0-9.]+ to -?[0-9.]+, mean" shown.txt
check "a sweep fits" [ "$(widest shown.txt)" -le 60 ]
check "and says where its columns are" bash -c "tr '\n' ' ' <shown.txt | tr -s ' ' | grep -q 'all are in sweep/sweep.csv'"

printf 'export COLUMNS=44\n%q stats piped\n' "$GRIMACE" >shown.sh
script -qec "bash shown.sh" raw.txt >/dev/null </dev/null
check "COLUMNS speaks before the terminal" [ "$(sed '/^Script /d; s/\r*$//' raw.txt | widest)" -le 44 ]
exit $bad
