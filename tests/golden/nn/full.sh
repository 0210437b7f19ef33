#!/bin/sh
# ResNet-18 and ViT-Tiny at their real sizes against PyTorch: golden files of 200 MB in a temporary folder.
#
#   full.sh GOLDEN_TEST        the built test program; needs python3-torch
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
/usr/bin/python3 "$(dirname "$0")/make_golden.py" "$folder" --full
FET_GOLDEN="$folder" "$1"
