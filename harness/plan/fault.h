// Collects what is wrong with the user's files and flags, so that one run of the parser reports everything there is to repair.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wan::plan {

struct Place {
  std::string source;        // a file, or the flag on the command line
  int line = 0, column = 0;  // 1-based; 0: the whole source
  bool operator==(const Place&) const = default;
};

struct Fault {
  Place place;
  std::string message;
  bool operator==(const Fault&) const = default;
};

class Faults {
 public:
  void add(const Place& place, std::string message);
  void add(const Faults& others);
  bool empty() const { return faults_.empty(); }
  // `file:line:column: message` each, sources in the order they were first met, then by position; equal ones once.
  std::vector<std::string> lines() const;
  // UsageError with all lines, if there are any.
  void throw_if_any() const;

 private:
  std::vector<Fault> faults_;
};

// "unknown <what> '<word>'; did you mean '<near>'?", or what there is if nothing is near.
std::string unknown_word(std::string_view what, std::string_view word, std::span<const std::string> candidates);

}  // namespace wan::plan
