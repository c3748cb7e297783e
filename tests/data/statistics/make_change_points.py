"""Writes change_points.json: histories, and what two published implementations make of them.

    pip install signal-processing-algorithms==2.1.6 ruptures==1.1.10
    python3 tests/data/statistics/make_change_points.py

The divergences are those of the first, an e-divisive that looks for no end of a state; the points are those of ruptures' PELT (squared error,
penalty 3 x variance x ln n). Both must agree but for `bump`, which the first does not see: only histories whose steps are plain stand here.
"""
import json
import pathlib

import numpy as np
import ruptures
from signal_processing_algorithms.energy_statistics import energy_statistics

rng = np.random.default_rng(20261122)


def steps(sizes, levels, deviation):
    return np.round(np.concatenate([rng.normal(level, deviation, size) for size, level in zip(sizes, levels)]), 6)


HISTORIES = {
    "quiet": (steps([40], [1.7], 0.01), 0.01), "one_step": (steps([20, 20], [1.7, 1.62], 0.01), 0.01),
    "late_step": (steps([30, 6], [1.7, 1.62], 0.01), 0.01), "two_steps": (steps([20, 15, 20], [0.97, 0.95, 0.99], 0.002), 0.002),
    "bump": (steps([15, 12, 15], [4.2, 4.6, 4.2], 0.03), 0.03), "ties": (np.repeat([3.0, 3.0, 4.0, 4.0], 6), 0.05),
}
cases = []
for name, (values, deviation) in HISTORIES.items():
    np.random.seed(1)
    points = sorted(energy_statistics.e_divisive(values, pvalue=0.01, permutations=999))
    penalty = 3 * deviation ** 2 * np.log(len(values))
    pelt = ruptures.Pelt(model="l2", min_size=3, jump=1).fit(values).predict(pen=penalty)[:-1]
    assert points == ([] if name == "bump" else pelt), (name, points, pelt)
    distances = energy_statistics._get_distance_matrix(energy_statistics._convert(values))
    divergences = energy_statistics._calculate_t_stats(distances)
    cases.append({"history": name, "values": values.tolist(), "divergences": [float(d) for d in divergences], "points": [int(p) for p in pelt]})
rows = ",\n".join("  " + json.dumps(case) for case in cases)
(pathlib.Path(__file__).parent / "change_points.json").write_text("{\n \"change_points\": [\n" + rows + "\n ]\n}\n")
