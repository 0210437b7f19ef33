#!/bin/sh
# Agreement with ONNX Runtime, another program that runs ONNX models: what fettle writes it must load and
# answer alike, and what both read they must answer alike. ONNX Runtime comes from PyPI into a virtual
# environment under the build folder, once; without Python or without the network the test says so and passes.
#
#   onnx_runtime.sh PROGRAM SOURCE_FOLDER BUILD_FOLDER
set -u
program=$1
source=$2
environment=$3/onnxruntime
python=$environment/bin/python

if [ ! -e "$environment/ready" ]; then
    rm -rf "$environment"
    if ! python3 -m venv "$environment" >/dev/null 2>&1 ||
        ! timeout 600 "$environment/bin/pip" install --quiet --retries 1 onnxruntime numpy >"$environment/log" 2>&1; then
        echo "skipped: ONNX Runtime cannot be had (python3 -m venv, pip install onnxruntime)"
        exit 0
    fi
    touch "$environment/ready"
fi
exec "$python" "$source/tests/onnx_runtime.py" "$program" "$source"
