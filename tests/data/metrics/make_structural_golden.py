"""Writes structural_golden.json: the scores that the tools of tests/peers/structural.py give for synthetic pairs; null where one refuses.

Needs what that file needs (made with scikit-image 0.26.0, torch 2.11.0, pytorch_msssim 1.0.0, torchmetrics 1.9.0, FFmpeg 9.0.2):
    python make_structural_golden.py > structural_golden.json
"""
import json
import os
import subprocess
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../peers"))
from structural import PEERS  # noqa: E402
from synthetic_clip import pair  # noqa: E402

# Sides at and below the smallest that a tool takes, odd ones at every scale, libvmaf's factors 1, 2 and 3, an odd one that 3 divides, flat
# bright and dark areas.
CASES = [
    ("ramps", 2, 48, 64, 3), ("ramps", 2, 37, 53, 20), ("ramps", 1, 11, 11, 120), ("ramps", 1, 12, 107, 9), ("ramps", 1, 107, 13, 60),
    ("ramps", 1, 8, 9, 30), (235, 1, 40, 41, 1), (2, 1, 41, 40, 1), ("ramps", 1, 161, 163, 20), (235, 1, 167, 161, 1), ("ramps", 1, 176, 189, 40),
    (235, 1, 183, 176, 1), ("ramps", 1, 391, 389, 10), ("ramps", 1, 645, 649, 25),
]


def scores(case):
    out = {}
    for name, (tool, _) in PEERS.items():
        if name.endswith("vmaf") and min(case["height"], case["width"]) < (176 if "msssim" in name else 11):
            out[name] = None  # libvmaf reads outside the frame or takes the whole filter graph down
            continue
        try:
            out[name] = tool(*pair(case))
        except (AssertionError, RuntimeError, UserWarning, ValueError, IndexError, subprocess.CalledProcessError):
            out[name] = None
    return case | out


print(json.dumps([scores(dict(zip(("base", "frames", "height", "width", "amplitude"), c))) for c in CASES], indent=1))
