# embed(TARGET NAME FILE): the bytes of FILE as `std::string_view embedded::NAME()`,
# declared in "embedded/NAME.hpp". The file is read by the assembler, so its size costs nothing.
function(embed target name file)
  get_filename_component(path ${file} ABSOLUTE)
  set(dir ${CMAKE_BINARY_DIR}/embedded)
  file(WRITE ${dir}/${name}.hpp.new
"#pragma once
#include <string_view>
namespace embedded {
std::string_view ${name}();
}
")
  file(WRITE ${dir}/${name}.cpp.new
"#include \"embedded/${name}.hpp\"
asm(\".section .rodata\\n\"
    \"embedded_${name}_begin:\\n\"
    \".incbin \\\"${path}\\\"\\n\"
    \"embedded_${name}_end:\\n\"
    \".byte 0\\n\"
    \".previous\\n\");
extern \"C\" const char embedded_${name}_begin[];
extern \"C\" const char embedded_${name}_end[];
namespace embedded {
std::string_view ${name}() {
  return {embedded_${name}_begin,
          static_cast<std::size_t>(embedded_${name}_end - embedded_${name}_begin)};
}
}
")
  configure_file(${dir}/${name}.hpp.new ${dir}/${name}.hpp COPYONLY)
  configure_file(${dir}/${name}.cpp.new ${dir}/${name}.cpp COPYONLY)
  # (ccache notices .incbin by itself and leaves these files alone.)
  set_source_files_properties(${dir}/${name}.cpp PROPERTIES OBJECT_DEPENDS ${path})
  target_sources(${target} PRIVATE ${dir}/${name}.cpp)
  target_include_directories(${target} PUBLIC ${CMAKE_BINARY_DIR})
endfunction()
