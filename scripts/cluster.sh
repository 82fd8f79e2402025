#!/bin/bash
# make test-cluster: a cluster of Slurm on this machine, as root, in a temporary folder: munged, slurmctld and two slurmd of Debian's
# packages, which are installed where they are missing; on it an array job, a requeued and a cancelled one, killed workers, clocks that
# are minutes apart, a daemon that dies. Then all is stopped again, whatever happened, after a quarter of an hour at most.
# shellcheck disable=SC2016
here=$(cd "$(dirname "$0")/.." && pwd)
GRIMACE=$(realpath "${1:-$here/build/grimace}")
export GRIMACE
[ "$(id -u)" -eq 0 ] || { echo "make test-cluster: must be root: slurmd starts jobs as their owners"; exit 2; }
for command in slurmctld slurmd munged sbatch faketime; do
    command -v $command >/dev/null && continue
    [ "$GRIMACE_INSTALL" = no ] && { echo "grimace: run: apt-get install munge slurmctld slurmd slurm-client faketime"; exit 2; }
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends munge slurmctld slurmd slurm-client \
        faketime >/dev/null || { echo "make test-cluster: apt-get install munge slurmctld slurmd slurm-client faketime failed"; exit 2; }
done
. "$here/tests/cli/workers.sh"
. "$here/tests/cli/common.sh"
host=$(hostname -s)
started=()
stop_all() {
    timeout 10 scancel --user=root 2>/dev/null
    sleep 1
    for step in $(pgrep slurmstepd); do # those that lost their daemon
        { tr '\0' '\n' <"/proc/$step/environ" | grep -qF "$work/" && kill -9 "$step"; } 2>/dev/null
    done
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null; done
    sleep 1
    for pid in "${started[@]}"; do kill -9 "$pid" 2>/dev/null; done
    for pid in $(pgrep -f "$work/"); do kill -9 "$pid" 2>/dev/null; done # scripts that lost theirs, and their workers
    sleep 0.5
    rm -rf "$work"
}
trap stop_all EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$work"
# What looks on waits as long as a task is waiting: a cluster that loses its nodes would never end. Seconds since the machine was started
# are nobody's to set.
now() { cut -d. -f1 /proc/uptime; }
last=$(($(now) + 800))
cat >limited <<LIMITED
#!/bin/bash
left=\$(($last - \$(cut -d. -f1 /proc/uptime)))
exec timeout -k 5 \$((left > 5 ? left : 5)) "$GRIMACE" "\$@"
LIMITED
chmod +x limited
GRIMACE=$work/limited

# ---- the cluster --------------------------------------------------------------------------------------------------------------
mkdir -p munge state spool-a spool-b
dd if=/dev/urandom of=munge/key bs=1 count=1024 2>/dev/null
chown -R munge:munge munge 2>/dev/null
chmod 700 munge && chmod 600 munge/key
runuser -u munge -- munged --key-file="$work/munge/key" --socket="$work/munge/socket" --log-file="$work/munge/log" \
    --pid-file="$work/munge/pid" --seed-file="$work/munge/seed" --force 2>munged.txt
comes [ -S munge/socket ] || { cat munged.txt munge/log; no "munged starts"; exit 1; }
chmod 711 munge
comes [ -s munge/pid ]
started+=("$(cat munge/pid)")
# Three ports side by side that nobody listens at.
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
for _ in $(seq 100); do
    port=$((10000 + RANDOM % 20000))
    listens $port || listens $((port + 1)) || listens $((port + 2)) || break
done
cat >slurm.conf <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CredType=cred/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,sched_min_interval=0
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool-%n
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd-%n.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd-%n.log
SlurmctldTimeout=120
SlurmdTimeout=120
MinJobAge=300
KillWait=5
NodeName=a NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=2 State=UNKNOWN
NodeName=b NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=2 State=UNKNOWN
PartitionName=main Nodes=a,b Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$work/slurm.conf
slurmctld -D >ctld.txt 2>&1 &
started+=($!)
for node in a b; do
    slurmd -D -N $node >slurmd-$node.txt 2>&1 &
    started+=($!)
done
comes eval '[ "$(sinfo -h -N -o %T | grep -c idle)" -eq 2 ]'
check "a cluster of two nodes is up" [ "$(sinfo -h -N -o '%T' | grep -c idle)" -eq 2 ] || { tail -n 5 ./*.log ./*.txt; exit 1; }

# ---- runs on it ---------------------------------------------------------------------------------------------------------------
make_data || { no "data synth"; exit 1; }
long=train.epochs=400 brief=train.epochs=100
same() {
    for file in results.json predictions.csv config.yaml splits.csv; do cmp "$1/$file" "$2/$file" || return 1; done
    comes [ ! -e "$2/crew" ] # the last one out clears it away when the results stand
}
# at_work RUN WORDS...: such a run on the cluster, begun anew; $job is the number of its job. It may be at its end when this script comes
# to do what it is to do in the middle: whoever has to, tries again.
at_work() {
    local run=$1
    shift
    [ -z "${job:-}" ] || scancel "$job" 2>/dev/null
    rm -rf "${run:?}"
    "$GRIMACE" cv config.yaml "$@" --on slurm --detach --out "$run" >out.txt
    job=$(sed -n 's/^Job \([0-9]*\):.*/\1/p' out.txt)
    comes has "$run" 'fold-*/metrics.jsonl'
}
"$GRIMACE" cv config.yaml $long --out whole >/dev/null
"$GRIMACE" cv config.yaml $brief --out short >/dev/null

says "an array job" 0 "The run lies in array" cv config.yaml $brief --on slurm --workers 4 --sbatch "--cpus-per-task=1 --time=10" --out array
check "ends in the bytes of one machine" same short array

job=
for _ in $(seq 20); do
    at_work requeued $brief --workers 2
    scontrol requeue "${job}_1" 2>/dev/null && scontrol requeue "${job}_2" 2>/dev/null && break
done
check "a requeued job is waiting or at work again" comes eval "squeue -h -j $job -o %T | grep -qE 'PENDING|RUNNING'"
# Slurm holds a requeued task back for a while; another worker need not wait for it
says "and the run comes to its end" 0 "The run lies in requeued" cv config.yaml $brief --on slurm --workers 3 --resume --out requeued
check "with the same bytes" same short requeued

job=
for _ in $(seq 20); do
    at_work cancelled $long --workers 2
    scancel "$job"
    comes eval "[ -z \"\$(squeue -h -j $job)\" ]"
    [ -e cancelled/results.json ] || break
done
check "a cancelled job ends" [ -z "$(squeue -h -j "$job" 2>/dev/null)" ]
check "without its results" [ ! -e cancelled/results.json ]
check "with a checkpoint" [ -n "$(find cancelled -name checkpoint)" ]
says "and another goes on" 0 "The run lies in cancelled" cv config.yaml $long --on slurm --workers 2 --resume --out cancelled
check "with the same bytes" same whole cancelled

job=
at_work killed $brief --workers 2
kills=0
for _ in 1 2; do
    for beat in killed/crew/workers/*/beat; do
        pid=$(sed -n 's/^pid //p' "$beat" 2>/dev/null)
        # the number of one that is dead may be another's by now
        grep -qsF "$work/killed" "/proc/${pid:-none}/cmdline" && kill -9 "$pid" 2>/dev/null && kills=$((kills + 1))
    done
    sleep 6
done
says "after $kills killed workers tasks try again" 0 "The run lies in killed" cv config.yaml $brief --on slurm --workers 2 --resume --out killed
check "and write the same bytes" same short killed

if wrong_clock; then
    off="--export='ALL,$(IFS=, && echo "${clock[*]:1}"),FAKETIME"
    job=
    for _ in $(seq 20); do
        at_work clocks $brief --workers 1 --sbatch "$off=-7m'"
        slow=$(sed -n 's/^pid //p' clocks/crew/workers/*/beat)
        kill -STOP "$slow" # until the other has a fold
        slept=$(now)
        holds clocks "$slow" || { kill -CONT "$slow"; continue; }
        "$GRIMACE" cv config.yaml $brief --on slurm --workers 2 --sbatch "$off=+7m'" --detach --resume --out clocks >out.txt
        comes eval "grep -l ',done$' clocks/crew/log/work-* | grep -v '/work-$slow-'"
        ahead=$?
        kill -CONT "$slow"
        slept=$(($(now) - slept))
        break
    done
    check "a worker whose clock is 14 minutes ahead takes a fold" [ "${ahead:-1}" -eq 0 ]
    says "and both come to the end" 0 "The run lies in clocks" cv config.yaml $brief --on slurm --workers 2 --resume --out clocks
    if [ $slept -gt 100 ]; then # who is silent for two minutes is dead, and rightly
        ok "this machine is too slow for two whose clocks are off: left out"
    else
        check "nobody's fold is taken over for the clock's sake" wrong_clocks clocks
    fi
    check "with the same bytes" same short clocks
else
    no "a process whose clock is off can be started"
fi

job=
at_work node $brief --workers 2
kill -9 "${started[2]}"
says "a node's daemon dies" 0 "The run lies in node" cv config.yaml $brief --on slurm --workers 2 --resume --out node
check "with the same bytes" same short node
[ $bad -eq 0 ] || { sinfo -N -l; squeue; tail -n 30 slurmctld.log; } 2>&1
exit $bad
