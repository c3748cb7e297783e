# Finds OpenCV 4 module by module. Its own OpenCVConfig.cmake comes only with Debian's libopencv-dev, which pulls in every module and what they
# need (VTK, GDAL, Java); the development packages of single modules hold headers and a library, and that is all we use.
#
#   opencv_<component>   for each component asked for, headers as SYSTEM

find_path(OpenCV_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4)
set(_required OpenCV_INCLUDE_DIR)
foreach(_component IN LISTS OpenCV_FIND_COMPONENTS)
  find_library(OpenCV_${_component}_LIBRARY opencv_${_component})
  list(APPEND _required OpenCV_${_component}_LIBRARY)
  mark_as_advanced(OpenCV_${_component}_LIBRARY)
endforeach()
if(EXISTS "${OpenCV_INCLUDE_DIR}/opencv2/core/version.hpp")
  file(STRINGS "${OpenCV_INCLUDE_DIR}/opencv2/core/version.hpp" _version REGEX "CV_VERSION_(MAJOR|MINOR|REVISION) +[0-9]+")
  string(REGEX REPLACE "[^0-9;]" "" _version "${_version}")
  string(REPLACE ";" "." OpenCV_VERSION "${_version}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenCV REQUIRED_VARS ${_required} VERSION_VAR OpenCV_VERSION)

if(OpenCV_FOUND)
  foreach(_component IN LISTS OpenCV_FIND_COMPONENTS)
    if(NOT TARGET opencv_${_component})
      add_library(opencv_${_component} UNKNOWN IMPORTED)
      set_target_properties(opencv_${_component} PROPERTIES IMPORTED_LOCATION "${OpenCV_${_component}_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${OpenCV_INCLUDE_DIR}")
    endif()
  endforeach()
endif()
mark_as_advanced(OpenCV_INCLUDE_DIR)
