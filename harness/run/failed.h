// An exception of the worker as a message, and the same exception again in the harness: type and text survive, so that it is judged as if
// there were no second process.
#pragma once

#include <exception>

#include "harness/run/message.h"

namespace wan::run {

Failed to_failed(const std::exception_ptr& error);
[[noreturn]] void rethrow(const Failed& failed);

}  // namespace wan::run
