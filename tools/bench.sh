#!/bin/sh
# How good inspectors are; speed and memory, beside PatchCore on ImageNet features where the real sets lie
# beside the checkout (else on made products, without a peer); and every other bench program.
set -eu
cd "$(dirname "$0")/.."
bin=build/release
shared=../shared
if [ -d "$shared/data" ]; then
    tools/setup.sh python3-onnx python3-pil python3-sklearn python3-torch # what the peer runs on
    set -- "$shared/data/bottle-caps" "$shared/data/cookies" "$shared/data/transistor" "$shared/data/magnetic-tile"
    $bin/fettle bench inspect --quiet "$@"
    echo
    $bin/bench/bench_process $bin/fettle --peer "$shared/peers/patchcore_imagenet.py" "$@"
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    for family in cap ring fabric; do
        $bin/fettle synth "$family" "$work/$family" --size 448 --train 100 --quiet >/dev/null
    done
    $bin/fettle bench inspect --quiet "$work"
    echo
    $bin/bench/bench_process $bin/fettle "$work"/*
fi
for program in "$bin"/bench/bench_*; do
    case $program in *bench_process | *.*) continue ;; esac
    echo
    echo "== $(basename "$program")"
    "$program"
done
