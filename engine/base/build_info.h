// Identity of this build, for records and for the handshake between engine and plug-in.
#pragma once

namespace wan {

const char* version();
const char* git_revision();  // with "-dirty" if the tree had changes at configure time
const char* build_id();
const char* build_type();

}  // namespace wan
