"""Compares fettle with ONNX Runtime; see onnx_runtime.sh.

    onnx_runtime.py PROGRAM SOURCE_FOLDER [N_INPUTS]
"""
import os
import subprocess
import sys
import tarfile
import tempfile

import numpy as np
import onnxruntime

TOLERANCE = 1e-4  # of the largest answer, or of 1 where all are smaller
OPSETS = ("13", "17", "18", "22")
NETWORKS = ("mlp", "resnet18", "mobilenet_v2", "unet", "vit_tiny", "graph_net", "speech_net")
N_NODE_TESTS = 400  # models of the standard's node tests, spread evenly

program, source = sys.argv[1:3]
n_inputs = int(sys.argv[3]) if len(sys.argv) > 3 else 4
work = tempfile.TemporaryDirectory()
failures = []


def fettle(*words):
    return subprocess.run([program, "onnx", *words], capture_output=True, text=True)


def session(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int64)": np.int64,
         "tensor(int32)": np.int32, "tensor(int8)": np.int8, "tensor(uint8)": np.uint8, "tensor(bool)": np.bool_}


def draw(value, rng, batch):
    """Numbers for an input: free dimensions are the batch."""
    dims = [d if isinstance(d, int) else batch for d in value.shape]
    kind = TYPES[value.type]
    if np.issubdtype(kind, np.floating):
        return rng.uniform(-1, 1, dims).astype(kind)
    return rng.integers(0, 2, dims).astype(kind)


def compare(what, got, wanted):
    if got.shape != wanted.shape or got.dtype != wanted.dtype:
        failures.append(f"{what}: {got.dtype}{got.shape}, wanted {wanted.dtype}{wanted.shape}")
        return 0.0
    a, b = got.astype(np.float64), wanted.astype(np.float64)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    scale = max(1, np.max(np.abs(b[np.isfinite(b)]), initial=0))
    off = np.max(np.where(same, 0, np.abs(a - b)), initial=0) / scale
    if not off <= TOLERANCE:
        failures.append(f"{what}: off by {off:.3g}")
    return float(off)


def both(what, model, inputs, *words):
    """Runs a model by fettle and by ONNX Runtime; the largest difference, as TOLERANCE counts."""
    paths = []
    for i, x in enumerate(inputs):
        paths.append(os.path.join(work.name, f"in_{i}.npy"))
        np.save(paths[-1], x)
    out = os.path.join(work.name, "out")
    done = fettle("run", model, "--input", ",".join(paths), "--output", out, *words)
    if done.returncode != 0:
        failures.append(f"{what}: {done.stderr.strip()}")
        return 0.0
    runtime = session(model)
    wanted = runtime.run(None, {v.name: x for v, x in zip(runtime.get_inputs(), inputs)})
    return max(compare(what, np.load(os.path.join(out, f"output_{i}.npy")), w) for i, w in enumerate(wanted))


def check_imagenet():
    """A network of others as it is and as fettle writes it, on pictures of noise and of slow waves."""
    model = os.path.join(source, "../shared/models/mobilenet_v2_imagenet.onnx")
    if not os.path.exists(model):
        print("skipped: ../shared/models is not beside this checkout")
        return
    rng = np.random.default_rng(1)
    across = np.linspace(0, 1, 224)
    pictures = []
    for i in range(n_inputs):
        f = rng.uniform(0, 30, (3, 2))
        wave = np.sin(f[:, :1, None] * across[None, None, :] + f[:, 1:, None] * across[None, :, None])
        pictures.append((wave if i % 2 else rng.uniform(-1, 1, (3, 224, 224))).astype(np.float32))
    for words in ((), ("--reference",)):
        n = n_inputs if not words or n_inputs >= 20 else 1  # the reference takes a second a picture
        off = max(both(f"mobilenet_v2 input {i}", model, [p[None]], *words) for i, p in enumerate(pictures[:n]))
        print(f"ImageNet's mobilenet_v2 {' '.join(words)}: {n} inputs, off by at most {off:.3g}")
    again = os.path.join(work.name, "again.onnx")
    for opset in OPSETS:
        done = fettle("export", model, "--opset", opset, "--output", again)
        if done.returncode != 0:
            failures.append(f"mobilenet_v2 in opset {opset}: {done.stderr.strip()}")
            continue
        a, b = session(model), session(again)
        x = {a.get_inputs()[0].name: pictures[0][None]}
        compare(f"mobilenet_v2 in opset {opset}", b.run(None, x)[0], a.run(None, x)[0])


def check_networks():
    """Fettle's own reference networks with fresh weights, in the oldest and the newest opset."""
    rng = np.random.default_rng(3)
    for name in NETWORKS:
        off = 0.0
        for opset in ("13", "22"):
            model = os.path.join(work.name, f"{name}.onnx")
            done = fettle("export", name, "--opset", opset, "--output", model)
            if done.returncode != 0:
                failures.append(f"{name} in opset {opset}: {done.stderr.strip()}")
                continue
            inputs = [draw(v, rng, 2) for v in session(model).get_inputs()]
            off = max(off, both(f"{name} in opset {opset}", model, inputs))
        print(f"{name}: off by at most {off:.3g}")


def check_node_tests():
    """The models of the standard's tests that ONNX Runtime can load: written by fettle they answer as before."""
    archive = os.path.join(source, "../shared/onnx/node-1.22.tar.xz")
    if not os.path.exists(archive):
        print("skipped: ../shared/onnx is not beside this checkout")
        return
    with tarfile.open(archive) as tar:
        names = sorted(m.name for m in tar.getmembers() if m.name.endswith("/model.onnx"))
        names = names[:: max(1, len(names) // N_NODE_TESTS)]
        for m in tar.getmembers():
            if m.name in set(names):
                tar.extract(m, work.name)
    n_compared = 0
    rng = np.random.default_rng(2)
    again = os.path.join(work.name, "again.onnx")
    for name in names:
        model = os.path.join(work.name, name)
        if fettle("export", model, "--output", again).returncode != 0:
            continue  # refused with a sentence; the node tests count those
        try:
            before = session(model)
            x = {v.name: draw(v, rng, 2) for v in before.get_inputs()}
            wanted = before.run(None, x)
        except Exception:  # what ONNX Runtime lacks itself
            continue
        try:
            got = session(again).run(None, x)
        except Exception as e:
            failures.append(f"{name}: {str(e)[:200]}")
            continue
        for a, b in zip(got, wanted):
            compare(name, a, b)
        n_compared += 1
    print(f"node tests: {n_compared} of {len(names)} models answer the same after fettle has written them")


check_imagenet()
check_networks()
check_node_tests()
for line in failures:
    print("FAILED:", line)
sys.exit(1 if failures else 0)
