"""ci/check_layers and ci/check_rules must fail on what they forbid: each case is a tree of one wrong file, and the words the fault must hold."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

CI = pathlib.Path(__file__).resolve().parents[2] / "ci"
GOOD = {"engine/base/ok.h": "// A value.\n#pragma once\n\n#include <string>\n"}
# The forbidden words are put together here so that this file itself stands in a tree that passes.
LAYERS = [
    ("reports/page.cpp", '#include "engine/generator.h"', "reports may include only"),
    ("harness/gate/verdict.cpp", '#include "harness/run/executor.h"', "harness/gate may include only"),
    ("harness/run/runner.cpp", '#include "engine/model/transformer.h"', "harness/run may include only"),
    ("harness/measure/timer.cpp", '#include "engine/runtime/tensor.h"', "harness/measure may include only"),
    ("engine/base/log.cpp", '#include "engine/io/json.h"', "engine/base may include only"),
    ("engine/model/block.cpp", '#include "engine/optimizations/fused.h"', "engine/model may include only"),
    ("engine/ops/norm.cpp", '#include "tensor.h"', "not written from the root"),
    ("engine/unknown_room/x.cpp", '#include "engine/base/error.h"', "stands in no room"),
    ("harness/run/runner.cpp", "#include <ATen/core/Tensor.h>", "aten may stand only in"),
    ("metrics/metric.h", "#include <ATen/core/Tensor.h>", "aten may stand only in"),
    ("engine/runtime/device.cpp", "#include <c10/cuda/CUDAStream.h>", "cuda may stand only in"),
    ("engine/ops/norm.cpp", '#include "cuda_runtime_api.h"', "cuda may stand only in"),
    ("harness/plan/tier.h", "#include <toml++/toml.h>", "toml may stand only in"),
    ("reports/page.cpp", "#include <nlohmann/json.hpp>", "json may stand only in"),
    ("harness/run/runner.cpp", "#include <CLI/CLI.hpp>", "cli11 may stand only in"),
    ("engine/media/clip_file.h", "  #  include <opencv2/core.hpp>", "opencv may stand only in"),
]
RULES = [
    ("engine/ops/a.cpp", "#include <torch/" + "torch.h>\n", "umbrella"),
    ("engine/ops/a.cpp", "#include <ATen/" + "ATen.h>\n", "umbrella"),
    ("engine/ops/a.cpp", "#include <ATen/" + "TensorIndexing.h>\n", "TensorIndexing"),
    ("engine/kernels/a.cu", "#include <ATen/core/Tensor.h>\n", "no ATen"),
    ("engine/base/a.h", "// A.\n#pragma once\nusing " + "namespace std;\n", "using namespace"),
    ("engine/base/a.h", "// A.\n#pragma once\nnamespace " + "{\n}\n", "anonymous namespace"),
    ("engine/base/a.h", "#pragma once\n", "paragraph"),
    ("engine/base/a.h", "// A.\n\n#include <string>\n#pragma once\n", "pragma once"),
    ("engine/base/a.h", "// A.\n#pragma once\n#include <nlohmann/json_fwd.hpp>\n", "out of headers"),
    ("engine/ops/a.cpp", "void f() { cuda" + "DeviceSynchronize(); }\n", "synchronisation"),
    ("harness/run/a.cpp", "auto a = std::" + 'getenv("HOME");\n', "environment"),
    ("harness/run/a.cpp", "std::" + 'cout << 1;\n', "log.h"),
    ("README.md", "see " + "/ho" + "me/someone/file\n", "absolute paths"),
    ("engine/ops/a.cpp", "// TO" + "DO: later\n", "names an issue"),
    ("engine/ops/a.cpp", "int a; \n", "blanks"),
    ("engine/ops/README.md", "line\n" * 31, "README"),
    ("engine/ops/a.cpp", "//\n" * 601, "second concept"),
]


def run(check, files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return subprocess.run([sys.executable, CI / check, folder], capture_output=True, text=True)


class Checks(unittest.TestCase):
    def expect_fault(self, check, name, text, words):
        with self.subTest(file=name, text=text):
            done = run(check, {**GOOD, name: text})
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(name, done.stderr)
            self.assertIn(words, done.stderr)

    def test_a_good_tree_passes(self):
        for check in ("check_layers", "check_rules"):
            done = run(check, GOOD)
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_an_empty_tree_fails(self):
        for check in ("check_layers", "check_rules"):
            self.assertEqual(run(check, {}).returncode, 1)

    def test_layers(self):
        for name, include, words in LAYERS:
            self.expect_fault("check_layers", name, include + "\n", words)

    def test_rules(self):
        for name, text, words in RULES:
            self.expect_fault("check_rules", name, text, words)

    def test_a_task_with_its_issue_and_a_long_table_pass(self):
        done = run("check_rules", {**GOOD, "engine/ops/a.cpp": "// TO" + "DO(#7): later\n", "engine/text/entity_table.cpp": "//\n" * 700})
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_file_over_400_lines_only_warns(self):
        done = run("check_rules", {**GOOD, "engine/ops/a.cpp": "//\n" * 450})
        self.assertEqual(done.returncode, 0)
        self.assertIn("warning", done.stderr)


if __name__ == "__main__":
    unittest.main()
