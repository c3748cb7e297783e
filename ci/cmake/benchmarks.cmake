# Micro-benchmarks (Google Benchmark): every tests/<room>/.../<name>_benchmark.cpp is one program, linked with its top-level room.
find_package(benchmark REQUIRED)
file(GLOB_RECURSE benchmark_sources CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/tests/*_benchmark.cpp")
foreach(source IN LISTS benchmark_sources)
  get_filename_component(name "${source}" NAME_WE)
  string(REGEX REPLACE "^tests/([a-z]+)/.*" "\\1" room "${source}")
  add_executable(${name} "${source}")
  target_link_libraries(${name} PRIVATE wan_${room} proj_torch proj_options benchmark::benchmark)
  target_compile_definitions(${name} PRIVATE WAN_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
endforeach()
# It times whole programs, over stores that a support file of the tests makes.
target_sources(store_benchmark PRIVATE "${PROJECT_SOURCE_DIR}/tests/support/harness/large_store.cpp" "${PROJECT_SOURCE_DIR}/tests/support/harness/records.cpp"
  "${PROJECT_SOURCE_DIR}/tests/support/harness/run_folders.cpp" "${PROJECT_SOURCE_DIR}/tests/support/harness/temporary_folder.cpp")
add_dependencies(store_benchmark wan-eval)
# Nobody reads a benchmark every day: that it runs at all is a test, how fast is not.
if(WAN_TESTS)
  add_test(NAME benchmark.store COMMAND store_benchmark --benchmark_filter=/240)
  set_tests_properties(benchmark.store PROPERTIES LABELS cpu FAIL_REGULAR_EXPRESSION "did not exit with 0")
  add_test(NAME benchmark.dit_block COMMAND dit_block_benchmark --benchmark_filter=dit_block/tiny_.*/1/)
  add_test(NAME benchmark.structural COMMAND structural_benchmark --benchmark_filter=frame/ssim.ffmpeg/1/2/)
endif()
