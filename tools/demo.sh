#!/bin/sh
# The main job on a product that the program makes itself: pictures, train, test, predict.
set -eu
cd "$(dirname "$0")/.."
fettle=build/release/fettle
out=demo
rm -rf "$out"
mkdir -p "$out"
echo "== Making pictures of a product: good parts to learn from, good and defective ones to test on"
$fettle synth weld "$out/welds" --product 7 --train 160 --good 40 --defects 4 --quiet
echo
echo "== Learning from the good parts"
$fettle train "$out/welds" -o "$out/welds.fettle"
echo
echo "== Testing"
$fettle test "$out/welds.fettle" "$out/welds" --report "$out/report.html" --overlay "$out/overlays"
echo
echo "== One part of each kind"
for kind in "$out"/welds/test/*/; do
    first=$(find "$kind" -type f | sort | head -n 1)
    $fettle predict "$out/welds.fettle" "$first" --quiet
done
echo
echo "Look at the report:    $PWD/$out/report.html"
echo "and the overlays in:   $PWD/$out/overlays/"
