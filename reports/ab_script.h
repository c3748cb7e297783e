// The script and the style of the page of blind trials: constants, so that the page's policy can name them by their digests.
#pragma once

#include <string_view>

namespace wan::reports {

// Reads the JSON in the element `trials` (ab_page.cpp writes it), shows one trial after the other and exports votes of schema 1.
std::string_view ab_script();
std::string_view ab_style();

}  // namespace wan::reports
