#!/bin/sh
# Builds and runs the tests: everything under ASan and UBSan, the threaded rooms under TSan. Ends with
# one line that counts them all.
set -u
cd "$(dirname "$0")/.."
launcher=
command -v ccache >/dev/null && launcher=-DCMAKE_C_COMPILER_LAUNCHER=ccache
werror=-DFET_WERROR=OFF
[ "${CI:-}" = true ] && werror=-DFET_WERROR=ON
jobs=$(nproc) # asked now: nproc obeys OMP_NUM_THREADS, which is set below
passed=0
failed=0

# run PRESET TARGET [ctest option]...: configure, build, ctest; adds to the counts.
run() {
    preset=$1
    target=$2
    shift 2
    echo "== $preset"
    mkdir -p build
    log=build/$preset.log
    if ! cmake --preset "$preset" $launcher $werror >"$log" 2>&1 ||
        ! cmake --build --preset "$preset" --target "$target" >"$log" 2>&1; then
        grep -E -A12 'error|FAILED|undefined' "$log" | head -n 60
        echo "the $preset build failed; its log is $log"
        failed=$((failed + 1))
        return
    fi
    ctest --test-dir "build/$preset" -j "$jobs" --output-on-failure "$@" >"$log" 2>&1
    status=$?
    grep -E '^ *[0-9]+/[0-9]+ Test|^Total Test time' "$log" | sed 's/^ *//'
    grep -hE '^skipped: ' "build/$preset/Testing/Temporary/LastTest.log" 2>/dev/null | sort -u
    all=$(grep -cE '^ *[0-9]+/[0-9]+ Test' "$log")
    good=$(grep -cE '^ *[0-9]+/[0-9]+ Test.* Passed ' "$log")
    if [ "$good" -ne "$all" ]; then
        grep -E 'FAILED|ERROR|Error:|runtime error|Sanitizer|FAIL' "$log" | head -n 80
        echo "the whole output is in $log"
    fi
    passed=$((passed + good))
    failed=$((failed + all - good))
    # No test at all, or a ctest that broke off, is a failure too.
    if [ "$all" -eq 0 ] || { [ "$status" -ne 0 ] && [ "$good" -eq "$all" ]; }; then
        failed=$((failed + 1))
    fi
}

export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
run asan all
# libgomp is not instrumented: with one OpenMP thread it has nothing to race with.
export OMP_NUM_THREADS=1 TSAN_OPTIONS=halt_on_error=1
werror=-DFET_WERROR=OFF # gcc warns wrongly where the thread sanitizer rewrites the code
run tsan threaded -L threads

echo
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
