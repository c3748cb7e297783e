#!/usr/bin/env python3
"""Scores two clips with wan-eval and with the tools that its presets of MSE, PSNR, SSIM and MS-SSIM reproduce, and prints how far they are apart.

    tests/peers/conformance.py WAN_EVAL REFERENCE CANDIDATE [SCORE...]

A clip is an image, a folder of PNG frames or a .npy array [frames, height, width, 3] uint8. Exit status 1 if a score is outside its
tolerance. Needs what structural.py needs.
"""
import os
import sys

import numpy as np
from skimage.io import imread
from structural import PEERS
from wan_eval import score


def read(path):
    if path.endswith(".npy"):
        return np.load(path)
    frames = sorted(os.path.join(path, name) for name in os.listdir(path) if name.endswith(".png")) if os.path.isdir(path) else [path]
    return np.stack([imread(frame)[..., :3] for frame in frames])


def main():
    program, reference, candidate = sys.argv[1], read(sys.argv[2]), read(sys.argv[3])
    wanted = sys.argv[4:] or list(PEERS)
    ours = score(program, reference, candidate, wanted)
    failed = False
    print(f"{'score':22}  {'ours':>14}  {'theirs':>14}  difference  tolerance")
    for name in wanted:
        tool, tolerance = PEERS[name]
        mine = ours[name]
        try:
            theirs = tool(reference, candidate)
        except Exception as error:  # whatever a tool raises is its way to refuse
            print(f"{name:22}  {mine.get('error') or format(mine['pooled']['mean'], '.10f'):>14}  refuses: {str(error).splitlines()[0]}")
            continue
        if "error" in mine:
            print(f"{name:22}  refuses: {mine['error']}")
            continue
        values = mine.get("per_frame") or [mine["pooled"]["mean"]]
        difference = max(abs(a - b) for a, b in zip(values, theirs, strict=True))
        passed = difference <= tolerance
        failed |= not passed
        print(f"{name:22}  {mine['pooled']['mean']:14.10f}  {np.mean(theirs):14.10f}  {difference:10.1e}  {tolerance:9.0e}  {'pass' if passed else 'FAIL'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
