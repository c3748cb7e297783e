// The reference filling of every seam: the empty list of optimisations.
#pragma once

#include "engine/seams.h"

namespace wan {

Seams reference_seams();

}  // namespace wan
