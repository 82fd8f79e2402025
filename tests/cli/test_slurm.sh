#!/bin/bash
# --on slurm against commands that act as sbatch and squeue do: the array's script runs here. scripts/cluster.sh (make test-cluster)
# does the same with Slurm itself.
. "$(dirname "$0")/fake_slurm.sh"
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
fake_slurm
"$GRIMACE" cv config.yaml train.epochs=20 --out whole >/dev/null
same() {
    comes [ ! -e "$1/crew" ] # a worker that came too late clears away what it looked with
    cmp -s whole/results.json "$1/results.json" && cmp -s whole/predictions.csv "$1/predictions.csv" && [ ! -e "$1/crew" ]
}

says "no such place" 2 '--on: there is no "moon"; .*slurm' cv config.yaml --on moon --workers 2 --out none
says "no workers" 2 "--workers N would be right" cv config.yaml --on slurm --out none
says "workers of nothing" 2 "--workers belongs to --on slurm" cv config.yaml --workers 2 --out none
says "two ways at once" 2 "one of them would be right" cv config.yaml --on slurm --workers 2 --jobs 2 --out none
check "which leave nothing behind" [ ! -e none ]
says "no Slurm here" 2 "there is no sbatch here|sbatch refused the job" cv config.yaml --on slurm --workers 2 --out nothing
PATH=$work/bin:$PATH
says "a job that Slurm refuses" 2 "sbatch refused the job: .*invalid partition" cv config.yaml --on slurm --workers 2 \
    --sbatch "--partition=none" --out refused
export HOLD=yes # it is there to be looked at, however late one looks
says "an array of two" 0 "Job 100: 2 workers on array" cv config.yaml train.epochs=20 --on slurm --workers 2 \
    --sbatch "--time=1:00:00 --comment='a b'" --out array
export HOLD=
check "options go to sbatch" grep -q -- "--array=1-2 --time=1:00:00 --comment=a b" words
check "shows the table of cv" grep -q "^images .* 24$" out.txt
check "it looks on" grep -q "folds done, [0-9]* workers running" out.txt
check "with the bytes of one machine" same array
says "a run that is over" 0 "The run lies in array" cv config.yaml train.epochs=20 --on slurm --workers 2 --resume --out array
check "submits nothing" [ "$(ls jobs | wc -l)" -eq 1 ]
says "without looking on" 0 "Job 101: 3 workers" cv config.yaml train.epochs=20 --on slurm --workers 3 --detach --out away
says "to look on again" 0 "The run lies in away" cv config.yaml train.epochs=20 --on slurm --workers 3 --resume --out away
check "with the same bytes" same away

# Ctrl-C leaves the workers at work. Then the task is told that its time is over: a checkpoint, and another goes on. It is all done anew where
# the run was at its end by then.
for job in $(seq 102 200); do
    rm -rf left
    "$GRIMACE" cv config.yaml train.epochs=400 --on slurm --workers 1 --out left >out.txt 2>err.txt &
    pid=$!
    comes has left 'fold-*/metrics.jsonl' $pid
    kill -TERM $pid
    wait $pid
    task=$(cat jobs/$job/1)
    gone "$task"
    goes_on=$?
    kill -TERM "$task"
    comes gone "$task"
    [ -e left/results.json ] || break
done
check "who stops looking on says so" grep -q "the workers go on with left" err.txt
check "and they do" [ $goes_on -eq 1 ]
check "a task ends when its time is over" gone "$task"
check "with a checkpoint" [ -n "$(ls left/fold-*/checkpoint)" ]
says "what is missing is submitted" 0 "The run lies in left" cv config.yaml train.epochs=400 --on slurm --workers 2 --resume --out left

# A task that fails three times is named with its log; a new one goes on.
export BREAK=yes
says "a task that fails" 1 "2 tasks failed three times: task [12], log broken/slurm/[0-9]+_[12].log; task" \
    cv config.yaml train.epochs=20 --on slurm --workers 2 --out broken
export BREAK=
check "having tried three times" [ "$(grep -c '^task 1 on' broken/slurm/*_1.log)" -eq 3 ]
says "and a better one goes on" 0 "The run lies in broken" cv config.yaml train.epochs=20 --on slurm --workers 1 --resume --out broken
check "with the same bytes" same broken
exit $bad
