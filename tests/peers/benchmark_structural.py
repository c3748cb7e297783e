#!/usr/bin/env python3
"""Our structural metrics against their tools at 1280x720 RGB, by turns: A B A B ..., medians, and their ratio (above 1 is faster).

    tests/peers/benchmark_structural.py BUILD [THREADS] [ROUNDS] [SCORE...]

BUILD has structural_benchmark (cmake -DWAN_BENCHMARKS=ON). Both sides start from uint8 frames; torch's tools run in float32, as people
use them, and scikit-image as it comes. Needs what structural.py needs.
"""
import json
import os
import statistics
import subprocess
import sys
import time

import numpy as np
import pytorch_msssim
import structural
import torch
import torchmetrics.functional.image as torchmetrics

build, threads, rounds = sys.argv[1], int((sys.argv[2:] or ["2"])[0]), int((sys.argv[3:] or ["5"])[0])
torch.set_num_threads(threads)
random = np.random.default_rng(1)
reference = random.integers(0, 200, (1, 720, 1280, 3), dtype=np.uint8)
candidate = reference + random.integers(0, 20, reference.shape, dtype=np.uint8)


def in_float32(tool):
    return lambda a, b: tool(structural.tensor(a[0], torch.float32), structural.tensor(b[0], torch.float32), data_range=255.0)


PEERS = {
    "ssim.ipol": structural.skimage_gaussian,
    "ssim.skimage7": structural.skimage7,
    "ssim.torchmetrics": in_float32(torchmetrics.structural_similarity_index_measure),
    "ssim.pytorch_msssim": in_float32(pytorch_msssim.ssim),
    "msssim.pytorch_msssim": in_float32(pytorch_msssim.ms_ssim),
    "msssim.torchmetrics": in_float32(torchmetrics.multiscale_structural_similarity_index_measure),
}


def ours(name):
    command = [f"{build}/bin/structural_benchmark", f"--benchmark_filter=frame/{name}/{threads}/2/", "--benchmark_format=json"]
    output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, env=os.environ).stdout
    return json.loads(output)["benchmarks"][0]["median_ms"]


def theirs(name):
    times = []
    for _ in range(3):
        start = time.perf_counter()
        PEERS[name](reference, candidate)
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


print(f"{threads} threads, {rounds} rounds, ms a frame\n{'score':22}  {'ours':>7}  {'tool':>7}  {'ratio':>6}  lowest..highest ratio")
for name in sys.argv[4:] or PEERS:
    theirs(name)  # warm-up
    pairs = [(ours(name), theirs(name)) for _ in range(rounds)]
    ratios = [b / a for a, b in pairs]
    mine, peer = (statistics.median(side) for side in zip(*pairs))
    print(f"{name:22}  {mine:7.2f}  {peer:7.2f}  {statistics.median(ratios):6.1f}  {min(ratios):.1f}..{max(ratios):.1f}", flush=True)
