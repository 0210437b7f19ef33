#!/usr/bin/env python3
"""Latency of `fettle bench onnx` beside ONNX Runtime, alternating in one run.

usage: peer_onnxruntime.py FETTLE MODEL.onnx [THREADS] [ROUNDS] [options of fettle bench onnx]
needs: pip install onnxruntime (a venv will do); for int8 of both, onnx and pillow too

Each round measures ONNX Runtime in float, waits until its threads have gone to sleep, then runs fettle.
Prints the median and the least time of both, and the ratio of the medians of all rounds and of the least.

With `--int8 --pictures FOLDER` among the options ONNX Runtime's own int8 model (quantize_static: QDQ, weights
per channel, U8 activations, ranges from the same pictures as fettle's) is measured in the same rounds, and
compared with its float on the same held pictures.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import onnxruntime


def new_session(model, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def measure(session, x):
    """(median, least) of 30 runs in ms."""
    times = []
    for i in range(33):
        start = time.perf_counter()
        session.run(None, x)
        if i >= 3:
            times.append((time.perf_counter() - start) * 1e3)
    time.sleep(0.3)
    return statistics.median(times), min(times)


def read_pictures(folder, first):
    """As fettle reads them: from -1 to 1, in the order of their names."""
    from PIL import Image

    height, width = first.shape[2:]
    inputs = []
    for name in sorted(os.listdir(folder)):
        picture = Image.open(os.path.join(folder, name)).convert("RGB").resize((width, height), Image.BILINEAR)
        planes = numpy.asarray(picture, dtype=numpy.float32).transpose(2, 0, 1)[None]
        inputs.append({first.name: planes / 127.5 - 1})
    return inputs


def quantize(model, samples, path):
    """ONNX Runtime's int8 model of the same network."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        rest = iter(samples)

        def get_next(self):
            return next(self.rest, None)

    prepared = path + ".prepared.onnx"
    quant_pre_process(model, prepared, skip_symbolic_shape=True)
    quantize_static(prepared, path, Reader(), quant_format=QuantFormat.QDQ, per_channel=True,
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)


def agreement(a, b, inputs):
    same = [a.run(None, x)[0].argmax() == b.run(None, x)[0].argmax() for x in inputs]
    return sum(same) / len(same)


def report(name, rounds, peer):
    median, least = statistics.median(t[0] for t in rounds), min(t[1] for t in rounds)
    line = f"{name}: median {median:.2f} ms, least {least:.2f} ms"
    if peer is not None:
        other = statistics.median(t[0] for t in peer), min(t[1] for t in peer)
        line += f"; ratio to float {median / other[0]:.3f}, of the least {least / other[1]:.3f}"
    print(line)


def main():
    fettle, model = sys.argv[1:3]
    threads = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 5
    options = sys.argv[5:]
    session = new_session(model, threads)
    first = session.get_inputs()[0]
    shape = [n if isinstance(n, int) else 1 for n in first.shape]
    x = {first.name: numpy.random.default_rng(1).random(shape, dtype=numpy.float32)}
    other = None
    if "--int8" in options and "--pictures" in options:
        inputs = read_pictures(options[options.index("--pictures") + 1], first)
        n = min((len(inputs) + 5) // 6, 64)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "int8.onnx")
            quantize(model, inputs[:n], path)
            other = new_session(path, threads)
        print(f"onnxruntime int8: the largest output is the same for {100 * agreement(session, other, inputs[n:]):.1f} %"
              f" of {len(inputs) - n}")
    command = [fettle, "bench", "onnx", model, "--threads", str(threads), "--runs", "30", "--json"] + options
    float_times, int8_times, ours = [], [], []
    for _ in range(rounds):
        float_times.append(measure(session, x))
        if other is not None:
            int8_times.append(measure(other, x))
        done = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        ours.append((done["median_ms"], done["min_ms"]))
    if "agreement" in done:
        print(f"fettle int8: the largest output is the same for {100 * done['agreement']:.1f} %, "
              f"{done['int8']} products in int8, {done['float']} in float")
    report(f"onnxruntime {onnxruntime.__version__} float", float_times, None)
    if int8_times:
        report("onnxruntime int8", int8_times, float_times)
    report("fettle", ours, float_times)


main()
