#include "harness/run/reporter.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace wan::run {
namespace {

constexpr auto kRenewalPause = std::chrono::milliseconds(100);  // a step may take a millisecond; a person reads ten lines a second at most

std::string describe_scores(const store::Cell& cell) {
  std::string text;
  for (const auto& [id, label] : {std::pair{"psnr.pooled", "psnr"}, {"ssim.ipol", "ssim"}, {"lpips.alex", "lpips"}})
    if (const metrics::Score* score = cell.scores.find(id); score && score->error.empty())
      text += fmt::format("  {} {:.4g}", label, score->pooled.mean);
  return text;
}

std::string describe_cell(const store::Cell& cell) { return fmt::format("{}  {}  seed {}", cell.configuration, cell.prompt, cell.seed); }

}  // namespace

std::string format_duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (seconds < 10) return fmt::format("{:.2f} s", seconds);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

Reporter::Reporter(Options options, Eta eta, std::size_t cells) : options_(std::move(options)), eta_(std::move(eta)), cells_(cells) {}

Reporter::~Reporter() { clear(); }

void Reporter::load_begins(const std::string& configuration) { renew(fmt::format("{} loading {}", head(), configuration), true); }

void Reporter::load_ended(const std::string& configuration, double load_s) { eta_.loaded(configuration, load_s); }

void Reporter::steps_begin(const std::string& configuration) {
  current_ = configuration + "  timed steps";
  renew(fmt::format("{} {}", head(), current_), true);
}

void Reporter::steps_ended(const std::string& configuration, double busy_s) { eta_.steps_timed(configuration, busy_s); }

void Reporter::steps_kept(const std::string& configuration) { eta_.steps_dropped(configuration); }

void Reporter::cell_begins(const store::Cell& cell) {
  current_ = describe_cell(cell);
  renew(fmt::format("{} {}", head(), current_), true);
}

void Reporter::step(std::int64_t done, std::int64_t total) {
  const auto remaining_s = eta_.remaining_s();
  renew(fmt::format("{} {}  step {}/{}{}", head(), current_, done, total,
                    remaining_s ? "  about " + format_duration(*remaining_s) + " to go" : ""),
        false);
}

void Reporter::cell_ended(const store::Cell& cell, double busy_s) {
  ++ended_;
  eta_.finished(cell.configuration, busy_s);
  const bool done = cell.status == store::CellStatus::done;
  const auto remaining_s = eta_.remaining_s();
  const std::string result =
      done ? format_duration(cell.elapsed_s) + describe_scores(cell) : std::string(to_string(cell.status)) + ": " + cell.reason;
  const std::string line = fmt::format("{} {}  {}{}", head(), describe_cell(cell), result,
                                       remaining_s && ended_ < cells_ ? "  about " + format_duration(*remaining_s) + " to go" : "");
  if (options_.terminal && done) {
    renew(line, true);
  } else {
    say(line);
  }
}

void Reporter::cell_kept(const store::Cell& cell) {
  ++ended_;
  eta_.dropped(cell.configuration);
}

void Reporter::say(const std::string& line) {
  clear();
  if (options_.write) options_.write(line + "\n");
}

std::string Reporter::head() const {
  const std::string total = std::to_string(cells_);
  return fmt::format("[{:>{}}/{}]", ended_, total.size(), total);
}

void Reporter::renew(const std::string& line, bool at_once) {
  if (!options_.terminal || !options_.write) return;
  const auto now = std::chrono::steady_clock::now();
  if (!at_once && now - last_renewal_ < kRenewalPause) return;
  last_renewal_ = now;
  // Back to the first column, the line cut to the terminal, and whatever stood behind it erased.
  options_.write("\r" + line.substr(0, options_.width - 1) + "\x1b[K");
  line_open_ = true;
}

void Reporter::clear() {
  if (line_open_ && options_.write) options_.write("\r\x1b[K");
  line_open_ = false;
}

}  // namespace wan::run
