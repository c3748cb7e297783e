// The page's style sheet. Colours are variables with a light and a dark value; text has a contrast of at least 4.5 on its ground, marks 3.
#pragma once

#include <string_view>

namespace wan::reports {

std::string_view style_sheet();

}  // namespace wan::reports
