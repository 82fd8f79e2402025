#!/bin/bash
# A project's folder with its runs is moved and copied: runs stay readable and go on. And what about.json says of a run.
. "$(dirname "$0")/common.sh"

mkdir project && cd project || exit 1
make_data || no "the data set cannot be made"
"$GRIMACE" cv config.yaml --out runs/a >/dev/null || no "cv"
cp data/manifest.csv weights.csv
"$GRIMACE" cv config.yaml "data.manifest=$PWD/data/manifest.csv" --out runs/absolute >/dev/null || no "cv with an absolute path"
check "a path stays relative" grep -qxF '  manifest: "../../data/manifest.csv"' runs/a/config.yaml
check "one that was absolute does, too" grep -qxF -e "  manifest: $PWD/data/manifest.csv" -e "  manifest: \"$PWD/data/manifest.csv\"" \
    runs/absolute/config.yaml
says "the run's own config repeats it" 0 "The run lies in" cv runs/a/config.yaml --out again/and/again
check "with the same results" cmp -s runs/a/results.json again/and/again/results.json
check "and paths from there on" grep -qxF '  manifest: "../../../data/manifest.csv"' again/and/again/config.yaml

# A run that is stopped.
cut_off TERM runs/stopped fold-rat1/checkpoint cv config.yaml train.epochs=4000
check "it was stopped" [ $status -eq 1 ]
check "and says so" grep -q '"end": "stopped"' runs/stopped/about.json

cd "$work" && mkdir elsewhere && mv project elsewhere/moved && cd elsewhere/moved || exit 1
says "stats after the move" 0 "all predictions" stats runs/a
says "by a column of the manifest" 0 "^session" stats runs/a --by session
says "compare" 0 "McNemar" compare runs/a runs/absolute
says "predict" 0 "^image,predicted" predict runs/a data/images/rat1_s1_1.png
says "a finished run is still this config's" 0 "was finished before" cv config.yaml --out runs/a --resume
says "also one with an absolute path that is no more" 0 "was finished before" cv config.yaml --out runs/absolute --resume
says "the run's own config" 0 "The run lies in" cv runs/a/config.yaml --out again2
check "gives the same results" cmp -s runs/a/results.json again2/results.json
says "but not with another manifest" 2 "data.manifest: is .*weights.csv" cv config.yaml data.manifest=weights.csv --out runs/a --resume
says "nor with another length of a run that was stopped" 2 "train.epochs" cv config.yaml train.epochs=3 --out runs/stopped --resume
mkdir -p far/away && cp -r runs/a far/away/b && cp -r runs/a beside
says "a copy deeper down is readable" 0 "all predictions" stats far/away/b
says "predicts" 0 "^image,predicted" predict far/away/b data/images/rat1_s1_1.png
says "and is still this config's run" 0 "was finished before" cv config.yaml --out far/away/b --resume
says "a copy beside" 0 "all predictions" stats beside

# Checkpoints, too: a run that is half done before the move ends in the same bytes.
cd "$work" && cp -r elsewhere/moved half && cd half && rm -rf runs && "$GRIMACE" cv config.yaml train.epochs=40 --out runs/whole >/dev/null
check "a run is killed" cut_off KILL runs/half fold-rat2/checkpoint cv config.yaml train.epochs=40
cd "$work" && mv half third && cd third || exit 1
says "a killed run goes on after a move" 0 "The run lies in" cv config.yaml train.epochs=40 --out runs/half --resume
check "to the same bytes" same_runs runs/whole runs/half

# about.json
about() { grep -m1 "\"$1\":" "$2/about.json" | sed -E 's/^[^:]*: "?//; s/"?,?$//'; }
check "both sessions are there" [ "$(grep -c '"began":' runs/half/about.json)" -eq 3 ]
check "the last one is done" [ "$(about end runs/half)" = done ]
check "the manifest's hash" [ "$(about sha256 runs/half)" = "$(sha256sum <data/manifest.csv | cut -d' ' -f1)" ]
check "the version" [ "$(about grimace runs/half)" = "$("$GRIMACE" --version | awk '{ print $2 }')" ]
check "the instruction set" [ "$(about instruction_set runs/half)" = "$("$GRIMACE" info | awk '/^instruction set/ { print $3 }')" ]
check "the command line" [ "$(about command runs/half)" = "grimace cv config.yaml train.epochs=40 --out runs/half --resume" ]
check "threads" [ "$(about threads runs/half)" = 1 ]
HOME=$PWD "$GRIMACE" cv config.yaml train.epochs=1 --out "$PWD/home run" >/dev/null
check "no home in it" [ "$(about command 'home run')" = "grimace cv config.yaml train.epochs=1 --out '~/home run'" ]
check "nor elsewhere" bash -c '! grep -q "$PWD" "home run/about.json"'
says "a sweep has one" 0 "The sweep lies in" sweep config.yaml train.epochs=1 'sweep=[{key: optimizer.lr, values: [0.001, 0.002]}]' --out sweep
check "and each of its settings" [ -e sweep/about.json ] && [ -e sweep/setting-002/about.json ]
check "with the sweep's command" grep -q '"command": "grimace sweep config.yaml' sweep/setting-002/about.json
says "a run that fails leaves none" 2 "optimizer.lr" cv config.yaml optimizer.lr=x --out failed
check "nor a folder" [ ! -e failed ]
says "nor one that diverges" 1 "no longer finite" cv config.yaml optimizer.name=sgd optimizer.lr=1e6 train.epochs=20 --out diverged
check "whose folder is gone" [ ! -e diverged ]
says "one that diverges behind its first epoch" 1 "no longer finite" cv config.yaml optimizer.name=sgd optimizer.lr=1e6 \
    train.epochs=20 train.batch_size=1000 --out late
check "keeps that epoch's line" bash -c 'cat late/fold-*/metrics.jsonl | grep -q "\"epoch\": 1,"'
check "and says that it stopped" [ "$(about end late)" = stopped ]
exit $bad
