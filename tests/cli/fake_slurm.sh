#!/bin/bash
# fake_slurm: makes commands in ./bin that act as sbatch and squeue do, with processes of this machine; $FAKE/jobs/JOB/TASK is the number of
# the task's process, $FAKE/words what sbatch was told. With HOLD=yes tasks begin when squeue is asked. Source it before common.sh, which
# leaves the folder.
fake_slurm() {
    mkdir bin jobs
    # Runs the tasks of the array in processes of their own, with what Slurm sets; its words are noted.
    cat >bin/sbatch <<'SH'
#!/bin/bash
: "${BREAK:=}" "${HOLD:=}"
echo "$@" >>"$FAKE/words"
for word in "$@"; do
    case $word in
    --array=1-*) count=${word#--array=1-} ;;
    --partition=none) echo "sbatch: error: invalid partition specified: none" >&2; exit 1 ;;
    -*) ;;
    *) script=$word ;;
    esac
done
id=$(($(ls "$FAKE/jobs" | wc -l) + 100))
until mkdir "$FAKE/jobs/$id" 2>/dev/null; do id=$((id + 1)); done # two may submit at once
folder=$(dirname "$script")
[ -n "$BREAK" ] && sed -i "s/^program=.*/program=false/; s/sleep .*/sleep 0/" "$script"
for task in $(seq "$count"); do
    SLURM_ARRAY_JOB_ID=$id SLURM_ARRAY_TASK_ID=$task SLURM_CPUS_PER_TASK=1 \
        setsid bash -c 'while [ -n "$2" ] && [ ! -e "$FAKE/asked" ]; do sleep 0.01; done; . "$1"' task "$script" "$HOLD" \
        >>"$folder/slurm/${id}_$task.log" 2>&1 &
    until pgrep -g $! >/dev/null || ! kill -0 $! 2>/dev/null; do sleep 0.01; done # squeue knows it by its group
    echo $! >"$FAKE/jobs/$id/$task"
done
echo "$id;cluster"
SH
    cat >bin/squeue <<'SH'
#!/bin/bash
touch "$FAKE/asked"
while [ "$1" != -j ]; do shift; done
[ -d "$FAKE/jobs/$2" ] || { echo "slurm_load_jobs error: Invalid job id specified" >&2; exit 1; }
for task in "$FAKE/jobs/$2"/*; do pgrep -r R,S,D,T -g "$(cat "$task")" >/dev/null && echo RUNNING; done
exit 0
SH
    chmod +x bin/*
    export FAKE=$work
}
