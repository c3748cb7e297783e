# Set-up programs: run once by the bootstrap, need nothing but wan_base.
add_executable(wan_prepare_lpips "${PROJECT_SOURCE_DIR}/ci/tools/prepare_lpips.cpp")
set_target_properties(wan_prepare_lpips PROPERTIES OUTPUT_NAME wan-prepare-lpips)
target_link_libraries(wan_prepare_lpips PRIVATE wan_base proj_options)
