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
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/log.h"
#include "harness/store/cell_log.h"
#include "harness/store/record_json.h"

namespace wan::store {
namespace {

constexpr std::size_t kShortHash = 8;
constexpr std::size_t kFlushBytes = std::size_t{1} << 20;

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

using CellId = std::tuple<std::string_view, std::string_view, std::uint64_t>;

CellId id_of(const Cell& cell) { return {cell.configuration, cell.prompt, cell.seed}; }

// Where a clip lies is not sealed, since it may go; so a path must not lead out of the folder of clips.
void forget_lost_clips(RunRecord& record, const std::filesystem::path& folder) {
  for (auto& configuration : record.configurations) {
    for (auto& cell : configuration.cells) {
      if (cell.clip_file.empty()) continue;
      const std::filesystem::path file = cell.clip_file;
      if (file.parent_path() != kClipFolder || file.filename() == "..")
        throw TamperError(fmt::format("{}: {}: a clip at \"{}\" is none of this run", folder.string(), describe(cell), cell.clip_file));
      if (!std::filesystem::exists(folder / file)) cell.clip_file.clear();
    }
  }
}

// A later line wins: a block may have been made again.
void lay_over(std::vector<Visit>& visits, Visit&& visit) {
  std::erase_if(visits, [&](const Visit& earlier) { return earlier.block == visit.block && earlier.configuration == visit.configuration; });
  visits.push_back(std::move(visit));
}

std::vector<std::string> seals_of(const std::vector<Visit>& visits) {
  std::vector<std::string> seals;
  for (const auto& visit : visits) seals.push_back(visit.seal);
  return seals;
}

// Bytes of the sound lines of both logs.
struct SoundBytes {
  std::int64_t cells = 0, visits = 0;
};

// Lays the logs over what run.json knows, every seal checked. A later line wins: a cell may have been run again.
SoundBytes lay_logs_over(RunRecord& record, const std::filesystem::path& folder) {
  const std::vector<ConfigurationRecord> planned = record.configurations;  // as run.json has them
  const std::vector<std::string> closed_visits = seals_of(record.visits);
  struct Place {
    std::size_t configuration, cell;
    bool logged = false;
  };
  std::map<CellId, Place> places;
  for (std::size_t i = 0; i < planned.size(); ++i)
    for (std::size_t j = 0; j < planned[i].cells.size(); ++j) places[id_of(planned[i].cells[j])] = {.configuration = i, .cell = j};
  SealCheck seals(record, folder.string());
  SoundBytes sound;
  sound.cells = read_cell_log(folder / kCellFile, [&](Cell&& cell, const std::string& place) {
    seals.add(cell, place);
    const auto found = places.find(id_of(cell));
    if (found == places.end()) return;
    found->second.logged = true;
    record.configurations[found->second.configuration].cells[found->second.cell] = std::move(cell);
  });
  record.visits.clear();
  sound.visits = read_visit_log(folder / kVisitFile, [&](Visit&& visit, const std::string& place) {
    seals.add(visit, place);
    lay_over(record.visits, std::move(visit));
  });
  seals.finish();
  forget_lost_clips(record, folder);
  if (!record.complete) {
    record.seal = seal_of(record);  // of what is known by now, should it be exported
    return sound;
  }
  for (const auto& [id, at] : places) {
    const Cell& closed = planned[at.configuration].cells[at.cell];
    if (at.logged && closed.seal == record.configurations[at.configuration].cells[at.cell].seal) continue;
    throw TamperError(
        fmt::format("{}: {}: {} does not hold the line that the run was closed with", folder.string(), describe(closed), kCellFile));
  }
  if (closed_visits != seals_of(record.visits))
    throw TamperError(fmt::format("{}: {} does not hold the visits that the run was closed with", folder.string(), kVisitFile));
  return sound;
}

std::filesystem::path make_folder(const std::filesystem::path& root, const std::string& run_id) {
  std::error_code error;
  std::filesystem::create_directories(root, error);
  if (error) throw StorageError(fmt::format("{}: cannot make the folder of runs: {}", root.string(), error.message()));
  for (int attempt = 1;; ++attempt) {  // two runs of one plan may start in the same second
    const std::filesystem::path path = root / (attempt == 1 ? run_id : fmt::format("{}-{}", run_id, attempt));
    if (std::filesystem::create_directory(path, error)) {
      sync_folder(root);
      return path;
    }
    if (error) throw StorageError(fmt::format("{}: cannot make the run's folder: {}", path.string(), error.message()));
  }
}

int open_log(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) throw StorageError(fmt::format("{}: cannot open: {}", path.string(), std::strerror(errno)));
  return fd;
}

// The lock goes with the descriptor. False if another process has it.
bool lock(int fd, const std::filesystem::path& path) {
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK) return false;
  throw StorageError(fmt::format("{}: cannot lock: {}", path.string(), std::strerror(errno)));
}

}  // namespace

RunFolder::RunFolder(std::filesystem::path path, RunRecord record, int cells_fd, int visits_fd)
    : path_(std::move(path)), record_(std::move(record)), identity_(identity_of(record_)), cells_fd_(cells_fd), visits_fd_(visits_fd) {}

RunFolder::RunFolder(RunFolder&& other) noexcept
    : path_(std::move(other.path_)),
      record_(std::move(other.record_)),
      identity_(std::move(other.identity_)),
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
  if (!lock(fd, path)) throw StorageError(fmt::format("{}: another process has locked it", path.string()));
  folder.write(folder.record_);
  return folder;
}

std::optional<RunFolder> RunFolder::resume(const std::filesystem::path& root, const ResumeKey& key) {
  for (const auto& path : list_run_folders(root)) {
    RunRecord record;
    try {
      record = read_run_header(path);
    } catch (const UsageError& error) {
      log::debug("{}", error.what());  // another version's run, or none at all: not ours to resume
      continue;
    }
    if (record.plan_hash != key.plan_hash || record.shard != key.shard || record.complete) continue;
    RunFolder folder = reopen(path);
    if (folder.record_.complete) continue;  // another process has gone on with it until now
    return folder;
  }
  return std::nullopt;
}

RunFolder RunFolder::reopen(const std::filesystem::path& path) {
  const int fd = open_log(path / kCellFile);
  RunFolder folder(path, {}, fd, open_log(path / kVisitFile));
  if (!lock(fd, path))
    throw StorageError(fmt::format("{}: another process is writing this run; wait for it, or start anew with --fresh", path.string()));
  folder.record_ = read_run_header(path);
  const SoundBytes sound = lay_logs_over(folder.record_, path);
  folder.identity_ = identity_of(folder.record_);
  if (::ftruncate(fd, sound.cells) != 0 || ::ftruncate(folder.visits_fd_, sound.visits) != 0)
    throw StorageError(fmt::format("{}: {}", path.string(), std::strerror(errno)));
  return folder;
}

void RunFolder::append(Cell& cell) {
  cell.seal = seal_of(cell, identity_);
  append_line(cells_fd_, to_json_line(cell), path_ / kCellFile);
}

void RunFolder::append(Visit& visit) {
  visit.seal = seal_of(visit, identity_);
  append_line(visits_fd_, to_json_line(visit), path_ / kVisitFile);
}

void RunFolder::write(RunRecord& record) {
  identity_ = identity_of(record);
  record.seal = seal_of(record);
  replace_file(path_ / kRunFile, to_header_json(record));
}

void RunFolder::write_all(RunRecord& record) {
  identity_ = identity_of(record);
  std::string lines;
  for (auto& configuration : record.configurations) {
    for (auto& cell : configuration.cells) {
      if (cell.status == CellStatus::interrupted) continue;
      cell.seal = seal_of(cell, identity_);
      lines += to_json_line(cell) + "\n";
      if (lines.size() < kFlushBytes) continue;
      lines.pop_back();
      append_line(cells_fd_, std::exchange(lines, {}), path_ / kCellFile);
    }
  }
  if (!lines.empty()) {
    lines.pop_back();
    append_line(cells_fd_, lines, path_ / kCellFile);
  }
  for (auto& visit : record.visits) append(visit);
  write(record);
}

RunRecord read_run_header(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / kRunFile;
  RunRecord record = header_from_json(read_text(file), file.string());
  check_seal(record, file.string());
  return record;
}

RunRecord read_run(const std::filesystem::path& folder_or_file) {
  const bool is_folder = std::filesystem::is_directory(folder_or_file);
  const std::filesystem::path file = is_folder ? folder_or_file / kRunFile : folder_or_file;
  if (!std::filesystem::exists(file))
    throw UsageError(
        fmt::format("{}: no run: expected a run's folder with {} in it, or an exported run JSON", folder_or_file.string(), kRunFile));
  if (is_folder || (file.filename() == kRunFile && std::filesystem::exists(file.parent_path() / kCellFile))) {
    RunRecord record = read_run_header(file.parent_path());
    lay_logs_over(record, file.parent_path());
    return record;
  }
  RunRecord record = record_from_json(read_text(file), file.string());
  SealCheck seals(record, file.string());
  for (const auto& configuration : record.configurations)
    for (const auto& cell : configuration.cells)
      if (cell.status != CellStatus::interrupted) seals.add(cell, file.string());
  for (const auto& visit : record.visits) seals.add(visit, file.string());
  seals.finish();
  check_seal(record, file.string());
  return record;
}

std::vector<std::filesystem::path> list_run_folders(const std::filesystem::path& root) {
  std::vector<std::filesystem::path> folders;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(root, error))
    if (std::filesystem::exists(entry.path() / kRunFile, error)) folders.push_back(entry.path());
  std::sort(folders.rbegin(), folders.rend());
  return folders;
}

std::string utc_stamp(std::int64_t seconds_since_epoch) { return format_utc(seconds_since_epoch, "%Y%m%dT%H%M%SZ"); }

std::string utc_iso8601(std::int64_t seconds_since_epoch) { return format_utc(seconds_since_epoch, "%Y-%m-%dT%H:%M:%SZ"); }

}  // namespace wan::store
