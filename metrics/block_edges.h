// Grids in a picture: blocks of a patch or a tile that do not fit their neighbours leave an edge at every multiple of their pitch.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "metrics/score.h"
#include "metrics/statistics.h"

namespace wan::metrics {

struct GridEdge {
  double strength = 0;     // levels of 255 by which neighbours across the grid's lines differ more than those beside and between them
  std::int64_t phase = 0;  // first line: between this pixel and the next
  bool vertical = true;    // the lines
};

// The strongest grid of lines `pitch` apart that the candidate has and the reference has not, over all phases and both directions, in the
// mean over the clip of how neighbours differ. A place counts by how far it stands out of the four beside it, compared with the reference,
// less what the reference has lost within three pixels (a pattern that has moved is no seam); a grid by the median of its lines, less that
// of the lines half a pitch away: every block edge must show, and a grid of half the pitch is another grid. Strength 0 if fewer than two
// lines fit.
GridEdge strongest_new_grid(const Statistics& statistics, std::int64_t pitch);

// Fires if the candidate has a new grid of one of the pitches that is stronger than `level` levels.
ArtifactFinding judge_grid(const std::string& detector, const Statistics& statistics, std::span<const std::int64_t> pitches, double level);

}  // namespace wan::metrics
