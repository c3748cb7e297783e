// How many independent clips a suite of prompts and seeds is worth. Seeds are nested in prompts and resemble each other, so quality is
// tested over prompts: average within a prompt first (measurement.md §2.1).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace wan::measure {

// A prompt's scores, one a seed [S], in any unit. Prompts need not have the same number of seeds: cells may be void.
using SeedScores = std::vector<double>;

// One mean a prompt [P]. CheckError if there is no prompt, one has no seed, or a score is not finite.
std::vector<double> prompt_means(std::span<const SeedScores> prompts);

struct EffectiveSize {
  std::size_t prompts = 0, clips = 0;
  std::optional<double> seed_correlation = {};  // rho in [0, 1]; unknown of one prompt, of one seed a prompt, or if all scores are equal
  double n_effective = 0;                       // with an unknown rho the number of prompts, as if seeds told nothing new
};

// rho is the intraclass correlation of the one-way analysis of variance, ICC(1) of Shrout and Fleiss 1979, clipped to [0, 1]; with unequal
// numbers of seeds by Donner's n0. n_effective = P S / (1 + (S - 1) rho), summed over prompts with an S each (Kish 1965). CheckError as
// above.
EffectiveSize effective_size(std::span<const SeedScores> prompts);

}  // namespace wan::measure
