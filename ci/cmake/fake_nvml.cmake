# Libraries that the tests of harness/machine open in the driver's place: as it is, and as an old driver has it.
foreach(name fake_nvml fake_nvml_old)
  add_library(${name} MODULE "${PROJECT_SOURCE_DIR}/tests/support/machine/fake_nvml.cpp")
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE proj_options)
  add_dependencies(harness_tests ${name})
endforeach()
target_compile_definitions(fake_nvml_old PRIVATE FAKE_NVML_OLD)
