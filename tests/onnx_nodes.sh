#!/bin/sh
# The node tests of the ONNX standard (onnx 1.22, kept beside the checkout, not in it): how many pass
# must not fall below the floor, and none may fail that is not named here with its reason.
#
#   onnx_nodes.sh PROGRAM SOURCE_FOLDER
set -u

# Raise it when operators come.
floor=1630

# Tests that may fail, one name per line. test_training_dropout* want the mask that NumPy's generator
# draws; chance is ours, and the standard leaves it open. test_dft_inverse* want 1.9e-7, the rounding
# error of a transform in single precision, where the sum is 0.
known='
test_dft_inverse
test_dft_inverse_opset19
test_training_dropout
test_training_dropout_default
test_training_dropout_default_mask
test_training_dropout_mask
'

program=$1
archive=$2/../shared/onnx/node-1.22.tar.xz
if [ ! -r "$archive" ]; then
    echo "skipped: ../shared/onnx/node-1.22.tar.xz is not beside this checkout"
    exit 0
fi
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
tar -C "$folder" -xf "$archive" || exit 1

# run WORDS...: the lines of one run in $folder/lines; fails when a test does that may not.
run() {
    "$program" onnx test "$folder/node" --failures "$@" >"$folder/lines"
    code=$?
    if [ $code -ne 0 ] && [ $code -ne 1 ]; then
        echo "fettle onnx test $* ended with $code"
        exit 1
    fi
    unexpected=$(awk '$1 == "failed" { sub(":", "", $2); print $2 }' "$folder/lines" |
        while read -r name; do
            case " $(echo "$known" | tr '\n' ' ') " in
            *" $name "*) ;;
            *) echo "$name" ;;
            esac
        done)
    if [ -n "$unexpected" ]; then
        grep '^failed' "$folder/lines"
        exit 1
    fi
    tail -n 1 "$folder/lines"
}

run
passed=$(awk '$1 == "all" { print $2 }' "$folder/lines")
if [ "$passed" -lt "$floor" ]; then
    echo "$passed tests passed, the floor is $floor"
    exit 1
fi
# The same through the writer: what it refuses (operators that came after opset 22) is unsupported.
run --rewrite
