# Tests of whole programs, added by the rooms that own them.

# What it makes of the right file is checked where that file is: the program pins its output, and the set-up runs it.
add_test(NAME ci.prepare_lpips_refuses_another_file COMMAND wan_prepare_lpips "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_BINARY_DIR}/refused.safetensors")
set_tests_properties(ci.prepare_lpips_refuses_another_file PROPERTIES LABELS cpu PASS_REGULAR_EXPRESSION "LICENSE: SHA-256 [0-9a-f]+, expected 443c5bc3")
