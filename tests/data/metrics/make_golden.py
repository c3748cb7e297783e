"""Writes golden.json: mse, psnr and ssim.ipol of synthetic pairs by scikit-image, in float64.

Needs numpy and scikit-image (made with numpy 2.4.6, scikit-image 0.26.0):
    python make_golden.py > golden.json
"""
import json

import numpy as np
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity

from synthetic_clip import pair


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
