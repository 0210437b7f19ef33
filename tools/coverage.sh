#!/bin/sh
# Line coverage by room, from the unit tests.
set -eu
cd "$(dirname "$0")/.."
cmake --preset coverage >/dev/null
cmake --build --preset coverage >/dev/null
find build/coverage -name '*.gcda' -delete
ctest --test-dir build/coverage -j "$(nproc)" >build/coverage/ctest.log || tail -n 20 build/coverage/ctest.log
printf '%-14s %s\n' room lines
for room in base tensor kernel media data measure synth train task model report api cli; do
    share=$(gcovr -r . --object-directory build/coverage --filter "src/$room/" --exclude '.*_(test|fuzz)\.c' 2>/dev/null |
        awk '/^TOTAL/ { print $4 }')
    printf '%-14s %s\n' "$room" "${share:--}"
done
