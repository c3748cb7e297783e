"""Writes sets_golden.json: Frechet distances in 40 digits (N <= d) or by scipy's sqrtm (N > d), and kernel distances in numpy's float64.

Needs numpy, scipy and mpmath (made with 2.4.6, 1.17.1 and 1.3.0): python make_sets_golden.py > sets_golden.json
Points are drawn with SplitMix64 as engine/base/random.h does: shift + scale * x, x in [-1, 1].
"""
import json

import mpmath
import numpy as np
import scipy.linalg

mpmath.mp.dps = 40
M = 2**64 - 1


def points(count, dimension, seed, scale, shift):
    out, state = [], seed
    for _ in range(count * dimension):
        state = (state + 0x9E3779B97F4A7C15) & M
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M
        z ^= z >> 31
        out.append(np.float32((z >> 11) * 2.0**-52 - 1.0))
    return shift + scale * np.array(out, np.float64).reshape(count, dimension)


def frechet_exact(a, b):
    def centred(x):
        x = mpmath.matrix(x.tolist())
        means = [mpmath.fsum(x[i, j] for i in range(x.rows)) / x.rows for j in range(x.cols)]
        root = mpmath.sqrt(x.rows - 1)
        return mpmath.matrix([[(x[i, j] - means[j]) / root for j in range(x.cols)] for i in range(x.rows)]), means

    (x, mx), (y, my) = centred(a), centred(b)
    product = mpmath.matrix([[mpmath.fdot((x[i, k], y[j, k]) for k in range(x.cols)) for j in range(y.rows)] for i in range(x.rows)])
    nuclear = mpmath.fsum(mpmath.svd_r(product, compute_uv=False))
    square = lambda m: mpmath.fsum(v * v for v in m)
    return float(square([u - v for u, v in zip(mx, my)]) + square(x) + square(y) - 2 * nuclear)


def frechet_scipy(a, b):
    sa, sb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = scipy.linalg.sqrtm(sa @ sb)
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(sa + sb) - 2 * np.trace(root).real)


def mmd(a, b, degree, offset, estimator):
    k = lambda x, y: (x @ y.T / x.shape[1] + offset) ** degree
    off = lambda m: (m.sum() - np.trace(m)) / (len(m) * (len(m) - 1))
    if estimator == "v_statistic":
        return float(k(a, a).mean() + k(b, b).mean() - 2 * k(a, b).mean())
    across = off(k(a, b)) if estimator == "unbiased_paired" else k(a, b).mean()
    return float(off(k(a, a)) + off(k(b, b)) - 2 * across)


out = []
for n, m, d, exact in [(16, 16, 400, True), (12, 20, 30, True), (40, 40, 8, True), (1200, 1100, 24, False)]:
    a, b = points(n, d, 1, 1.0, 0.0), points(m, d, 2, 1.5, 0.25)
    case = {"n": n, "m": m, "d": d, "frechet": frechet_exact(a, b) if exact else frechet_scipy(a, b)}
    if n == m and n < 100:
        case["paired"] = mmd(a, b, 3, 1, "unbiased_paired")
    case["unbiased"] = mmd(a, b, 3, 1, "unbiased")
    case["jedi"] = 100 * mmd(a, b, 2, 0, "v_statistic")
    out.append(case)
print(json.dumps(out, indent=1))
