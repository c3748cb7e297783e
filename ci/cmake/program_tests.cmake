# Tests of whole programs, added by the rooms that own them.

# What it makes of the right file is checked where that file is: the program pins its output, and the set-up runs it.
add_test(NAME ci.prepare_lpips_refuses_another_file COMMAND wan_prepare_lpips "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_BINARY_DIR}/refused.safetensors")
set_tests_properties(ci.prepare_lpips_refuses_another_file PROPERTIES LABELS cpu PASS_REGULAR_EXPRESSION "LICENSE: SHA-256 [0-9a-f]+, expected 443c5bc3")

# Compressed video and the hundred libraries behind it are opened when a clip needs them, never at the start.
add_test(NAME cli.eval_starts_without_video COMMAND ${CMAKE_COMMAND} -E env LD_DEBUG=files $<TARGET_FILE:wan-eval> --version)
set_tests_properties(cli.eval_starts_without_video PROPERTIES LABELS cpu FAIL_REGULAR_EXPRESSION "videoio|libwan_video|avcodec")

add_test(NAME cli.train_wants_a_subcommand COMMAND wan-train)
set_tests_properties(cli.train_wants_a_subcommand PROPERTIES LABELS cpu PASS_REGULAR_EXPRESSION "A subcommand is required")
add_test(NAME cli.train_refuses_another_word_for_a_device COMMAND wan-train vae --out "${PROJECT_BINARY_DIR}/refused" --device tpu --vae-steps 1)
set_tests_properties(cli.train_refuses_another_word_for_a_device PROPERTIES LABELS cpu PASS_REGULAR_EXPRESSION "tpu.*cpu, cuda")

# What a rollout serves is read at each request; a dry run reads it as any other does.
foreach(case "served:flags: t5_cpu, production since 2026" "off:flags: none is on.*the reference path" "faulty:faulty.toml:5:11: 'flag.enabled' wants true or false")
  string(REGEX MATCH "^[a-z]+" name "${case}")
  string(REGEX REPLACE "^[a-z]+:" "" expected "${case}")
  add_test(NAME cli.generate_reads_flags_${name} COMMAND wan-generate --flags "${PROJECT_SOURCE_DIR}/tests/data/flags/${name}.toml" --prompt x --dry-run)
  set_tests_properties(cli.generate_reads_flags_${name} PROPERTIES LABELS cpu PASS_REGULAR_EXPRESSION "${expected}")
endforeach()
add_test(NAME cli.generate_takes_flags_or_a_config COMMAND wan-generate --flags "${PROJECT_SOURCE_DIR}/tests/data/flags/off.toml" --config tf32 --prompt x --dry-run)
set_tests_properties(cli.generate_takes_flags_or_a_config PROPERTIES LABELS cpu PASS_REGULAR_EXPRESSION "--flags and --config both say")
