// SIGINT and SIGTERM as a question that the runner asks. The first one asks for an orderly end; the second one ends the program at once.
#pragma once

namespace wan::cli {

class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;  // handlers are the process's
  Interrupt& operator=(const Interrupt&) = delete;

  static bool requested();

 private:
  void (*previous_int_)(int);
  void (*previous_term_)(int);
};

}  // namespace wan::cli
