# Builds RINGSIDE's tree SOURCE once more without optimisation, in OUTPUT, and runs ARGUMENTS in both: optimisation
# must not be visible to a guest.
execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${OUTPUT} -G Ninja -DCMAKE_BUILD_TYPE=Debug
                        -DCMAKE_C_COMPILER=${C} -DCMAKE_CXX_COMPILER=${CXX} -DRINGSIDE_TESTS=OFF
                COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${OUTPUT} --target ringside COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
foreach(program ${RINGSIDE} ${OUTPUT}/ringside)
  execute_process(COMMAND ${program} ${ARGUMENTS} --serial none --stats - OUTPUT_VARIABLE json
                  COMMAND_ERROR_IS_FATAL ANY)
  set(outcome "")
  foreach(key instructions state_hash stop_reason)
    string(JSON value GET "${json}" ${key})
    list(APPEND outcome ${value})
  endforeach()
  message(STATUS "${program}: ${outcome}")
  if(DEFINED first AND NOT first STREQUAL outcome)
    message(FATAL_ERROR "the optimised run ends with ${first}, the other with ${outcome}")
  endif()
  set(first "${outcome}")
endforeach()
