"""Writes lpips_golden.json: LPIPS v0.1 with AlexNet of synthetic pairs, written down with numpy in float64 from the published formula.

Needs numpy (made with 2.4.6) and the weights that ci/bootstrap leaves as lpips_alex.safetensors:
    python make_lpips_golden.py .../lpips_alex.safetensors > lpips_golden.json
"""
import json
import struct
import sys

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from synthetic_clip import moving_ramps, noisy

weights_path = sys.argv[1]


def read_safetensors(path):
    with open(path, "rb") as file:
        data = file.read()
    (size,) = struct.unpack("<Q", data[:8])
    out = {}
    for name, info in json.loads(data[8 : 8 + size]).items():
        if name != "__metadata__":
            begin, end = info["data_offsets"]
            out[name] = np.frombuffer(data[8 + size + begin : 8 + size + end], "<f4").reshape(info["shape"]).astype(np.float64)
    return out


W = read_safetensors(weights_path)


def conv(x, i, stride, padding):  # x [C, H, W]
    w, b = W[f"conv{i}.weight"], W[f"conv{i}.bias"]
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    k = w.shape[-1]
    windows = sliding_window_view(x, (k, k), (1, 2))[:, ::stride, ::stride]
    return np.maximum(np.einsum("chwij,ocij->ohw", windows, w, optimize=True) + b[:, None, None], 0)


def pool(x):
    return sliding_window_view(x, (3, 3), (1, 2))[:, ::2, ::2].max((-1, -2))


def maps(frame):
    x = frame.astype(np.float64).transpose(2, 0, 1) / 127.5 - 1
    x = (x - np.array([-0.030, -0.088, -0.188])[:, None, None]) / np.array([0.458, 0.448, 0.450])[:, None, None]
    out = [conv(x, 0, 4, 2)]
    out.append(conv(pool(out[-1]), 1, 1, 2))
    out.append(conv(pool(out[-1]), 2, 1, 1))
    out.append(conv(out[-1], 3, 1, 1))
    out.append(conv(out[-1], 4, 1, 1))
    return [m / (np.sqrt((m**2).sum(0)) + 1e-10) for m in out]


def lpips(a, b):
    return sum(
        float(np.tensordot(W[f"lin{i}.weight"], (x - y) ** 2, 1).mean()) for i, (x, y) in enumerate(zip(maps(a), maps(b)))
    )


CASES = [(1, 32, 32, 10), (6, 64, 64, 30), (1, 45, 67, 100), (2, 33, 130, 5), (1, 150, 40, 60)]
out = []
for frames, height, width, amplitude in CASES:
    clip = moving_ramps(frames, height, width)
    other = noisy(clip, amplitude)
    values = [lpips(a, b) for a, b in zip(clip, other)]
    out.append({"frames": frames, "height": height, "width": width, "amplitude": amplitude, "lpips.alex": values})
print(json.dumps(out, indent=1))
