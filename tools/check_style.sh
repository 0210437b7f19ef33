#!/bin/sh
# What a compiler does not check: sizes, banned calls, includes that climb, the walls around oneDNN and
# printf. Prints each breach and fails if there is one.
cd "$(dirname "$0")/.." || exit 1
list=$(mktemp)
trap 'rm -f "$list" "$list.out"' EXIT
find src include examples bench tests -name '*.[ch]' -type f | sort >"$list"
breach() {
    title=$1
    cat >"$list.out"
    [ -s "$list.out" ] || return 0
    echo "== $title"
    cat "$list.out"
    failed=1
}
failed=0

xargs wc -l <"$list" | awk '$2 != "total" && (($2 ~ /\.h$/ && $1 > 200) || $1 > 600)' | breach 'files over 600 lines, headers over 200'
xargs awk 'FNR==1 { start=0 } /^{/ { start=FNR; head=last } /^}/ { if (start && FNR-start > 61)
    print FILENAME ":" start " " FNR-start-1 " lines: " head; start=0 } { last=$0 }' <"$list" | breach 'functions over 60 lines'
xargs grep -nE '\b(strcpy|strcat|sprintf|gets|strtok|atoi|atof|rand|system|alloca)\(' <"$list" | breach 'banned calls'
xargs grep -n '#include "\.\./' <"$list" | breach 'includes that climb'
grep -rn 'include <dnnl\|include "dnnl' src --include='*.[ch]' | grep -v '^src/kernel/dnnl/' | breach 'dnnl.h outside kernel/dnnl'
grep -rnE '\b(printf|puts|putchar|exit|abort)\(' src --include='*.c' | grep -v '^src/cli/\|_test\.c:\|_fuzz\.c:' | breach 'printing or exiting below cli'
grep -rnE '\b(malloc|calloc|realloc|free|strdup)\(' src --include='*.c' | grep -vE '^src/(base|cli)/|_test\.c:|_fuzz\.c:|^[^:]*:[0-9]*: *(/?\*|//)' | breach 'memory that a fault test cannot see'
xargs grep -nE '\b(TO[D]O|FIX[M]E|XX[X]|HA[C]K)\b' <"$list" | breach 'marks of unfinished work'
grep -v '^include/' "$list" | sed 's|.*/||' | grep -v '^CMakeLists' | sort | uniq -d | breach 'file names that are not unique'
xargs grep -LE '^(/\*|#include)' <"$list" | breach 'files without a head'
exit $failed
