#include "harness/store/database.h"

#include <sqlite3.h>

namespace wan::store {
namespace {

constexpr int kBusyTimeout_ms = 5000;

[[noreturn]] void fail(sqlite3* handle, int code) {
  const int kind = code & 0xFF;
  const bool damaged = kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB || kind == SQLITE_ERROR || kind == SQLITE_FORMAT;
  throw DatabaseError(handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code), damaged);
}

}  // namespace

Database::Database(const std::string& path) : in_memory_(path == kInMemory) {
  const int code = sqlite3_open_v2(path.c_str(), &handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  try {
    if (code != SQLITE_OK) fail(handle_, code);
    sqlite3_busy_timeout(handle_, kBusyTimeout_ms);
    execute("PRAGMA journal_mode=WAL");
    execute("PRAGMA synchronous=NORMAL");  // a power cut may cost the last changes, never the file
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

Database::~Database() { sqlite3_close(handle_); }

void Database::execute(const std::string& sql) {
  if (const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr); code != SQLITE_OK) fail(handle_, code);
}

void Database::roll_back() noexcept { sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr); }

std::int64_t Database::last_id() const { return sqlite3_last_insert_rowid(handle_); }

Statement::Statement(Database& database, const std::string& sql) : handle_(database.handle_) {
  check(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement_, nullptr));
}

Statement::~Statement() { sqlite3_finalize(statement_); }

void Statement::check(int code) const {
  if (code != SQLITE_OK) fail(handle_, code);
}

Statement& Statement::bind(const std::string& text) {
  check(sqlite3_bind_text(statement_, next_++, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind(std::int64_t value) {
  check(sqlite3_bind_int64(statement_, next_++, value));
  return *this;
}

Statement& Statement::bind(double value) {
  check(sqlite3_bind_double(statement_, next_++, value));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail(handle_, code);
  return false;
}

void Statement::run() {
  while (step()) {
  }
  sqlite3_reset(statement_);
  next_ = 1;
}

std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))) : std::string();
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

double Statement::real(int column) const { return sqlite3_column_double(statement_, column); }

bool Statement::is_number(int column) const {
  const int kind = sqlite3_column_type(statement_, column);
  return kind == SQLITE_FLOAT || kind == SQLITE_INTEGER;
}

}  // namespace wan::store
