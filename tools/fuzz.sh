#!/bin/sh
# Runs every fuzz target for FUZZ_SECONDS (default 300) each, two at a time, from its corpus.
set -u
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-300}
cmake --preset fuzz >/dev/null && cmake --build --preset fuzz >/dev/null || exit 1
mkdir -p build/fuzz/findings
find build/fuzz/src -name '*_fuzz' -type f -perm -u+x | sort >build/fuzz/targets
xargs -P 2 -I{} sh -c '
    name=$(basename {})
    work=build/fuzz/corpus/$name
    mkdir -p "$work"
    if {} "$work" tests/fuzz/corpus/"$name" -max_total_time='"$seconds"' -timeout=10 -rss_limit_mb=2048 \
        -artifact_prefix=build/fuzz/findings/"$name"- >build/fuzz/"$name".log 2>&1; then
        echo "$name: no finding, $(grep -oE "^Done [0-9]+ runs" build/fuzz/"$name".log)"
    else
        echo "$name: FINDING, see build/fuzz/$name.log"
    fi' <build/fuzz/targets | tee build/fuzz/summary
! grep -q FINDING build/fuzz/summary
