# What every target of the tree shares: warnings as errors, optimisation, sanitizers.
add_library(ringside_options INTERFACE)
target_include_directories(ringside_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(ringside_options INTERFACE
  -Wall -Wextra -Wconversion -Werror -fno-strict-aliasing -ffp-contract=off)
# gcc 12 sees overlapping copies in `"x" + std::string(...)` where there are none (GCC bug 105651), and writes beyond
# the end and uninitialised bytes in inlined code of std::string and std::vector. It also counts what a designated
# initializer leaves to its default as forgotten, which clang does not.
target_compile_options(ringside_options INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-restrict
  -Wno-stringop-overflow -Wno-maybe-uninitialized -Wno-missing-field-initializers>)
if(RINGSIDE_SANITIZE STREQUAL "thread")
  target_compile_options(ringside_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(ringside_options INTERFACE -fsanitize=thread)
elseif(RINGSIDE_SANITIZE)
  target_compile_options(ringside_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(ringside_options INTERFACE -fsanitize=address,undefined)
endif()
if(RINGSIDE_FUZZ)
  target_compile_options(ringside_options INTERFACE -fsanitize=fuzzer-no-link)
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
  ringside_known_failures()
endfunction()

# Marks what tests/known_failures.txt lists for the present folder, so that ctest fails when it passes. Deferred
# to the folder's end, because the properties can only be set once all of its tests are known.
function(ringside_known_failures)
  get_property(done DIRECTORY PROPERTY ringside_known_failures_done)
  if(done)
    return()
  endif()
  set_property(DIRECTORY PROPERTY ringside_known_failures_done TRUE)
  set(list ${CMAKE_SOURCE_DIR}/tests/known_failures.txt)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${list})
  cmake_path(GET CMAKE_CURRENT_SOURCE_DIR FILENAME folder)
  set(script "")
  file(STRINGS ${list} lines REGEX "^[^#]")
  foreach(line IN LISTS lines)
    if(line MATCHES "^([^ ]+) +([^ ]+) +[^ ]" AND CMAKE_MATCH_1 STREQUAL folder)
      string(APPEND script "set_tests_properties([==[${CMAKE_MATCH_2}]==] PROPERTIES WILL_FAIL TRUE)\n")
    endif()
  endforeach()
  file(GENERATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/known_failures.cmake CONTENT "${script}")
  cmake_language(EVAL CODE "cmake_language(DEFER CALL set_property DIRECTORY APPEND PROPERTY
    TEST_INCLUDE_FILES [[${CMAKE_CURRENT_BINARY_DIR}/known_failures.cmake]])")
endfunction()
