#include "engine/base/build_info.h"

#include "wan_build_id.h"

namespace wan {

const char* version() { return WAN_VERSION; }
const char* git_revision() { return WAN_GIT_REVISION; }
const char* build_id() { return WAN_BUILD_ID; }
const char* build_type() { return WAN_BUILD_TYPE; }

}  // namespace wan
