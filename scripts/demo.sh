#!/usr/bin/env bash
# demo.sh BUILD: makes the synthetic faces, cross-validates PainSeeker on them and writes the page of it. configs/demo.yaml
# expects the data in build/demo/data. An earlier demo is replaced.
set -eu
grimace=$1/grimace
rm -rf build/demo
echo
echo "\$ $grimace data synth --preset mini --size 96 --out build/demo/data"
"$grimace" data synth --preset mini --size 96 --out build/demo/data
echo
echo "\$ $grimace cv configs/demo.yaml --out build/demo/run"
"$grimace" cv configs/demo.yaml --out build/demo/run
echo
echo "\$ $grimace report build/demo/run"
"$grimace" report build/demo/run
