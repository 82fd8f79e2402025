#!/bin/bash
# make test-cluster: a cluster of Slurm on this machine, as root, in a temporary folder: munged, slurmctld and two slurmd of Debian's
# packages, which are installed where they are missing; on it an array job, a requeued and a cancelled one, killed workers, clocks that
# are minutes apart, a daemon that dies. Then all is stopped again, whatever happened, after six minutes at most.
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
# What looks on waits as long as a task is waiting: a cluster that loses its nodes would never end.
last=$(($(date +%s) + 330))
cat >limited <<LIMITED
#!/bin/bash
left=\$(($last - \$(date +%s)))
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
for _ in $(seq 50); do [ -S munge/socket ] && break; sleep 0.1; done
[ -S munge/socket ] || { cat munged.txt munge/log; no "munged starts"; exit 1; }
chmod 711 munge
started+=("$(cat munge/pid)")
cat >slurm.conf <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=17817
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
NodeName=a NodeHostname=$host NodeAddr=127.0.0.1 Port=17818 CPUs=2 State=UNKNOWN
NodeName=b NodeHostname=$host NodeAddr=127.0.0.1 Port=17819 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=a,b Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$work/slurm.conf
slurmctld -D >ctld.txt 2>&1 &
started+=($!)
for node in a b; do
    slurmd -D -N $node >slurmd-$node.txt 2>&1 &
    started+=($!)
done
for _ in $(seq 300); do [ "$(sinfo -h -N -o '%T' 2>/dev/null | grep -c idle)" -eq 2 ] && break; sleep 0.2; done
check "a cluster of two nodes is up" [ "$(sinfo -h -N -o '%T' | grep -c idle)" -eq 2 ] || { tail -n 5 ./*.log ./*.txt; exit 1; }

# ---- runs on it ---------------------------------------------------------------------------------------------------------------
make_data || { no "data synth"; exit 1; }
long="train.epochs=400"
same() {
    for file in results.json predictions.csv config.yaml splits.csv; do cmp "$1/$file" "$2/$file" || return 1; done
    waits "[ ! -e '$2/crew' ]" # the last one out clears it away when the results stand
}
waits() { for _ in $(seq 600); do eval "$1" >/dev/null 2>&1 && return 0; sleep 0.1; done; return 1; }
"$GRIMACE" cv config.yaml $long --out whole >/dev/null

says "an array job" 0 "The run lies in array" cv config.yaml $long --on slurm --workers 4 --sbatch "--cpus-per-task=1 --time=10" --out array
check "ends in the bytes of one machine" same whole array

"$GRIMACE" cv config.yaml $long --on slurm --workers 2 --detach --out requeued >out.txt
job=$(sed -n 's/^Job \([0-9]*\):.*/\1/p' out.txt)
waits 'ls requeued/fold-*/metrics.jsonl'
scontrol requeue "${job}_1" && scontrol requeue "${job}_2"
check "a requeued job is waiting or at work again" waits "squeue -h -j $job -o %T | grep -qE 'PENDING|RUNNING'"
# Slurm holds a requeued task back for a while; another worker need not wait for it
says "and the run comes to its end" 0 "The run lies in requeued" cv config.yaml $long --on slurm --workers 3 --resume --out requeued
check "with the same bytes" same whole requeued

"$GRIMACE" cv config.yaml $long --on slurm --workers 2 --detach --out cancelled >out.txt
job=$(sed -n 's/^Job \([0-9]*\):.*/\1/p' out.txt)
waits 'ls cancelled/fold-*/metrics.jsonl'
scancel "$job"
check "a cancelled job ends" waits "[ -z \"\$(squeue -h -j $job)\" ]"
check "without its results" [ ! -e cancelled/results.json ]
check "with a checkpoint" [ -n "$(find cancelled -name checkpoint)" ]
says "and another goes on" 0 "The run lies in cancelled" cv config.yaml $long --on slurm --workers 2 --resume --out cancelled
check "with the same bytes" same whole cancelled

"$GRIMACE" cv config.yaml $long --on slurm --workers 2 --detach --out killed >out.txt
waits 'ls killed/fold-*/metrics.jsonl'
kills=0
for _ in 1 2; do
    for beat in killed/crew/workers/*/beat; do
        pid=$(sed -n 's/^pid //p' "$beat" 2>/dev/null)
        # the number of one that is dead may be another's by now
        grep -qsF "$work/killed" "/proc/${pid:-none}/cmdline" && kill -9 "$pid" 2>/dev/null && kills=$((kills + 1))
    done
    sleep 6
done
says "after $kills killed workers tasks try again" 0 "The run lies in killed" cv config.yaml $long --on slurm --workers 2 --resume --out killed
check "and write the same bytes" same whole killed

if wrong_clock; then
    off="--export='ALL,$(IFS=, && echo "${clock[*]:1}"),FAKETIME"
    "$GRIMACE" cv config.yaml $long --on slurm --workers 1 --sbatch "$off=-7m'" --detach --out clocks >out.txt
    waits 'ls clocks/fold-*/metrics.jsonl'
    slow=$(sed -n 's/^pid //p' clocks/crew/workers/*/beat)
    kill -STOP "$slow" # until the other has a fold
    "$GRIMACE" cv config.yaml $long --on slurm --workers 2 --sbatch "$off=+7m'" --detach --resume --out clocks >out.txt
    check "a worker whose clock is 14 minutes ahead takes a fold" waits "grep -q ',done$' clocks/crew/log/work-*"
    kill -CONT "$slow"
    says "and both come to the end" 0 "The run lies in clocks" cv config.yaml $long --on slurm --workers 2 --resume --out clocks
    check "nobody's fold is taken over for the clock's sake" wrong_clocks clocks
    check "with the same bytes" same whole clocks
else
    no "a process whose clock is off can be started"
fi

"$GRIMACE" cv config.yaml $long --on slurm --workers 2 --detach --out node >out.txt
waits 'ls node/fold-*/metrics.jsonl'
kill -9 "${started[2]}"
says "a node's daemon dies" 0 "The run lies in node" cv config.yaml $long --on slurm --workers 2 --resume --out node
check "with the same bytes" same whole node
[ $bad -eq 0 ] || { sinfo -N -l; squeue; tail -n 30 slurmctld.log; } 2>&1
exit $bad
