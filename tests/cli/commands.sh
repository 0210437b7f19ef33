#!/bin/sh
# The commands do what their help says: JSON with the agreed keys, exit codes, help, completion, manual.
. "$(dirname "$0")/lib.sh"

"$fettle" sample inspect parts >/dev/null
has_keys() {
    for key in "$@"; do
        grep -qF "\"$key\":" "$work/json" || {
            echo "the key $key is missing in:"
            cat "$work/json"
            return 1
        }
    done
}

"$fettle" train parts -o parts.fettle --effort fast --json >"$work/json" 2>/dev/null
check 'train --json' has_keys task model images fit calibrate seconds threshold false_rejects wished bound confidence
check 'train --json prints one line' test "$(wc -l <"$work/json")" -eq 1
"$fettle" test parts.fettle parts --json >"$work/json" 2>/dev/null
check 'test --json' has_keys task images auroc auroc_ci by_defect pixel_auroc au_pro false_reject_rate catch_rate ms p50 p99
"$fettle" predict parts.fettle parts/test --json >"$work/json" 2>/dev/null
check 'predict --json' has_keys path verdict score p_value regions ms
check 'predict prints one line per picture' test "$(wc -l <"$work/json")" -eq 14
"$fettle" show parts.fettle --json >"$work/json"
check 'show --json' has_keys task options training threshold false_rejects sentence
expect 0 '# A Fettle model' "$fettle" show parts.fettle --card

expect 10 'reject' "$fettle" predict parts.fettle parts/test/spot/000.png --gate
"$fettle" test parts.fettle parts --report report.html --overlay seen --quiet >/dev/null
check 'a report is written' grep -q '</html>' report.html
check 'overlays are written' test "$(find seen -name '*.png' | wc -l)" -eq 14

"$fettle" train parts -o again.fettle --effort fast --quiet >/dev/null
check 'the same seed gives the same file' cmp parts.fettle again.fettle
"$fettle" train parts -o again.fettle --effort fast --quiet --threads 1 >/dev/null
check 'any number of threads gives the same file' cmp parts.fettle again.fettle

"$fettle" onnx export unet -o unet.onnx
expect 0 'Fettle can run it' "$fettle" onnx show unet.onnx
"$fettle" onnx export unet.onnx --opset 21 -o again.onnx
expect 0 'ai.onnx 21' "$fettle" onnx show again.onnx
"$fettle" train parts -o network.fettle --backbone unet.onnx --folds 0 --quiet >/dev/null
"$fettle" train parts -o again.fettle --backbone unet.onnx --folds 0 --quiet --threads 1 >/dev/null
check 'through a network too any number of threads gives the same file' cmp network.fettle again.fettle
rm unet.onnx
expect 0 'auroc' "$fettle" test network.fettle parts

"$fettle" sample estimate bolts >/dev/null
expect 0 'bolts.fettle' "$fettle" train bolts
expect 0 'rmse' "$fettle" test bolts.fettle bolts
"$fettle" predict bolts.fettle bolts/bolts.csv --json >"$work/json" 2>/dev/null
check 'predict on a table' has_keys path value interval

expect 0 'fettle train' "$fettle" help
for command in train update test predict show synth sample completion manual; do
    expect 0 'Examples' "$fettle" help "$command"
    expect 0 'Examples' "$fettle" "$command" --help
done
expect 0 '130' "$fettle" help exit
"$fettle" completion bash >completion.bash
check 'the bash completion is a script' bash -n completion.bash
expect 0 '#compdef fettle' "$fettle" completion zsh
expect 0 '.SH EXIT STATUS' "$fettle" manual
expect 2 'wanted onnx or train' "$fettle" bench nothing parts
expect 3 'nowhere.onnx' "$fettle" bench onnx nowhere.onnx
expect 5 'standard output' sh -c "'$fettle' help >/dev/full"
finish
