# Tests of whole programs, added by the rooms that own them.

# What it makes of the right file is checked where that file is: the program pins its output, and the set-up runs it.
add_test(NAME ci.prepare_lpips_refuses_another_file COMMAND wan_prepare_lpips "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_BINARY_DIR}/refused.safetensors")
set_tests_properties(ci.prepare_lpips_refuses_another_file PROPERTIES LABELS cpu PASS_REGULAR_EXPRESSION "LICENSE: SHA-256 [0-9a-f]+, expected 443c5bc3")

add_test(NAME cli.train_wants_a_subcommand COMMAND wan-train)
set_tests_properties(cli.train_wants_a_subcommand PROPERTIES LABELS cpu PASS_REGULAR_EXPRESSION "A subcommand is required")
add_test(NAME cli.train_refuses_another_word_for_a_device COMMAND wan-train vae --out "${PROJECT_BINARY_DIR}/refused" --device tpu --vae-steps 1)
set_tests_properties(cli.train_refuses_another_word_for_a_device PROPERTIES LABELS cpu PASS_REGULAR_EXPRESSION "tpu.*cpu, cuda")
