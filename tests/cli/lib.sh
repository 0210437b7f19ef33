# What the command-line tests share. Sourced with the program as $1; works in a folder of its own.
fettle=$1
source=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
n_failed=0

# expect CODE TEXT COMMAND...: the exit code, and a text in what the command prints (both streams).
expect() {
    wanted=$1
    text=$2
    shift 2
    "$@" >"$work/output" 2>&1
    code=$?
    if [ "$code" -ne "$wanted" ] || ! grep -qF -- "$text" "$work/output"; then
        echo "FAILED: $*"
        echo "  wanted exit code $wanted and '$text', got $code and:"
        sed 's/^/  /' "$work/output" | head -n 20
        n_failed=$((n_failed + 1))
    fi
}

# check DESCRIPTION COMMAND...: the command succeeds.
check() {
    description=$1
    shift
    "$@" >"$work/output" 2>&1 && return
    echo "FAILED: $description"
    sed 's/^/  /' "$work/output" | head -n 20
    n_failed=$((n_failed + 1))
}

finish() {
    [ "$n_failed" -eq 0 ] || echo "$n_failed failed"
    exit "$n_failed"
}
