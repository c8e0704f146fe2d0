# How the compiler is called, the same for every target.

option(TOCSIN_FUZZ "Build the libFuzzer targets (clang only)" OFF)
option(TOCSIN_COVERAGE "Count which lines are reached (clang only)" OFF)
set(TOCSIN_SANITIZE "" CACHE STRING "Sanitizers for every target, as -fsanitize= takes them")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees ghosts in std::optional, and in "literal" + std::string (its bug 105651).
  add_compile_options(-Wno-maybe-uninitialized -Wno-restrict)
endif()
if(TOCSIN_SANITIZE)
  add_compile_options(
    -fsanitize=${TOCSIN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TOCSIN_SANITIZE})
endif()
if(TOCSIN_SANITIZE STREQUAL "thread")
  # ThreadSanitizer does not see fences. Without them Asio's own locks order what it runs.
  add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
if(TOCSIN_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()
if(TOCSIN_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-D_FORTIFY_SOURCE=2 -fstack-protector-strong)
endif()
add_compile_definitions(BOOST_ASIO_NO_DEPRECATED)

# optimised(TARGET): in a debug build too, sanitizers and all. For what tests run a million times.
function(optimised target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Debug>:-O1>)
endfunction()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
endif()

# Files that instantiate Beast take about a gigabyte each: one at a time.
set_property(GLOBAL PROPERTY JOB_POOLS heavy=1)
