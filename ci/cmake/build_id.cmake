# Build identity: git revision and dirty flag at configure time, written to a generated header that one file of each library includes.
# The plug-in and the engine must carry the same id; records carry it as provenance.
find_package(Git QUIET)
set(WAN_GIT_REVISION "unknown")
if(GIT_FOUND)
  execute_process(COMMAND "${GIT_EXECUTABLE}" -C "${PROJECT_SOURCE_DIR}" describe --always --dirty --abbrev=12 --exclude=*
    OUTPUT_VARIABLE WAN_GIT_REVISION OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
set(WAN_BUILD_ID "${PROJECT_VERSION}-${WAN_GIT_REVISION}-${CMAKE_CXX_COMPILER_ID}${CMAKE_CXX_COMPILER_VERSION}-${CMAKE_BUILD_TYPE}")
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/wan_build_id.h" CONTENT
"#pragma once
#define WAN_VERSION \"@PROJECT_VERSION@\"
#define WAN_GIT_REVISION \"@WAN_GIT_REVISION@\"
#define WAN_BUILD_ID \"@WAN_BUILD_ID@\"
#define WAN_BUILD_TYPE \"@CMAKE_BUILD_TYPE@\"
" @ONLY)
include_directories("${PROJECT_BINARY_DIR}/generated")
