// Where a history changed its level: e-divisive (Matteson and James 2014, J. Am. Stat. Assoc. 109:334), with the biased energy distance
// that Daly et al. use on continuous integration (2020, ICPE, "The use of change point detection to identify software performance
// regressions"), so that ranges of few values have one. Unlike theirs it also looks for where the new state ends: without that a state
// which came and went again is not seen.
//
// A finder, slow and not blocking: it sees a step of two standard deviations after several nights where a gate of the same night sees a
// regression at once (measurement.md §2.4). It asks only that values be exchangeable while nothing changes; a drift or values that depend
// on the day before are changes to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace wan::measure {

struct ChangePointOptions {
  double alpha = 0.05;              // of each test, the first of which is that anything changed at all
  std::size_t permutations = 1999;  // at most; the smallest p is 1 / (permutations + 1)
  std::size_t fewest = 3;           // values on either side: one night is an outlier, no state
  std::uint64_t seed = 1;           // of the permutations
};

struct ChangePoint {
  std::size_t index = 0;  // of the first value of the new state
  double divergence = 0;  // of its segment before it and the state after it, in the unit of the values
  double p = 1;           // of its test; the segments that were there before it were shuffled
};

struct ChangePoints {
  std::vector<ChangePoint> points = {};  // ascending
  double p = 1;                          // that nothing changes at all: of the first test, whether it found a point or not
};

// Segments are divided where the divergence of what is before and a state after is greatest, until a test finds nothing. Its p is exact in
// the sense of Besag and Clifford (1991, Biometrika 78:301): permutations end early once it is plain that p is large. Below 2 x fewest
// values there is no test. The same values and options give the same answer on every machine. CheckError if a value is not finite, or
// fewest or the permutations are zero, or alpha lies outside (0, 1).
ChangePoints find_change_points(std::span<const double> values, const ChangePointOptions& options = {});

// At each split i of `values` [n] into [0, i) and [i, n): i (n - i) / n times the energy distance of both (Székely and Rizzo 2013, J. Stat.
// Plan. Inference 143:1249), 2 E|X - Y| - E|X - X'| - E|Y - Y'|; never negative but for rounding, 0 at split 0 [n].
std::vector<double> energy_divergences(std::span<const double> values);

}  // namespace wan::measure
