// Tells a person how a run goes, on a stream of text: one line that renews itself on a terminal, one line a cell otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "harness/run/eta.h"
#include "harness/store/record.h"

namespace wan::run {

class Reporter {
 public:
  struct Options {
    bool terminal = false;
    std::size_t width = 80;                         // of the terminal
    std::function<void(const std::string&)> write;  // empty: silent
  };

  Reporter(Options options, Eta eta, std::size_t cells);
  ~Reporter();
  Reporter(const Reporter&) = delete;  // owns the terminal's current line
  Reporter& operator=(const Reporter&) = delete;

  void load_begins(const std::string& configuration);
  void load_ended(const std::string& configuration, double load_s);
  void steps_begin(const std::string& configuration);
  void steps_ended(const std::string& configuration, double busy_s);
  void steps_kept(const std::string& configuration);  // of an earlier sitting's visit
  void cell_begins(const store::Cell& cell);
  void step(std::int64_t done, std::int64_t total);
  // `busy_s`: generation and scoring.
  void cell_ended(const store::Cell& cell, double busy_s);
  void cell_kept(const store::Cell& cell);  // of an earlier visit
  // A line that stays.
  void say(const std::string& line);

 private:
  void renew(const std::string& line, bool at_once);
  void clear();
  std::string head() const;  // [ 13/96]

  Options options_;
  Eta eta_;
  std::size_t cells_, ended_ = 0;
  std::string current_ = {};
  bool line_open_ = false;
  std::chrono::steady_clock::time_point last_renewal_ = {};
};

// 48 s, 3 min 05 s, 2 h 10 min
std::string format_duration(double seconds);

}  // namespace wan::run
