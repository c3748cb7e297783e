# The walls and rules of the tree as tests, and the tests of the checks themselves.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
foreach(check layers rules)
  add_test(NAME ci.check_${check} COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/ci/check_${check}")
endforeach()
add_test(NAME ci.checks_fail_on_what_they_forbid COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/tests/ci/checks_test.py")
add_test(NAME ci.nightly_exits_with_the_worst_verdict COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/tests/ci/nightly_test.py")
add_test(NAME ci.examples_name_what_there_is COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/tests/ci/examples_test.py" $<TARGET_FILE:wan-eval>)
