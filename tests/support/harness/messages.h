// One message of every kind, each field other than its default.
#pragma once

#include <vector>

#include "harness/run/message.h"

namespace wan::testing {

GenerationRequest full_generation_request();
std::vector<run::Message> one_of_each_message();

}  // namespace wan::testing
