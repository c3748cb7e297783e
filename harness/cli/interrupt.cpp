#include "harness/cli/interrupt.h"

#include <csignal>

namespace wan::cli {
namespace {

volatile std::sig_atomic_t requests = 0;  // the only thing that a handler may touch

void handle(int signal) {
  if (requests) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  requests = 1;
}

}  // namespace

Interrupt::Interrupt() {
  requests = 0;
  previous_int_ = std::signal(SIGINT, handle);
  previous_term_ = std::signal(SIGTERM, handle);
}

Interrupt::~Interrupt() {
  std::signal(SIGINT, previous_int_);
  std::signal(SIGTERM, previous_term_);
}

bool Interrupt::requested() { return requests != 0; }

}  // namespace wan::cli
