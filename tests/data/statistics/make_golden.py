"""Writes golden.json: small samples, ties and zeros among them, and what SciPy and statsmodels make of them.

    pip install scipy==1.17.1 statsmodels==0.15.0
    python3 tests/data/statistics/make_golden.py

Where neither has a function (the Hodges-Lehmann interval, the exact test of more than 16 tied differences), the expected values are made by another
road than ours: by scanning SciPy's test over shifts, and by whole numbers of any length.
"""
import fractions
import itertools
import json
import math
import pathlib

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import ttost_paired

rng = np.random.default_rng(20261122)
ALTERNATIVES = {"two_sided": "two-sided", "less": "less", "greater": "greater"}
STATSMODELS = {"two-sided": "two-sided", "less": "larger", "greater": "smaller"}  # it names the bound
BOUNDS = {"both": "two-sided", "lower": "greater", "upper": "less"}  # of intervals, as SciPy names the test that they invert


def rounded(values, digits):
    return [float(v) for v in np.round(values, digits)]


def noise(n, shift=0.0):
    return rounded(rng.normal(shift, 0.0072, n), 9)


SAMPLES = {  # paired differences
    "one": [0.25], "two": [0.5, -1.0], "five": noise(5), "six": noise(6, 0.01), "twelve": noise(12), "slower": noise(12, 0.006),
    "twenty_four": noise(24, -0.002), "heavy": rounded(rng.standard_t(2, 31) + 0.3, 6), "fifty_one": noise(51, 0.001), "sixty": noise(60, 0.002),
    "ties": [1, 1, -1, 2, 2, 3, -3, 3, 4, 5], "zeros": [0.1, 0, -0.2, 0.3, 0.45, 0, 0.5, -0.6, 0.75],
    "ties_and_zeros": [0, 0, 1, 1, -1, 2, 2, -3, 3, 3, 3, 0], "few_values": [1, -1, 1, 1, 1, -1, 1, 1, 0, 0, 1, 1, -1, 1],
    "all_zero": [0, 0, 0, 0], "all_equal": [0.5] * 7, "many_ties": rounded(rng.normal(0.4, 2, 40), 0), "hundred": noise(100, 0.001),
    "hundred_with_ties": rounded(rng.normal(0.3, 2, 100), 0), "balanced": [1, -1, 2, -2, 3, -3],
}


def conditional_p(differences, zeros, alternative):
    """Exact p of all signs of the midranks, in whole numbers."""
    values = np.array(differences)
    if zeros == "wilcox":
        values = values[values != 0]
    doubled = [int(round(2 * r)) for r in stats.rankdata(np.abs(values))]
    scores = [r for r, v in zip(doubled, values) if v != 0]
    counts = [1]
    for score in scores:
        counts = [a + b for a, b in itertools.zip_longest(counts + [0] * score, [0] * score + counts, fillvalue=0)]
    observed = sum(r for r, v in zip(doubled, values) if v > 0)
    less, greater = sum(counts[:observed + 1]), sum(counts[observed:])
    tail = {"less": less, "greater": greater, "two_sided": min(2 * min(less, greater), 2 ** len(scores))}[alternative]
    return float(fractions.Fraction(tail, 2 ** len(scores)))


def signed_rank_cases():
    for name, differences in SAMPLES.items():
        values = np.array(differences, dtype=float)
        tied = len(set(np.abs(values))) < len(values) or (values == 0).any()
        for zeros in ("wilcox", "pratt", "zsplit"):
            if zeros != "wilcox" and (values != 0).all():
                continue
            for ours, theirs in ALTERNATIVES.items():
                case = {"sample": name, "zeros": zeros, "alternative": ours}
                if (values != 0).any():
                    for correction in (False, True):
                        result = stats.wilcoxon(values, zero_method=zeros, alternative=theirs, method="asymptotic", correction=correction)
                        z = result.zstatistic if theirs != "two-sided" else None  # SciPy gives -|z| there
                        yield {**case, "distribution": "normal", "correction": correction, "p": result.pvalue, "z": z, "statistic": result.statistic}
                if len(values) > 60 or (values == 0).all() and zeros != "wilcox":
                    continue
                p = conditional_p(differences, zeros, ours)
                statistic = None
                if not tied and len(values) <= 60:
                    statistic, scipys = stats.wilcoxon(values, zero_method=zeros, alternative=theirs, method="exact")
                    assert math.isclose(p, scipys, rel_tol=1e-12), (name, p, scipys)
                    p = scipys
                elif len(values) <= 16 and (values != 0).any():
                    method = stats.PermutationMethod(n_resamples=2 ** 17)
                    statistic, scipys = stats.wilcoxon(values, zero_method=zeros, alternative=theirs, method=method)
                    assert math.isclose(p, scipys, rel_tol=1e-12), (name, p, scipys)
                    p = scipys
                yield {**case, "distribution": "exact", "p": p, "statistic": statistic}


def shifted_p(values, shift, alternative):
    """SciPy's exact p against the centre `shift`, a point between Walsh averages, where no difference is zero and no two are tied."""
    shifted = values - shift
    assert len(set(np.abs(shifted))) == len(values) and (shifted != 0).all()
    return stats.wilcoxon(shifted, alternative=alternative, method="exact").pvalue


def hodges_lehmann_cases():
    for name in ("one", "two", "five", "six", "twelve", "slower", "twenty_four", "heavy", "sixty"):
        values = np.array(SAMPLES[name])
        walsh = np.sort([(a + b) / 2 for i, a in enumerate(values) for b in values[:i + 1]])
        gaps = [walsh[0] - 1] + list((walsh[1:] + walsh[:-1]) / 2) + [walsh[-1] + 1]  # gap i lies before average i
        p_of_gap = {bounds: [shifted_p(values, gap, alternative) for gap in gaps] for bounds, alternative in BOUNDS.items()}
        for bounds, level in itertools.product(BOUNDS, (0.8, 0.9, 0.95, 0.975)):
            kept = [i for i, p in enumerate(p_of_gap[bounds]) if p > (1 - level) * (1 + 1e-12)]
            low = walsh[kept[0] - 1] if kept[0] > 0 else None
            high = walsh[kept[-1]] if kept[-1] < len(walsh) else None
            yield {"sample": name, "level": level, "bounds": bounds, "estimate": float(np.median(walsh)), "low": low, "high": high}


def finite(value):
    return float(value) if math.isfinite(value) else None


def paired_t_cases():
    for name, differences in SAMPLES.items():
        values = np.array(differences, dtype=float)
        if len(values) < 2 or values.std() == 0:
            continue
        for ours, theirs in ALTERNATIVES.items():
            result = stats.ttest_rel(values, np.zeros(len(values)), alternative=theirs)
            yield {"sample": name, "alternative": ours, "t": result.statistic, "p": result.pvalue}
            for level in (0.9, 0.95, 0.999):
                interval = result.confidence_interval(level)
                yield {"sample": name, "bounds": next(b for b, a in BOUNDS.items() if a == theirs), "level": level,
                       "low": finite(interval.low), "high": finite(interval.high)}


def equivalence_cases():
    for name, (low, high) in itertools.product(("two", "twelve", "slower", "ties_and_zeros"), ((-0.01, 0.01), (-0.004, 0.02), (-5.0, 4.0))):
        values = np.array(SAMPLES[name], dtype=float)
        p, above, below = ttost_paired(values, np.zeros(len(values)), low, high)
        yield {"sample": name, "low": low, "high": high, "p": p, "t_low": above[0], "p_low": above[1], "t_high": below[0], "p_high": below[1]}


def proportion_cases():
    for trials, level in itertools.product((1, 2, 12, 24, 248), (0.9, 0.95, 0.99)):
        for successes in sorted({0, 1, trials // 3, trials - 1, trials}):
            for bounds, alternative in BOUNDS.items():
                scipys = stats.binomtest(successes, trials, alternative=alternative).proportion_ci(level, method="exact")
                low, high = proportion_confint(successes, trials, alpha=1 - level, method="beta", alternative=STATSMODELS[alternative])
                assert math.isclose(low, scipys.low, abs_tol=1e-10) and math.isclose(high, scipys.high, abs_tol=1e-10)  # SciPy searches for a root
                yield {"successes": successes, "trials": trials, "level": level, "bounds": bounds, "low": low, "high": high}


def holm_cases():
    for p in ([0.04], [0.01, 0.04, 0.03, 0.005], [0.02, 0.02, 0.02], [0.9, 0.5, 0.0, 1.0, 0.3], rounded(rng.uniform(0, 0.1, 20), 5)):
        yield {"p": p, "adjusted": list(multipletests(p, method="holm")[1])}


def effective_size_cases():
    for spread in (0.0, 0.5, 1.0, 3.0):
        for prompts, seeds in ((2, 2), (12, 3), (24, 4)):
            scores = np.round(rng.normal(30, 1, (prompts, seeds)) + spread * rng.normal(0, 1, (prompts, 1)), 6)
            f = stats.f_oneway(*scores).statistic
            rho = min(1.0, max(0.0, (f - 1) / (f + seeds - 1)))
            yield {"scores": scores.tolist(), "rho": rho, "n_effective": prompts * seeds / (1 + (seeds - 1) * rho)}


LOSSES = {
    "psnr_db": lambda x: -np.minimum(x, 60), "ssim_db": lambda x: np.maximum(10 * np.log10(np.maximum(1 - x, 1e-300)), -60),
    "log": lambda x: np.log(np.maximum(x, 1e-4)), "plain": lambda x: -x}


def non_inferiority_cases():
    scores = {"psnr_db": rng.normal(34, 3, (2, 24)), "ssim_db": 1 - rng.lognormal(-3, 0.5, (2, 24)), "log": rng.lognormal(-3, 0.7, (2, 24)),
              "plain": rng.normal(0.3, 0.02, (2, 24))}
    scores["psnr_db"][1, 3] = 75  # stands for a nearly identical clip
    scores["ssim_db"][:, 5] = 1
    scores["log"][0, 7] = 0
    for scale, values in scores.items():
        reference, candidate = np.array(rounded(values[0], 7)), np.array(rounded(values[1], 7))
        worsening = LOSSES[scale](candidate) - LOSSES[scale](reference)
        result = stats.ttest_1samp(worsening, 0)
        for alpha in (0.05, 0.025):
            interval = result.confidence_interval(1 - 2 * alpha)
            yield {"scale": scale, "reference": reference.tolist(), "candidate": candidate.tolist(), "alpha": alpha, "mean": worsening.mean(),
                   "low": interval.low, "high": interval.high}


def welch_cases():
    for a, b in (("twelve", "slower"), ("five", "twenty_four"), ("ties", "zeros")):
        result = stats.ttest_ind(SAMPLES[b], SAMPLES[a], equal_var=False)
        interval = result.confidence_interval(0.95)
        yield {"a": a, "b": b, "p": result.pvalue, "low": interval.low, "high": interval.high}


def distribution_cases():
    for z in (-37.0, -8.0, -1.96, 0.0, 0.5, 3.0):
        yield {"function": "normal_cdf", "arguments": [z], "value": stats.norm.cdf(z)}
    for p in (1e-300, 1e-12, 0.025, 0.5, 0.975):
        yield {"function": "normal_quantile", "arguments": [p], "value": stats.norm.ppf(p)}
    for df in (1.0, 2.5, 11.0, 1e6):
        for t in (-40.0, -2.2, 0.0, 1.3):
            yield {"function": "student_t_cdf", "arguments": [t, df], "value": stats.t.cdf(t, df)}
        for p in (1e-9, 0.025, 0.5, 0.9875):
            yield {"function": "student_t_quantile", "arguments": [p, df], "value": stats.t.ppf(p, df)}
    for p, a, b in itertools.product((1e-6, 0.05, 0.5, 0.975), (1.0, 3.0, 40.5), (1.0, 12.0, 248.0)):
        yield {"function": "beta_quantile", "arguments": [p, a, b], "value": stats.beta.ppf(p, a, b)}
    for k, n, rate in ((0, 24, 0.1), (3, 24, 0.1), (12, 24, 0.9), (24, 24, 0.5), (100, 1000, 0.09)):
        yield {"function": "binomial_cdf", "arguments": [k, n, rate], "value": stats.binom.cdf(k, n, rate)}


def plain(value):
    return value.item() if isinstance(value, np.generic) else value


tables = {
    "distributions": distribution_cases(), "signed_rank": signed_rank_cases(), "hodges_lehmann": hodges_lehmann_cases(),
    "paired_t": paired_t_cases(), "equivalence": equivalence_cases(), "proportions": proportion_cases(), "holm": holm_cases(),
    "effective_size": effective_size_cases(), "non_inferiority": non_inferiority_cases(), "welch": welch_cases(),
}
lines = [f' "samples": {json.dumps(SAMPLES)}']
for table, cases in tables.items():
    rows = ",\n".join("  " + json.dumps({k: plain(v) for k, v in case.items() if v is not None}) for case in cases)
    lines.append(f' "{table}": [\n{rows}\n ]')
(pathlib.Path(__file__).parent / "golden.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
