#include "harness/store/result_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/log.h"
#include "harness/store/cell_log.h"
#include "harness/store/record_json.h"

namespace wan::store {
namespace {

constexpr const char* kRunFile = "run.json";
constexpr const char* kCellFile = "cells.jsonl";
constexpr const char* kVisitFile = "visits.jsonl";
constexpr std::size_t kShortHash = 8;

std::string format_utc(std::int64_t seconds_since_epoch, const char* format) {
  const std::time_t seconds = seconds_since_epoch;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

// A file name of letters, digits and a few signs; long lists of configurations are cut.
std::string file_word(std::string text) {
  for (char& letter : text)
    if (!std::isalnum(static_cast<unsigned char>(letter)) && letter != '_' && letter != '+' && letter != '.') letter = '_';
  return text.substr(0, 40);
}

// Lays what was logged over what was planned. A later line wins: a cell or a block may have been made again.
void lay_over(RunRecord& record, const std::vector<Cell>& cells, std::vector<Visit> visits) {
  std::map<std::tuple<std::string, std::string, std::uint64_t>, const Cell*> latest;
  for (const auto& cell : cells) latest[{cell.configuration, cell.prompt, cell.seed}] = &cell;
  for (auto& configuration : record.configurations)
    for (auto& cell : configuration.cells)
      if (const auto found = latest.find({cell.configuration, cell.prompt, cell.seed}); found != latest.end()) cell = *found->second;
  record.visits.clear();
  for (Visit& visit : visits) {
    std::erase_if(record.visits,
                  [&](const Visit& earlier) { return earlier.block == visit.block && earlier.configuration == visit.configuration; });
    record.visits.push_back(std::move(visit));
  }
}

std::filesystem::path make_folder(const std::filesystem::path& root, const std::string& run_id) {
  std::error_code error;
  std::filesystem::create_directories(root, error);
  if (error) throw StorageError(fmt::format("{}: cannot make the folder of runs: {}", root.string(), error.message()));
  for (int attempt = 1;; ++attempt) {  // two runs of one plan may start in the same second
    const std::filesystem::path path = root / (attempt == 1 ? run_id : fmt::format("{}-{}", run_id, attempt));
    if (std::filesystem::create_directory(path, error)) return path;
    if (error) throw StorageError(fmt::format("{}: cannot make the run's folder: {}", path.string(), error.message()));
  }
}

int open_log(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) throw StorageError(fmt::format("{}: cannot open: {}", path.string(), std::strerror(errno)));
  return fd;
}

// Run folders below `root`, the latest first: names start with the time.
std::vector<std::filesystem::path> latest_first(const std::filesystem::path& root) {
  std::vector<std::filesystem::path> folders;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(root, error))
    if (std::filesystem::exists(entry.path() / kRunFile)) folders.push_back(entry.path());
  std::sort(folders.rbegin(), folders.rend());
  return folders;
}

}  // namespace

RunFolder::RunFolder(std::filesystem::path path, RunRecord record, int cells_fd, int visits_fd)
    : path_(std::move(path)), record_(std::move(record)), cells_fd_(cells_fd), visits_fd_(visits_fd) {}

RunFolder::RunFolder(RunFolder&& other) noexcept
    : path_(std::move(other.path_)),
      record_(std::move(other.record_)),
      cells_fd_(std::exchange(other.cells_fd_, -1)),
      visits_fd_(std::exchange(other.visits_fd_, -1)) {}

RunFolder::~RunFolder() {
  for (const int fd : {visits_fd_, cells_fd_})
    if (fd >= 0) ::close(fd);  // that of the cells gives the lock back
}

RunFolder RunFolder::create(const std::filesystem::path& root, RunRecord planned, const std::string& label) {
  const std::string run_id =
      fmt::format("{}-{}-{}", utc_stamp(std::time(nullptr)), file_word(label), planned.plan_hash.substr(0, kShortHash));
  const std::filesystem::path path = make_folder(root, run_id);
  planned.run_id = path.filename().string();
  const int fd = open_log(path / kCellFile);
  RunFolder folder(path, std::move(planned), fd, open_log(path / kVisitFile));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) throw StorageError(fmt::format("{}: cannot lock: {}", path.string(), std::strerror(errno)));
  folder.write(folder.record_);
  return folder;
}

std::optional<RunFolder> RunFolder::resume(const std::filesystem::path& root, const std::string& plan_hash) {
  for (const auto& path : latest_first(root)) {
    RunRecord record;
    try {
      record = record_from_json(read_text(path / kRunFile), (path / kRunFile).string());
    } catch (const UsageError& error) {
      log::debug("{}", error.what());  // another version's run, or none at all: not ours to resume
      continue;
    }
    if (record.plan_hash != plan_hash || record.complete) continue;
    const int fd = open_log(path / kCellFile);
    RunFolder folder(path, std::move(record), fd, open_log(path / kVisitFile));
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
      log::info("{}: another process is running it", path.string());
      continue;
    }
    const Log<Cell> cells = read_cell_log(path / kCellFile);
    Log<Visit> visits = read_visit_log(path / kVisitFile);
    if (::ftruncate(fd, cells.sound_bytes) != 0 || ::ftruncate(folder.visits_fd_, visits.sound_bytes) != 0)
      throw StorageError(fmt::format("{}: {}", path.string(), std::strerror(errno)));
    lay_over(folder.record_, cells.entries, std::move(visits.entries));
    return folder;
  }
  return std::nullopt;
}

void RunFolder::append(const Cell& cell) { append_line(cells_fd_, to_json_line(cell), path_ / kCellFile); }
void RunFolder::append(const Visit& visit) { append_line(visits_fd_, to_json_line(visit), path_ / kVisitFile); }

void RunFolder::write(const RunRecord& record) { replace_file(path_ / kRunFile, to_json(record)); }

RunRecord read_run(const std::filesystem::path& folder_or_file) {
  const bool is_folder = std::filesystem::is_directory(folder_or_file);
  const std::filesystem::path file = is_folder ? folder_or_file / kRunFile : folder_or_file;
  if (!std::filesystem::exists(file))
    throw UsageError(
        fmt::format("{}: no run: expected a run's folder with {} in it, or an exported run JSON", folder_or_file.string(), kRunFile));
  RunRecord record = record_from_json(read_text(file), file.string());
  if (is_folder && !record.complete)
    lay_over(record, read_cell_log(folder_or_file / kCellFile).entries, read_visit_log(folder_or_file / kVisitFile).entries);
  return record;
}

std::string utc_stamp(std::int64_t seconds_since_epoch) { return format_utc(seconds_since_epoch, "%Y%m%dT%H%M%SZ"); }

std::string utc_iso8601(std::int64_t seconds_since_epoch) { return format_utc(seconds_since_epoch, "%Y-%m-%dT%H:%M:%SZ"); }

}  // namespace wan::store
