#!/bin/sh
# Speed and memory: inspectors beside PatchCore on ImageNet features where the real sets lie beside the
# checkout (else on made products, without a peer), and every other bench program.
set -eu
cd "$(dirname "$0")/.."
bin=build/release
shared=../shared
if [ -d "$shared/data" ]; then
    tools/setup.sh python3-onnx python3-pil python3-sklearn python3-torch # what the peer runs on
    $bin/bench/bench_inspect $bin/fettle --peer "$shared/peers/patchcore_imagenet.py" \
        "$shared/data/bottle-caps" "$shared/data/cookies" "$shared/data/transistor" "$shared/data/magnetic-tile"
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    for family in cap ring fabric; do
        $bin/fettle synth "$family" "$work/$family" --size 448 --train 100 --quiet >/dev/null
    done
    $bin/bench/bench_inspect $bin/fettle "$work"/*
fi
for program in "$bin"/bench/bench_*; do
    case $program in *bench_inspect | *.*) continue ;; esac
    echo
    echo "== $(basename "$program")"
    "$program"
done
