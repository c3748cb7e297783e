# libwan_cuda.so, the one place with CUDA code: kernels/*.cu and every *_cuda.cpp. Opened with dlopen by engine/runtime. Built where nvcc and LibTorch's
# CUDA libraries are found; needs no GPU and no CUDA wheel but the runtime's headers.
if(NOT WAN_CUDA OR NOT TARGET LibTorch::cuda)
  return()
endif()
include(CheckLanguage)
set(CMAKE_CUDA_ARCHITECTURES 90a)  # H100 and H200
check_language(CUDA)
if(NOT CMAKE_CUDA_COMPILER)
  message(STATUS "no nvcc: the CUDA plug-in is not built")
  return()
endif()
enable_language(CUDA)
set(CMAKE_CUDA_RUNTIME_LIBRARY Shared)  # one runtime and one context with LibTorch

# CMake 3.25 has no C++20 dialect for nvcc, so the flag is given by hand.
add_library(proj_cuda INTERFACE)
target_compile_options(proj_cuda INTERFACE "$<$<COMPILE_LANGUAGE:CUDA>:-std=c++20;-Xcompiler=-Wall,-Wextra,-Werror>")

file(GLOB kernels CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/engine/kernels/*.cu")
file(GLOB_RECURSE launchers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/engine/*_cuda.cpp" "${PROJECT_SOURCE_DIR}/harness/*_cuda.cpp")
add_library(wan_cuda MODULE ${kernels} ${launchers})
set_target_properties(wan_cuda PROPERTIES CUDA_STANDARD_REQUIRED OFF CXX_STANDARD 20)
set_source_files_properties(${kernels} PROPERTIES LANGUAGE CUDA)
target_include_directories(wan_cuda PRIVATE "${PROJECT_SOURCE_DIR}")
target_include_directories(wan_cuda SYSTEM PRIVATE ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
target_link_libraries(wan_cuda PRIVATE wan_engine proj_torch LibTorch::cuda proj_options proj_cuda)
install(TARGETS wan_cuda LIBRARY DESTINATION lib)
