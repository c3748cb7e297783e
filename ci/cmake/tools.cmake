# Set-up programs. wan-prepare-lpips needs nothing but wan_base, so that data can be prepared before the engine stands.
add_executable(wan_prepare_lpips "${PROJECT_SOURCE_DIR}/ci/tools/prepare_lpips.cpp")
set_target_properties(wan_prepare_lpips PROPERTIES OUTPUT_NAME wan-prepare-lpips)
target_link_libraries(wan_prepare_lpips PRIVATE wan_base proj_options)

# The embedded model: the tree holds its configs and tokenizer, the weights are made from a fixed seed at build time.
add_executable(wan_init_model "${PROJECT_SOURCE_DIR}/ci/tools/init_model.cpp")
set_target_properties(wan_init_model PROPERTIES OUTPUT_NAME wan-init-model)
target_link_libraries(wan_init_model PRIVATE wan_engine proj_torch proj_options)
file(GLOB_RECURSE tiny_configs CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/suites/models/wan-tiny/*.json")
set(tiny_model "${PROJECT_BINARY_DIR}/share/wan-eval/models/wan-tiny")
add_custom_command(OUTPUT "${tiny_model}/vae/diffusion_pytorch_model.safetensors"
  COMMAND wan_init_model "${PROJECT_SOURCE_DIR}/suites/models/wan-tiny" "${tiny_model}" DEPENDS wan_init_model ${tiny_configs} VERBATIM)
add_custom_target(tiny_model ALL DEPENDS "${tiny_model}/vae/diffusion_pytorch_model.safetensors")
foreach(program IN LISTS programs)
  add_dependencies(${program} tiny_model)  # a program that was built can run
endforeach()
install(DIRECTORY "${PROJECT_BINARY_DIR}/share/wan-eval/models" DESTINATION share/wan-eval OPTIONAL)

# Loading beside a plain read, and a step in each memory mode, on whatever machine has the room.
add_executable(wan_measure_load "${PROJECT_SOURCE_DIR}/ci/tools/measure_load.cpp")
set_target_properties(wan_measure_load PROPERTIES OUTPUT_NAME wan-measure-load)
target_link_libraries(wan_measure_load PRIVATE wan_engine proj_torch proj_options)
install(TARGETS wan_measure_load)
