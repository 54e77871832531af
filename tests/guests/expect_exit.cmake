# Runs RINGSIDE with ARGUMENTS and fails unless it exits with EXPECTED.
execute_process(COMMAND ${RINGSIDE} ${ARGUMENTS} RESULT_VARIABLE result)
if(NOT result STREQUAL EXPECTED)
  message(FATAL_ERROR "exit code ${result}, expected ${EXPECTED}")
endif()
