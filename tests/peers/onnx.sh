#!/bin/bash
# ONNX Runtime runs what grimace exports: onnx.mjs, with the npm package onnxruntime-node in a folder of the build. Its install
# script fetches libraries for graphics cards, which nothing here needs, so scripts stay out: the package holds the CPU's.
set -u
: "${GRIMACE:?the path of the grimace binary}"
here=$(dirname "$(realpath "$0")")
if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
    echo "skip onnx: npm is not here; run: apt-get install npm"
    exit 0
fi
place=$(dirname "$(realpath "$GRIMACE")")/peers
mkdir -p "$place" || exit 1
if ! [ -d "$place/node_modules/onnxruntime-node" ]; then
    if ! npm install --prefix "$place" --ignore-scripts --no-audit --no-fund onnxruntime-node >"$place/npm.log" 2>&1; then
        echo "FAIL onnx: npm install onnxruntime-node: $(tail -n 3 "$place/npm.log" | tr '\n' ' ')"
        exit 1
    fi
fi
NODE_PATH=$place/node_modules exec node "$here/onnx.mjs" "$(realpath "$GRIMACE")" "$@"
