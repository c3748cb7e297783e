// The layers of settings above the tier files: the config file, then the assignments of the command line, weakest first.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/plan/document.h"
#include "harness/plan/fault.h"
#include "harness/plan/parse.h"

namespace wan::plan {

class Layers {
 public:
  Layers(const RunInputs& inputs, Faults& faults);

  const std::vector<Node>& documents() const { return documents_; }
  // Of the config file; an empty table if there is none. It stands first among the documents.
  const Node& config_file() const { return documents_.front(); }
  // Where the strongest layer sets `key`, for faults found later; `otherwise` if none does.
  Place place_of(std::string_view key, const std::string& otherwise) const;
  const Member* strongest(std::string_view key) const;  // nullptr if no layer sets it

 private:
  std::vector<Node> documents_;
};

// The suites folder: paths by id, ids by listing.
class SuitesFolder {
 public:
  explicit SuitesFolder(std::filesystem::path root) : root_(std::move(root)) {}

  // `name` is an id, or a path ending in .toml. `what` is "tier" or "suite". A fault at `at` if there is no such file; then the path is
  // empty.
  std::filesystem::path find(const std::string& what, const std::string& name, const Place& at, Faults& faults) const;
  std::vector<std::string> ids(const std::string& what) const;  // sorted
  std::filesystem::path path(const std::string& what, const std::string& id) const;

 private:
  std::filesystem::path root_;
};

}  // namespace wan::plan
