# The few functions from which CMakeLists.txt builds the house. Sources are globbed by room, so a new file needs no list.

# wan_sources(<out> <room>...): every .cpp of the rooms, without the plug-ins' *_cuda.cpp and *_plugin.cpp, what is compiled once a
# level (wan_simd) and the fuzz targets.
function(wan_sources out)
  set(found "")
  foreach(room IN LISTS ARGN)
    file(GLOB files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${room}/*.cpp")
    list(APPEND found ${files})
  endforeach()
  list(FILTER found EXCLUDE REGEX "_cuda\\.cpp$")
  list(FILTER found EXCLUDE REGEX "_plugin\\.cpp$")
  list(FILTER found EXCLUDE REGEX "_simd\\.cpp$")
  list(FILTER found EXCLUDE REGEX "_fuzz\\.cpp$")
  list(SORT found)
  set(${out} "${found}" PARENT_SCOPE)
endfunction()

# wan_library(<name> STATIC|SHARED|MODULE ROOMS <room>... [CATALOGUE <header> <type> <namespace> <folder>] [LINK <target>...])
function(wan_library name kind)
  cmake_parse_arguments(arg "" "" "ROOMS;LINK;PRIVATE_LINK" ${ARGN})
  wan_sources(sources ${arg_ROOMS})
  if(NOT sources)  # a library may consist of its catalogue alone
    file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/${name}.cpp" CONTENT "")
    set(sources "${PROJECT_BINARY_DIR}/generated/${name}.cpp")
  endif()
  add_library(${name} ${kind} ${sources})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PUBLIC ${arg_LINK} PRIVATE proj_options ${arg_PRIVATE_LINK})
endfunction()

# wan_simd(TARGET t FOLDER f): compiles every <f>/*_simd.cpp once for each instruction set, with WAN_SIMD naming the namespace, and adds all
# to the target. Which one runs is chosen at run time (metrics/kernels/simd.h).
function(wan_simd)
  cmake_parse_arguments(arg "" "TARGET;FOLDER" "" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${arg_FOLDER}/*_simd.cpp")
  set(options_baseline "")
  set(options_avx2 -mavx2 -mfma)
  set(options_avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mprefer-vector-width=512)
  set(levels baseline)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64)
    list(APPEND levels avx2 avx512)
  endif()
  foreach(level IN LISTS levels)
    set(object ${arg_TARGET}_${level})
    add_library(${object} OBJECT ${sources})
    set_target_properties(${object} PROPERTIES POSITION_INDEPENDENT_CODE ON UNITY_BUILD OFF)
    target_include_directories(${object} PRIVATE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${object} PRIVATE proj_options)
    target_compile_definitions(${object} PRIVATE WAN_SIMD=${level})
    # A vector type wider than the level changes how it would be passed between functions; none crosses a file.
    target_compile_options(${object} PRIVATE -O3 -ffp-contract=off -fno-math-errno -Wno-psabi ${options_${level}})
    target_sources(${arg_TARGET} PRIVATE $<TARGET_OBJECTS:${object}>)
  endforeach()
endfunction()

# wan_catalogue(TARGET t FOLDER f HEADER h TYPE T NAMESPACE n): every <f>/<id>.cpp defines `extern const T <id>` in namespace n;
# this writes `std::span<const T* const> n::catalogue()` over them, sorted by id. A file without its constant is a link error.
function(wan_catalogue)
  cmake_parse_arguments(arg "" "TARGET;FOLDER;HEADER;TYPE;NAMESPACE" "" ${ARGN})
  wan_sources(sources ${arg_FOLDER})
  set(externs "")
  set(entries "")
  set(count 0)
  foreach(source IN LISTS sources)
    get_filename_component(id "${source}" NAME_WE)
    string(APPEND externs "extern const ${arg_TYPE} ${id};\n")
    string(APPEND entries "    &${id},\n")
    math(EXPR count "${count} + 1")
  endforeach()
  string(REPLACE "::" "_" stem "${arg_NAMESPACE}")
  set(file "${PROJECT_BINARY_DIR}/catalogues/${stem}.cpp")
  file(CONFIGURE OUTPUT "${file}" CONTENT
"#include \"@arg_HEADER@\"

#include <array>
#include <span>

namespace @arg_NAMESPACE@ {
@externs@
std::span<const @arg_TYPE@* const> catalogue() {
  static constexpr std::array<const @arg_TYPE@*, @count@> kEntries{
@entries@  };
  return kEntries;
}
}  // namespace @arg_NAMESPACE@
" @ONLY)
  target_sources(${arg_TARGET} PRIVATE ${sources} "${file}")
endfunction()

# wan_test(<room> LINK <target>... [PRECOMPILE <header>...]): one GoogleTest binary a top-level room, every *_test.cpp below its folder.
function(wan_test room)
  cmake_parse_arguments(arg "" "" "LINK;PRECOMPILE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${room}/*_test.cpp")
  file(GLOB support CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/support/${room}/*.cpp" "${PROJECT_SOURCE_DIR}/tests/support/*.cpp")
  if(NOT sources)
    return()
  endif()
  add_executable(${room}_tests ${sources} ${support})
  target_link_libraries(${room}_tests PRIVATE ${arg_LINK} proj_options GTest::gtest GTest::gmock)
  # Half of a test's compile time is headers, and most of the rest optimises code that runs once.
  target_precompile_headers(${room}_tests PRIVATE <gmock/gmock.h> <gtest/gtest.h> <filesystem> <string> <vector> ${arg_PRECOMPILE})
  target_compile_options(${room}_tests PRIVATE -O1)
  # Paths only where they are used, so that another clone finds the rest in ccache. A file that begins to use one wants a new configuration.
  foreach(source IN LISTS sources support)
    file(STRINGS "${source}" paths REGEX "WAN_(TEST_DATA|SHARED|SOURCE_DIR|BINARY_DIR)" LIMIT_COUNT 1)
    if(paths)
      set_source_files_properties("${source}" PROPERTIES COMPILE_DEFINITIONS
        "WAN_TEST_DATA=\"${PROJECT_SOURCE_DIR}/tests/data\";WAN_SHARED=\"${PROJECT_SOURCE_DIR}/../shared\";WAN_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\";WAN_BINARY_DIR=\"${PROJECT_BINARY_DIR}\"")
    endif()
  endforeach()
  include(GoogleTest)
  gtest_discover_tests(${room}_tests TEST_PREFIX "${room}." PROPERTIES TIMEOUT 600 LABELS cpu DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60)
endfunction()

# wan_fuzz_library(<source> <out>): the least libraries that the room of a fuzz target needs, so that fuzzing a parser of engine/io builds neither
# LibTorch code nor the harness.
function(wan_fuzz_library source out)
  if(source MATCHES "^tests/engine/(base|io)/")
    set(${out} wan_base PARENT_SCOPE)
  elseif(source MATCHES "^tests/engine/media/")
    set(${out} wan_media PARENT_SCOPE)
  elseif(source MATCHES "^tests/engine/train/world/")
    set(${out} wan_world PARENT_SCOPE)
  elseif(source MATCHES "^tests/engine/")
    set(${out} wan_engine proj_torch PARENT_SCOPE)
  elseif(source MATCHES "^tests/(metrics|harness|reports)/")
    set(${out} "wan_${CMAKE_MATCH_1}" PARENT_SCOPE)
  else()
    message(FATAL_ERROR "${source}: a fuzz target lies in the folder of the room that it tests")
  endif()
endfunction()

# wan_fuzz_targets(): every *_fuzz.cpp under tests/ is one libFuzzer program (clang); `fuzzers` builds them all.
# wan_fuzz_replays(): the same sources with a main of our own, each a test over its committed corpus, tests/data/fuzz/<name>.
function(wan_fuzz_targets)
  add_custom_target(fuzzers)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/tests/*_fuzz.cpp")
  foreach(source IN LISTS sources)
    wan_fuzz_library(${source} library)
    get_filename_component(name "${source}" NAME_WE)
    add_executable(${name} "${PROJECT_SOURCE_DIR}/${source}")
    add_dependencies(fuzzers ${name})
    target_link_libraries(${name} PRIVATE ${library} proj_options)
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  endforeach()
endfunction()

function(wan_fuzz_replays)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/tests/*_fuzz.cpp")
  foreach(source IN LISTS sources)
    wan_fuzz_library(${source} library)
    get_filename_component(name "${source}" NAME_WE)
    string(REGEX REPLACE "_fuzz$" "" corpus "${name}")
    if(NOT IS_DIRECTORY "${PROJECT_SOURCE_DIR}/tests/data/fuzz/${corpus}")
      message(FATAL_ERROR "${source}: its corpus tests/data/fuzz/${corpus} is missing")
    endif()
    add_executable(${name}_replay "${PROJECT_SOURCE_DIR}/${source}" "${PROJECT_SOURCE_DIR}/tests/support/fuzz/replay.cpp")
    target_link_libraries(${name}_replay PRIVATE ${library} proj_options)
    add_test(NAME fuzz.${corpus} COMMAND ${name}_replay "${PROJECT_SOURCE_DIR}/tests/data/fuzz/${corpus}")
    set_tests_properties(fuzz.${corpus} PROPERTIES LABELS cpu TIMEOUT 120)
  endforeach()
endfunction()

# wan_header_check(<link targets>...): one generated source a header of ours, compiled without the PCH, so every header stands alone.
function(wan_header_check)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/engine/*.h" "${PROJECT_SOURCE_DIR}/metrics/*.h"
    "${PROJECT_SOURCE_DIR}/harness/*.h" "${PROJECT_SOURCE_DIR}/reports/*.h")
  if(NOT TARGET wan_cuda)
    list(FILTER headers EXCLUDE REGEX "engine/kernels/|_cuda\\.h$")
  endif()
  set(sources "")
  foreach(header IN LISTS headers)
    set(source "${PROJECT_BINARY_DIR}/header_check/${header}.cpp")
    file(CONFIGURE OUTPUT "${source}" CONTENT "#include \"${header}\"\n" @ONLY)
    list(APPEND sources "${source}")
  endforeach()
  add_library(header_check OBJECT EXCLUDE_FROM_ALL ${sources})
  target_include_directories(header_check PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(header_check PRIVATE proj_options ${ARGN})
endfunction()
