// A history of runs for the terminal and as JSON.
#pragma once

#include <string>

#include "harness/history/history.h"

namespace wan::cli {

std::string history_text(const history::History& history);
// {"schema":1,"tested":...,"series":[{...,"nights":[...],"changes":[...]}],"skipped":[...]}
std::string history_json(const history::History& history);

}  // namespace wan::cli
