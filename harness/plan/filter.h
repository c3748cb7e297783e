// The expression of -k: words with `and`, `or`, `not` and parentheses, without regard to case. A word of digits is a seed, any other word
// is part of the configuration's id, the prompt's id or its category: `-k "fp8 and not (cross or 123)"`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace wan::plan {

struct Subject {
  std::string configuration, prompt, category;
  std::uint64_t seed = 0;
};

class Filter {
 public:
  // Empty text matches everything. UsageError with the column of the fault.
  explicit Filter(const std::string& text);
  bool matches(const Subject& subject) const;

  struct Term;

 private:
  std::shared_ptr<const Term> root_;  // immutable, shared by copies; null: everything
};

}  // namespace wan::plan
