# What every target of the tree shares: warnings as errors, optimisation, sanitizers.
add_library(ringside_options INTERFACE)
target_include_directories(ringside_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(ringside_options INTERFACE
  -Wall -Wextra -Wconversion -Werror -fno-strict-aliasing -ffp-contract=off)
if(RINGSIDE_SANITIZE)
  target_compile_options(ringside_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(ringside_options INTERFACE -fsanitize=address,undefined)
endif()

# ringside_library(NAME FILES...): one library target, linked as `ringside_NAME`.
function(ringside_library name)
  add_library(ringside_${name} STATIC ${ARGN})
  target_link_libraries(ringside_${name} PUBLIC ringside_options)
endfunction()

# ringside_test(NAME LIBS... FILES...): a GoogleTest binary whose cases ctest sees one by one.
# Arguments that end in .cpp are sources, the others are libraries.
function(ringside_test name)
  find_package(GTest REQUIRED)
  include(GoogleTest)
  set(sources ${ARGN})
  set(libraries ${ARGN})
  list(FILTER sources INCLUDE REGEX "\\.cpp$")
  list(FILTER libraries EXCLUDE REGEX "\\.cpp$")
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ringside_options ${libraries} GTest::gtest GTest::gtest_main)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60)
endfunction()
