"""Writes golden.json: mse, psnr and ssim.ipol of synthetic pairs by scikit-image, in float64.

Needs numpy and scikit-image (made with numpy 2.4.6, scikit-image 0.26.0):
    python make_golden.py > golden.json
The clips are those of tests/support/metrics/synthetic_clip.cpp.
"""
import json

import numpy as np
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity


def moving_ramps(frames, height, width):
    t, y, x, c = np.meshgrid(*map(np.arange, (frames, height, width, 3)), indexing="ij")
    phase = (x * 3 + y * (2 + c) + t * 7 + x * y // 16 + c * 60) & 511
    return np.where(phase > 255, 511 - phase, phase).astype(np.uint8)


def mix(v):
    m = np.uint64(0xFFFFFFFF)
    v = v ^ (v >> np.uint64(16))
    v = (v * np.uint64(0x7FEB352D)) & m
    v = v ^ (v >> np.uint64(15))
    v = (v * np.uint64(0x846CA68B)) & m
    return v ^ (v >> np.uint64(16))


def noisy(clip, amplitude, seed=1):
    index = (np.arange(clip.size, dtype=np.uint64) + np.uint64(seed * 0x9E3779B9 % 2**32)) & np.uint64(0xFFFFFFFF)
    noise = (mix(index) % np.uint64(2 * amplitude + 1)).astype(np.int64) - amplitude
    return np.clip(clip.astype(np.int64) + noise.reshape(clip.shape), 0, 255).astype(np.uint8)


def pair(case):
    shape = case["frames"], case["height"], case["width"]
    clip = moving_ramps(*shape) if case["base"] == "ramps" else np.full((*shape, 3), case["base"], np.uint8)
    return clip, noisy(clip, case["amplitude"])


def score(case):
    clip, other = pair(case)
    frames = list(zip(clip, other))
    ssim = dict(gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255, channel_axis=2)
    return case | {
        "mse": [mean_squared_error(a, b) for a, b in frames],
        "psnr": [peak_signal_noise_ratio(a, b, data_range=255) for a, b in frames],
        "psnr.pooled": peak_signal_noise_ratio(clip, other, data_range=255),
        "ssim.ipol": [structural_similarity(a, b, **ssim) for a, b in frames],
        "ssim.ipol.p5": float(np.percentile([structural_similarity(a, b, **ssim) for a, b in frames], 5)),
        "ssim.ipol.p95": float(np.percentile([structural_similarity(a, b, **ssim) for a, b in frames], 95)),
    }


CASES = [
    ("ramps", 5, 48, 64, 3), ("ramps", 2, 37, 53, 20), ("ramps", 1, 11, 11, 120), ("ramps", 1, 11, 140, 9), ("ramps", 1, 150, 12, 9),
    ("ramps", 1, 96, 300, 60), (235, 1, 40, 40, 1), (2, 1, 40, 40, 1), (128, 3, 33, 29, 40),
]
print(json.dumps([score(dict(zip(("base", "frames", "height", "width", "amplitude"), c))) for c in CASES], indent=1))
