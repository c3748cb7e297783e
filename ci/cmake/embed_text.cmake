# wan_embed_text(TARGET t FOLDER f HEADER h TYPE T FUNCTION fn NAMESPACE n): every <f>/*.md becomes {name, title, text} in a source of t, with
# `std::span<const T> n::fn()` over them, sorted by name. The title is the file's first line, "# Title". A changed or new file is picked up
# by a plain rebuild.
function(wan_embed_text)
  cmake_parse_arguments(arg "" "TARGET;FOLDER;HEADER;TYPE;FUNCTION;NAMESPACE" "" ${ARGN})
  file(GLOB files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${arg_FOLDER}/*.md")
  list(SORT files)
  set(entries "")
  set(count 0)
  foreach(file IN LISTS files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    get_filename_component(name "${file}" NAME_WE)
    file(READ "${file}" text)
    if(NOT text MATCHES "^# ([^\n]+)\n")
      message(FATAL_ERROR "${file}: expected a title, '# Title', in the first line")
    endif()
    set(title "${CMAKE_MATCH_1}")
    string(APPEND entries "    ${arg_TYPE}{\"${name}\", R\"embedded(${title})embedded\", R\"embedded(${text})embedded\"},\n")
    math(EXPR count "${count} + 1")
  endforeach()
  set(source "${PROJECT_BINARY_DIR}/embedded/${arg_FUNCTION}.cpp")
  file(CONFIGURE OUTPUT "${source}" CONTENT
"#include \"@arg_HEADER@\"

#include <array>

namespace @arg_NAMESPACE@ {

std::span<const @arg_TYPE@> @arg_FUNCTION@() {
  static constexpr std::array<@arg_TYPE@, @count@> kEntries{
@entries@  };
  return kEntries;
}

}  // namespace @arg_NAMESPACE@
" @ONLY)
  target_sources(${arg_TARGET} PRIVATE "${source}")
endfunction()
