"""Writes lpips_golden.json: LPIPS v0.1 of synthetic pairs, written down with numpy in float64 from the published formula.

Needs numpy (made with 2.4.6) and the folder of the weights that ci/bootstrap leaves, lpips_alex.safetensors and lpips_vgg.safetensors:
    python make_lpips_golden.py FOLDER > lpips_golden.json
"""
import json
import struct
import sys

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from synthetic_clip import moving_ramps, noisy

folder = sys.argv[1]


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


class Trunk:
    def __init__(self, path, layers, pool_side):
        self.w, self.layers, self.pool_side = read_safetensors(path), layers, pool_side

    def conv(self, x, i, stride, padding):  # x [C, H, W]
        w, b = self.w[f"conv{i}.weight"], self.w[f"conv{i}.bias"]
        x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
        k = w.shape[-1]
        windows = sliding_window_view(x, (k, k), (1, 2))[:, ::stride, ::stride]
        return np.maximum(np.einsum("chwij,ocij->ohw", windows, w, optimize=True) + b[:, None, None], 0)

    def maps(self, frame):
        x = frame.astype(np.float64).transpose(2, 0, 1) / 127.5 - 1
        x = (x - np.array([-0.030, -0.088, -0.188])[:, None, None]) / np.array([0.458, 0.448, 0.450])[:, None, None]
        out = []
        for i, (stride, padding, pool_before, compared) in enumerate(self.layers):
            if pool_before:
                x = sliding_window_view(x, (self.pool_side, self.pool_side), (1, 2))[:, ::2, ::2].max((-1, -2))
            x = self.conv(x, i, stride, padding)
            if compared:
                out.append(x / (np.sqrt((x**2).sum(0)) + 1e-10))
        return out

    def distances(self, a, b):  # of each layer [h, w]
        return [np.tensordot(self.w[f"lin{i}.weight"], (x - y) ** 2, 1) for i, (x, y) in enumerate(zip(a, b))]


def upsampled(values, height, width):  # bilinear, align_corners=False
    def along(values, to):  # the first axis
        n = len(values)
        at = np.maximum((np.arange(to) + 0.5) * n / to - 0.5, 0)
        low = at.astype(int)
        part = (at - low)[:, None]
        return values[low] * (1 - part) + values[np.minimum(low + 1, n - 1)] * part

    return along(along(values, height).T, width).T


ALEX = Trunk(f"{folder}/lpips_alex.safetensors", [(4, 2, 0, 1), (1, 2, 1, 1), (1, 1, 1, 1), (1, 1, 0, 1), (1, 1, 0, 1)], 3)
VGG = Trunk(
    f"{folder}/lpips_vgg.safetensors",
    [(1, 1, pool, last) for pool, last in ((0, 0), (0, 1), (1, 0), (0, 1), (1, 0), (0, 0), (0, 1), (1, 0), (0, 0), (0, 1), (1, 0), (0, 0), (0, 1))],
    2,
)


def scores(clip, other, size):
    out = {}
    for name, trunk in (("alex", ALEX), ("vgg", VGG)):
        a, b = [trunk.maps(f) for f in clip], [trunk.maps(f) for f in other]
        out[f"lpips.{name}"] = [sum(float(d.mean()) for d in trunk.distances(x, y)) for x, y in zip(a, b)]
        out[f"lpips.{name}.spatialmean"] = [
            float(sum(upsampled(d, *size) for d in trunk.distances(x, y)).mean()) for x, y in zip(a, b)
        ]
        if name == "alex":
            change = [[sum(float(d.mean()) for d in trunk.distances(c[t], c[t + 1])) for t in range(len(c) - 1)] for c in (a, b)]
            out["tlp.tecogan"] = [100 * abs(x - y) for x, y in zip(*change)]
    return out


# The last is large enough for several tiles in the deepest layers.
CASES = [(1, 32, 32, 10), (6, 64, 64, 30), (1, 45, 67, 100), (2, 33, 130, 5), (1, 150, 40, 60), (2, 200, 264, 12)]
out = []
for frames, height, width, amplitude in CASES:
    clip = moving_ramps(frames, height, width)
    other = noisy(clip, amplitude)
    case = {"frames": frames, "height": height, "width": width, "amplitude": amplitude}
    out.append(case | scores(clip, other, (height, width)))
# Published for the reference with `spatial=True`: the mean map of black against white.
black = np.zeros((1, 64, 64, 3), np.uint8)
out.append({"black_and_white": scores(black, black + np.uint8(255), (64, 64))})
print(json.dumps(out, indent=1))
