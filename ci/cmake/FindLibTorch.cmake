# Finds LibTorch without its own TorchConfig.cmake, which insists on a CUDA toolkit and, on a machine without a GPU,
# tries to run a CUDA program. LIBTORCH_ROOT (cache or environment) is the folder that holds include/ and lib/.
#
#   LibTorch::cpu    torch_cpu + c10, headers as SYSTEM
#   LibTorch::cuda   torch_cuda + c10_cuda besides, only where those libraries are there (for the plug-in)
#   LibTorch_NVIDIA_ROOT  the folder nvidia/cu13 of the CUDA wheels (run time, CUPTI, NVTX): the one beside this LibTorch, else WAN_NVIDIA_ROOT
#                         (cache or environment), which ci/bootstrap fills for a LibTorch of the user's own; empty if absent

set(LIBTORCH_ROOT "$ENV{LIBTORCH_ROOT}" CACHE PATH "folder with LibTorch's include/ and lib/")
find_path(LibTorch_INCLUDE_DIR ATen/core/Tensor.h HINTS "${LIBTORCH_ROOT}/include" NO_DEFAULT_PATH)
find_library(LibTorch_CPU_LIBRARY torch_cpu HINTS "${LIBTORCH_ROOT}/lib" NO_DEFAULT_PATH)
find_library(LibTorch_C10_LIBRARY c10 HINTS "${LIBTORCH_ROOT}/lib" NO_DEFAULT_PATH)
find_library(LibTorch_CUDA_LIBRARY torch_cuda HINTS "${LIBTORCH_ROOT}/lib" NO_DEFAULT_PATH)
find_library(LibTorch_C10_CUDA_LIBRARY c10_cuda HINTS "${LIBTORCH_ROOT}/lib" NO_DEFAULT_PATH)

if(EXISTS "${LibTorch_INCLUDE_DIR}/torch/headeronly/version.h")
  file(STRINGS "${LibTorch_INCLUDE_DIR}/torch/headeronly/version.h" _version REGEX "TORCH_VERSION_(MAJOR|MINOR|PATCH) [0-9]+")
  string(REGEX REPLACE "[^0-9;]" "" _version "${_version}")
  string(REPLACE ";" "." LibTorch_VERSION "${_version}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "run ci/bootstrap, or set LIBTORCH_ROOT to the folder of a LibTorch 2.11 that holds include/ and lib/")

if(LibTorch_FOUND AND NOT TARGET LibTorch::cpu)
  get_filename_component(LibTorch_LIB_DIR "${LibTorch_CPU_LIBRARY}" DIRECTORY)
  get_filename_component(_site "${LibTorch_LIB_DIR}/../.." ABSOLUTE)
  set(WAN_NVIDIA_ROOT "$ENV{WAN_NVIDIA_ROOT}" CACHE PATH "nvidia/cu13 folder of the CUDA wheels, for a LibTorch that has none beside it")
  set(LibTorch_NVIDIA_ROOT "${WAN_NVIDIA_ROOT}")
  if(EXISTS "${_site}/nvidia/cu13/include")
    set(LibTorch_NVIDIA_ROOT "${_site}/nvidia/cu13")
  endif()
  add_library(LibTorch::c10 SHARED IMPORTED)
  set_target_properties(LibTorch::c10 PROPERTIES IMPORTED_LOCATION "${LibTorch_C10_LIBRARY}")
  add_library(LibTorch::cpu SHARED IMPORTED)
  set_target_properties(LibTorch::cpu PROPERTIES
    IMPORTED_LOCATION "${LibTorch_CPU_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${LibTorch_INCLUDE_DIR};${LibTorch_INCLUDE_DIR}/torch/csrc/api/include"
    INTERFACE_LINK_LIBRARIES LibTorch::c10)
  if(LibTorch_CUDA_LIBRARY AND LibTorch_C10_CUDA_LIBRARY)
    add_library(LibTorch::cuda INTERFACE IMPORTED)
    # --no-as-needed: no symbol of ours needs torch_cuda, yet loading it is what registers the CUDA back end.
    # --allow-shlib-undefined: the CUDA wheels that torch_cuda itself needs are on GPU hosts only.
    set_target_properties(LibTorch::cuda PROPERTIES
      INTERFACE_LINK_LIBRARIES "LibTorch::cpu"
      INTERFACE_LINK_OPTIONS "LINKER:--no-as-needed,${LibTorch_CUDA_LIBRARY},${LibTorch_C10_CUDA_LIBRARY},--as-needed,--allow-shlib-undefined")
  endif()
endif()
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_CUDA_LIBRARY LibTorch_C10_CUDA_LIBRARY)
