#include "harness/store/index.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/io/json_writer.h"
#include "harness/store/database.h"
#include "harness/store/record_text.h"
#include "harness/store/refresh_lock.h"
#include "harness/store/result_store.h"

namespace wan::store {
namespace {

constexpr int kIndexSchema = 2;  // raised with every change of the tables, or of what stands in them
constexpr const char* kLockFile = "index.lock";

constexpr const char* kTables = R"(
CREATE TABLE runs(
  id INTEGER PRIMARY KEY, folder TEXT NOT NULL UNIQUE, stamp TEXT NOT NULL, problem TEXT NOT NULL,
  run_id TEXT, plan_hash TEXT, shard TEXT, tier_id TEXT, suite_id TEXT, model TEXT, device_name TEXT, build_id TEXT, weights_hash TEXT,
  machine_class TEXT, shape TEXT, git_revision TEXT, driver TEXT,
  started_at TEXT, complete INTEGER, elapsed_s REAL, cells INTEGER, done INTEGER, failed INTEGER, has_figures INTEGER);
CREATE TABLE figures(
  run INTEGER NOT NULL, configuration TEXT NOT NULL, name TEXT NOT NULL, value REAL, clips INTEGER,
  PRIMARY KEY(run, configuration, name)) WITHOUT ROWID;
CREATE TABLE cells(
  configuration TEXT NOT NULL, run INTEGER NOT NULL, prompt TEXT NOT NULL, seed TEXT NOT NULL,
  key TEXT NOT NULL, status TEXT NOT NULL, clip_hash TEXT, elapsed_s REAL, timed INTEGER, day TEXT, scores TEXT,
  PRIMARY KEY(configuration, run, prompt, seed)) WITHOUT ROWID;
CREATE INDEX cells_by_key ON cells(key);
CREATE INDEX cells_by_run ON cells(run);)";

// Changes with every write to one of the run's two files; empty if it is no run.
std::string stamp_of(const std::filesystem::path& folder) {
  std::string stamp;
  for (const char* file : {kRunFile, kCellFile}) {
    struct stat status {};
    if (::stat((folder / file).c_str(), &status) != 0) {
      if (file == kRunFile) return {};
      continue;
    }
    stamp += fmt::format("{}:{}:{}.{:09} ", status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  }
  return stamp;
}

// {"ssim.ipol":0.97,...}: the means over each clip.
std::string score_means(const Cell& cell) {
  std::string text = "{";
  for (const auto& score : cell.scores.scores) {
    if (!score.error.empty()) continue;
    if (text.size() > 1) text += ',';
    io::append_json(text, score.metric);
    text += ':';
    io::append_json(text, score.pooled.mean);
  }
  return text + "}";
}

}  // namespace

// The tables of the index.
struct Index::Tables {
  Database database;

  explicit Tables(const std::string& path) : database(path) { prepare(); }

  // An empty file becomes an index; one of another schema is as good as a damaged one.
  void prepare() {
    database.execute("BEGIN IMMEDIATE");
    const auto number = [&](const char* sql) {
      Statement statement(database, sql);
      return statement.step() ? statement.integer(0) : 0;
    };
    if (number("SELECT count(*) FROM sqlite_master") == 0) {
      database.execute(kTables);
      database.execute(fmt::format("PRAGMA user_version={}", kIndexSchema));
    }
    const std::int64_t schema = number("PRAGMA user_version");
    database.execute("COMMIT");
    if (schema != kIndexSchema) throw DatabaseError(fmt::format("index schema {}, expected {}", schema, kIndexSchema), true);
  }

  void forget(const std::string& folder) {
    Statement(database, "DELETE FROM cells WHERE run=(SELECT id FROM runs WHERE folder=?)").bind(folder).run();
    forget_figures(folder);
    Statement(database, "DELETE FROM runs WHERE folder=?").bind(folder).run();
  }

  void forget_figures(const std::string& folder) {
    Statement(database, "DELETE FROM figures WHERE run=(SELECT id FROM runs WHERE folder=?)").bind(folder).run();
  }

  void add_problem(const std::string& folder, const std::string& stamp, const std::string& problem) {
    Statement(database, "INSERT INTO runs(folder,stamp,problem) VALUES(?,?,?)").bind(folder).bind(stamp).bind(problem).run();
  }

  void add(const std::string& folder, const std::string& stamp, const RunRecord& run) {
    std::int64_t cells = 0, done = 0, failed = 0;
    for (const auto& configuration : run.configurations) {
      for (const auto& cell : configuration.cells) {
        ++cells;
        if (cell.status == CellStatus::done) ++done;
        if (cell.status == CellStatus::failed) ++failed;
      }
    }
    Statement(database,
              "INSERT INTO runs(folder,stamp,problem,run_id,plan_hash,shard,tier_id,suite_id,model,device_name,build_id,weights_hash,"
              "machine_class,shape,git_revision,driver,started_at,complete,elapsed_s,cells,done,failed,has_figures) "
              "VALUES(?,?,'',?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,0)")
        .bind(folder)
        .bind(stamp)
        .bind(run.run_id)
        .bind(run.plan_hash)
        .bind(run.shard)
        .bind(run.tier_id)
        .bind(run.suite_id)
        .bind(run.model)
        .bind(run.environment.device_name)
        .bind(run.environment.build_id)
        .bind(run.weights_hash)
        .bind(machine_class(run.environment))
        .bind(shape_text(run.shape))
        .bind(run.environment.git_revision)
        .bind(run.environment.driver)
        .bind(run.environment.started_at)
        .bind(std::int64_t{run.complete})
        .bind(run.elapsed_s)
        .bind(cells)
        .bind(done)
        .bind(failed)
        .run();
    add_cells(database.last_id(), run);
  }

  void add_cells(std::int64_t id, const RunRecord& run) {
    const std::string day = run.environment.started_at.substr(0, 10);
    Statement insert(database, "INSERT OR REPLACE INTO cells VALUES(?,?,?,?,?,?,?,?,?,?,?)");
    for (const auto& configuration : run.configurations)
      for (const auto& cell : configuration.cells)
        insert.bind(cell.configuration)
            .bind(id)
            .bind(cell.prompt)
            .bind(std::to_string(cell.seed))
            .bind(cell.key)
            .bind(std::string(to_string(cell.status)))
            .bind(cell.clip_hash)
            .bind(cell.elapsed_s)
            .bind(std::int64_t{cell.timed})
            .bind(day)
            .bind(score_means(cell))
            .run();
  }

  std::map<std::string, std::string> stamps() {
    std::map<std::string, std::string> known;
    Statement statement(database, "SELECT folder,stamp FROM runs");
    while (statement.step()) known[statement.text(0)] = statement.text(1);
    return known;
  }
};

Index::Index(std::filesystem::path root) : root_(std::move(root)) { open(); }

Index::~Index() = default;

void Index::open() {
  try {
    if (!std::filesystem::is_directory(root_)) {
      tables_ = std::make_unique<Tables>(Database::kInMemory);
      return;
    }
    tables_ = std::make_unique<Tables>((root_ / kIndexFile).string());
  } catch (const DatabaseError& error) {
    if (error.damaged()) {
      log::info("{}: {}: made anew from the runs", (root_ / kIndexFile).string(), error.what());
      return replace();
    }
    log::warn("{}: {}: the index is kept in memory", (root_ / kIndexFile).string(), error.what());
    tables_ = std::make_unique<Tables>(Database::kInMemory);
  }
}

// Others that have the old file open go on with it until they close it; it is theirs alone from here on.
void Index::replace() {
  tables_.reset();
  for (const char* end : {"", "-wal", "-shm"}) {
    std::error_code ignored;
    std::filesystem::remove(root_ / (std::string(kIndexFile) + end), ignored);
  }
  try {
    tables_ = std::make_unique<Tables>((root_ / kIndexFile).string());
  } catch (const DatabaseError& error) {
    log::warn("{}: {}: the index is kept in memory", (root_ / kIndexFile).string(), error.what());
    tables_ = std::make_unique<Tables>(Database::kInMemory);
  }
}

// A damaged page shows only when it is read: then the index is made anew, once.
template <typename Work>
auto Index::repaired(const Work& work) {
  try {
    return work();
  } catch (const DatabaseError& error) {
    if (!error.damaged()) {
      log::warn("{}: {}: the index is kept in memory", (root_ / kIndexFile).string(), error.what());
      tables_ = std::make_unique<Tables>(Database::kInMemory);
    } else {
      log::info("{}: {}: made anew from the runs", (root_ / kIndexFile).string(), error.what());
      replace();
    }
  }
  refresh_once({});
  return work();
}

bool Index::refresh(const std::function<void(const Progress&)>& progress) {
  return repaired([&] { return refresh_once(progress); });
}

bool Index::refresh_once(const std::function<void(const Progress&)>& progress) {
  std::optional<RefreshLock> lock;
  if (!tables_->database.in_memory() && !lock.emplace(root_ / kLockFile).held()) return false;
  auto known = tables_->stamps();
  std::vector<std::pair<std::string, std::string>> stale;  // folder, stamp
  for (const auto& path : list_run_folders(root_)) {
    const std::string folder = path.filename().string(), stamp = stamp_of(path);
    const auto found = known.find(folder);
    const bool current = found != known.end() && found->second == stamp;
    if (found != known.end()) known.erase(found);
    if (!current) stale.emplace_back(folder, stamp);
  }
  for (const auto& [gone, stamp] : known) tables_->forget(gone);
  for (std::size_t i = 0; i < stale.size(); ++i) {
    const auto& [folder, stamp] = stale[i];
    if (progress) progress({.done = i, .total = stale.size()});
    read_run_again(folder, stamp);
  }
  if (progress && !stale.empty()) progress({.done = stale.size(), .total = stale.size()});
  return true;
}

void Index::read_run_again(const std::string& folder, const std::string& stamp) {
  std::optional<RunRecord> run;
  std::string problem;
  try {
    run = read_run(root_ / folder);
  } catch (const UsageError& error) {
    problem = error.what();
  } catch (const TamperError& error) {
    problem = error.what();
  }
  tables_->database.execute("BEGIN IMMEDIATE");
  try {
    tables_->forget(folder);
    run ? tables_->add(folder, stamp, *run) : tables_->add_problem(folder, stamp, problem);
    tables_->database.execute("COMMIT");
  } catch (...) {
    tables_->database.roll_back();
    throw;
  }
}

bool Index::add(const std::string& folder) {
  return repaired([&] {
    std::optional<RefreshLock> lock;
    if (!tables_->database.in_memory() && !lock.emplace(root_ / kLockFile).held()) return false;
    read_run_again(folder, stamp_of(root_ / folder));
    return true;
  });
}

std::vector<IndexedRun> Index::runs() {
  return repaired([&] {
    std::vector<IndexedRun> runs;
    Statement row(tables_->database,
                  "SELECT folder,problem,run_id,plan_hash,shard,tier_id,suite_id,model,device_name,build_id,weights_hash,"
                  "started_at,complete,elapsed_s,cells,done,failed,machine_class,shape,git_revision,driver FROM runs ORDER BY folder DESC");
    while (row.step())
      runs.push_back({.folder = row.text(0),
                      .problem = row.text(1),
                      .run_id = row.text(2),
                      .plan_hash = row.text(3),
                      .shard = row.text(4),
                      .tier_id = row.text(5),
                      .suite_id = row.text(6),
                      .model = row.text(7),
                      .device_name = row.text(8),
                      .build_id = row.text(9),
                      .weights_hash = row.text(10),
                      .machine_class = row.text(17),
                      .shape = row.text(18),
                      .git_revision = row.text(19),
                      .driver = row.text(20),
                      .started_at = row.text(11),
                      .complete = row.integer(12) != 0,
                      .elapsed_s = row.real(13),
                      .cells = row.integer(14),
                      .done = row.integer(15),
                      .failed = row.integer(16)});
    return runs;
  });
}

std::vector<IndexedScore> Index::history(const std::string& configuration, const std::string& metric) {
  return repaired([&] {
    std::vector<IndexedScore> scores;
    // A score's key holds dots, so the path quotes it.
    Statement row(tables_->database,
                  "SELECT runs.folder,day,prompt,seed,json_extract(scores,?),CASE timed WHEN 1 THEN cells.elapsed_s ELSE 0 END "
                  "FROM cells JOIN runs ON runs.id=cells.run WHERE configuration=? AND status='done' ORDER BY runs.folder,prompt,seed");
    row.bind("$.\"" + metric + "\"").bind(configuration);
    while (row.step()) {
      if (!row.is_number(4)) continue;
      IndexedScore score{.folder = row.text(0), .day = row.text(1), .prompt = row.text(2)};
      const std::string seed = row.text(3);
      std::from_chars(seed.data(), seed.data() + seed.size(), score.seed);
      score.value = row.real(4);
      score.elapsed_s = row.real(5);
      scores.push_back(std::move(score));
    }
    return scores;
  });
}

std::vector<std::string> Index::folders_with(const std::string& key) {
  return repaired([&] {
    std::vector<std::string> folders;
    Statement row(tables_->database,
                  "SELECT runs.folder FROM cells JOIN runs ON runs.id=cells.run WHERE key=? AND status='done' ORDER BY runs.folder DESC");
    row.bind(key);
    while (row.step()) folders.push_back(row.text(0));
    return folders;
  });
}

std::vector<std::string> Index::folders_without_figures() {
  return repaired([&] {
    std::vector<std::string> folders;
    Statement row(tables_->database,
                  "SELECT folder FROM runs WHERE problem='' AND complete=1 AND shard='' AND has_figures=0 ORDER BY folder");
    while (row.step()) folders.push_back(row.text(0));
    return folders;
  });
}

void Index::store_figures(const std::string& folder, std::span<const IndexedFigure> figures) {
  repaired([&] {
    Database& database = tables_->database;
    database.execute("BEGIN IMMEDIATE");
    try {
      tables_->forget_figures(folder);
      Statement insert(database, "INSERT INTO figures SELECT id,?,?,?,? FROM runs WHERE folder=?");
      for (const auto& figure : figures)
        insert.bind(figure.configuration).bind(figure.name).bind(figure.value).bind(figure.clips).bind(folder).run();
      Statement(database, "UPDATE runs SET has_figures=1 WHERE folder=?").bind(folder).run();
      database.execute("COMMIT");
    } catch (...) {
      database.roll_back();
      throw;
    }
    return true;
  });
}

std::vector<RunFigure> Index::figures() {
  return repaired([&] {
    std::vector<RunFigure> figures;
    Statement row(tables_->database,
                  "SELECT runs.folder,configuration,name,value,clips FROM figures JOIN runs ON runs.id=figures.run "
                  "ORDER BY runs.folder,configuration,name");
    while (row.step())
      if (row.is_number(3))
        figures.push_back({.folder = row.text(0),
                           .figure = {.configuration = row.text(1), .name = row.text(2), .value = row.real(3), .clips = row.integer(4)}});
    return figures;
  });
}

}  // namespace wan::store
