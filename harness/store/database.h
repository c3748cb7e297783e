// SQLite as values: a handle, statements, errors. sqlite3.h stays in the .cpp.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace wan::store {

// The file cannot be used: missing rights, full disk, locked too long; or it is `damaged`, or not what the statement expects.
class DatabaseError : public std::runtime_error {
 public:
  DatabaseError(const std::string& what, bool damaged) : std::runtime_error(what), damaged_(damaged) {}
  bool damaged() const { return damaged_; }

 private:
  bool damaged_;
};

class Database {
 public:
  static constexpr const char* kInMemory = ":memory:";

  // Opens or makes the file, with a write-ahead log: readers and one writer do not wait for each other, writers wait for some seconds.
  explicit Database(const std::string& path);
  ~Database();
  Database(const Database&) = delete;  // owns the handle
  Database& operator=(const Database&) = delete;

  void execute(const std::string& sql);
  void roll_back() noexcept;
  std::int64_t last_id() const;
  bool in_memory() const { return in_memory_; }

 private:
  friend class Statement;
  sqlite3* handle_ = nullptr;
  bool in_memory_ = false;
};

// Parameters are bound in their order. A row's columns count from 0.
class Statement {
 public:
  Statement(Database& database, const std::string& sql);
  ~Statement();
  Statement(const Statement&) = delete;  // owns the statement
  Statement& operator=(const Statement&) = delete;

  Statement& bind(const std::string& text);
  Statement& bind(std::int64_t value);
  Statement& bind(double value);
  bool step();  // to the next row; false behind the last
  void run();   // to the end; then it can be bound again

  std::string text(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  bool is_number(int column) const;

 private:
  void check(int code) const;
  sqlite3* handle_;
  sqlite3_stmt* statement_ = nullptr;
  int next_ = 1;
};

}  // namespace wan::store
