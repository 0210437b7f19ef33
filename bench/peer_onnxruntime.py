#!/usr/bin/env python3
"""Latency of `fettle bench onnx` beside ONNX Runtime, alternating in one run.

usage: peer_onnxruntime.py FETTLE MODEL.onnx [THREADS] [ROUNDS] [options of fettle bench onnx]
needs: pip install onnxruntime (a venv will do)

Each round measures ONNX Runtime in float, waits until its threads have gone to sleep, then runs fettle.
Prints the median and the least time of both, and the ratio of the medians of all rounds and of the least.
"""
import json
import statistics
import subprocess
import sys
import time

import numpy
import onnxruntime


def main():
    fettle, model = sys.argv[1:3]
    threads = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 5
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    first = session.get_inputs()[0]
    shape = [n if isinstance(n, int) else 1 for n in first.shape]
    x = numpy.random.default_rng(1).random(shape, dtype=numpy.float32)
    command = [fettle, "bench", "onnx", model, "--threads", str(threads), "--runs", "30", "--json"] + sys.argv[5:]
    theirs, ours = [], []
    for _ in range(rounds):
        times = []
        for i in range(33):
            start = time.perf_counter()
            session.run(None, {first.name: x})
            if i >= 3:
                times.append((time.perf_counter() - start) * 1e3)
        theirs.append((statistics.median(times), min(times)))
        time.sleep(0.3)
        done = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        ours.append((done["median_ms"], done["min_ms"]))
    a = [statistics.median(t[0] for t in theirs), min(t[1] for t in theirs)]
    b = [statistics.median(t[0] for t in ours), min(t[1] for t in ours)]
    print(f"onnxruntime {onnxruntime.__version__}: median {a[0]:.2f} ms, least {a[1]:.2f} ms")
    print(f"fettle: median {b[0]:.2f} ms, least {b[1]:.2f} ms; ratio {b[0] / a[0]:.3f}, of the least {b[1] / a[1]:.3f}")


main()
