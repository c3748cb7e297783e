#include "harness/store/record.h"

namespace wan::store {

const char* to_string(CellStatus status) {
  switch (status) {
    case CellStatus::done:
      return "done";
    case CellStatus::failed:
      return "failed";
    case CellStatus::skipped:
      return "skipped";
    case CellStatus::interrupted:
      return "interrupted";
  }
  return "";
}

}  // namespace wan::store
