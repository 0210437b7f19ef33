#!/bin/sh
# What is too slow for every change: the same answers on other processors, and from another compiler.
# Vector units that are smaller than this machine's are asked of oneDNN; 64-bit ARM is cross-built and
# runs under qemu.
set -eu
cd "$(dirname "$0")/.."
launcher=
command -v ccache >/dev/null && launcher=-DCMAKE_C_COMPILER_LAUNCHER=ccache
jobs=$(nproc)
failed=0

# tests FOLDER PATTERN: runs the tests whose names do not match.
tests() {
    if ctest --test-dir "$1" -j "$jobs" -E "$2" --output-on-failure >"$1/nightly.log" 2>&1; then
        grep 'tests passed' "$1/nightly.log"
    else
        grep -E 'tests passed|\(Failed\)|\(Timeout\)' "$1/nightly.log"
        failed=1
    fi
}

echo "== x86-64 with other vector units"
cmake --preset dev $launcher >/dev/null
cmake --build --preset dev >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fettle=$PWD/build/dev/fettle
$fettle synth cap "$work/caps" --train 24 --good 4 --defects 1 --size 128 --quiet >/dev/null
$fettle train "$work/caps" -o "$work/caps.fettle" --quiet >/dev/null
for isa in AVX2 AVX512_CORE; do
    echo "-- $isa"
    export ONEDNN_MAX_CPU_ISA=$isa DNNL_MAX_CPU_ISA=$isa
    tests build/dev '^(cli_|style)'
    # Opening answers the golden examples again: the model comes from this machine's best vector unit.
    $fettle test "$work/caps.fettle" "$work/caps" --quiet | grep auroc
done
unset ONEDNN_MAX_CPU_ISA DNNL_MAX_CPU_ISA

echo "== clang, release"
tools/setup.sh clang
cmake --preset release -B build/clang $launcher -DCMAKE_C_COMPILER=clang -DFET_WERROR=ON >/dev/null
cmake --build build/clang >/dev/null
tests/cli/commands.sh "$PWD/build/clang/fettle"

echo "== aarch64"
tools/setup.sh gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
sysroot=$PWD/build/sysroot-arm64
tools/sysroot.sh arm64 "$sysroot"
cmake -B build/aarch64 -G Ninja $launcher -DCMAKE_TOOLCHAIN_FILE="$PWD/cmake/aarch64.cmake" \
    -DFET_SYSROOT="$sysroot" -DFET_TEST_SECONDS=7200 -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG='-O1 -g' >/dev/null
cmake --build build/aarch64 >/dev/null
tests build/aarch64 '^(cli_|style|onnx_)'
printf '#!/bin/sh\nexec qemu-aarch64 -L %s %s/build/aarch64/fettle "$@"\n' "$sysroot" "$PWD" >build/aarch64/fettle.sh
chmod +x build/aarch64/fettle.sh
tests/cli/commands.sh "$PWD/build/aarch64/fettle.sh"
tests/onnx_nodes.sh "$PWD/build/aarch64/fettle.sh" "$PWD"
# A model trained here answers there, and the golden examples agree.
build/aarch64/fettle.sh test "$work/caps.fettle" "$work/caps" --quiet | grep auroc
[ "$failed" -eq 0 ]
