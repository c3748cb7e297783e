#include "harness/cli/production_samples.h"

#include <fmt/format.h>

#include <map>
#include <sstream>
#include <utility>

#include "engine/base/error.h"
#include "engine/io/json_reader.h"
#include "harness/cli/stored_run.h"
#include "harness/gate/suite_scores.h"
#include "harness/rollout/evidence.h"
#include "harness/store/cell_log.h"
#include "metrics/score_json.h"

namespace wan::cli {
namespace {

namespace fs = std::filesystem;

bool holds_a_run(const std::string& text, const fs::path& path) {
  io::JsonReader in(text, path.string());
  if (in.peek() != io::JsonReader::Kind::object) in.refuse("expected a run or scores, an object");
  in.begin_object();
  std::string_view key;
  while (in.next_key(key)) {
    if (key == "run_id") return true;
    in.skip();
  }
  return false;
}

void add_run(rollout::Samples& samples, const fs::path& path, const rollout::Subject& subject) {
  const store::RunRecord run = read_stored_run(path).record;
  if (const std::string other = rollout::difference(run, subject); !other.empty())
    throw UsageError(fmt::format("{}: no sample of this rollout: {}", path.string(), other));
  if (auto failure = rollout::judged_bad(run, subject.configuration.id); !failure.name.empty())
    samples.failures.push_back(std::move(failure));
  std::map<std::string, std::string> words;
  for (const auto& prompt : run.prompts) words[prompt.id] = prompt.text;
  for (const auto& cell : gate::find_configuration(run, subject.configuration.id)->cells) {
    if (cell.status == store::CellStatus::interrupted) continue;
    store::Cell& sample = samples.clips.cells.emplace_back(cell);
    sample.prompt = words[cell.prompt];
  }
}

void add_scores(rollout::Samples& samples, const fs::path& path, const std::string& text) {
  store::Cell sample{.configuration = samples.clips.configuration.id, .prompt = path.string(), .category = {}, .key = {}};
  sample.scores = metrics::scores_from_json(text, path.string());
  samples.clips.cells.push_back(std::move(sample));
}

}  // namespace

rollout::Samples read_samples(std::span<const fs::path> paths, const rollout::Subject& subject) {
  rollout::Samples samples{.clips = {.configuration = subject.configuration}};
  for (const auto& path : paths) {
    if (fs::is_directory(path) || path.filename() == "run.json") {
      add_run(samples, path, subject);
      continue;
    }
    const std::string text = store::read_text(path);
    holds_a_run(text, path) ? add_run(samples, path, subject) : add_scores(samples, path, text);
  }
  // A prompt that production made twice is two clips, also where both runs drew the same seed.
  for (std::size_t i = 0; i < samples.clips.cells.size(); ++i) samples.clips.cells[i].seed = i;
  if (samples.clips.cells.empty())
    throw UsageError("watch: no sample: name folders of runs, their JSON, or scores of `wan-eval metrics --json`, or a --list of them");
  return samples;
}

std::vector<fs::path> read_sample_list(const fs::path& list) {
  std::vector<fs::path> paths;
  std::istringstream lines(store::read_text(list));
  for (std::string line; std::getline(lines, line);) {
    line.erase(line.find_last_not_of(" \t\r") + 1);
    if (!line.empty() && line[0] != '#') paths.push_back(list.parent_path() / line);
  }
  return paths;
}

}  // namespace wan::cli
