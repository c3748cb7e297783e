"""ci/nightly with everything around it replaced: which stages it runs, what the comparison calls, and the exit status. Nothing is built."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

CI = pathlib.Path(__file__).resolve().parents[2] / "ci"
ENVIRONMENT = """
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
say() { printf 'ci/nightly: %s\\n' "$*" >&2; }
configure() { :; }
build() { return "${BUILD:-0}"; }
prepare_data() { :; }
"""
WAN_EVAL = """#!/usr/bin/env bash
echo "$*" >>"$CALLS"
case $1 in
  run)
    [[ "$*" == *--dry-run* ]] && exit 0
    while [ $# -gt 0 ]; do [ "$1" != --json ] || json=$2; shift; done
    [ -n "${NO_RESULT:-}" ] || echo '{"schema":2,"run_id":"20260131T010203Z-2-abcdef","command":"run_id"}' >"$json"
    exit "${VERDICT:-0}" ;;
  report)
    while [ $# -gt 0 ]; do case $1 in --html | --markdown | --junit) echo "$1" >"$2" ;; esac; shift; done ;;
  list) echo '{}' ;;
esac
"""


class Nightly(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.write("ci/environment.sh", ENVIRONMENT)
        self.write("ci/bootstrap", "#!/bin/sh\necho bootstrap $* >>$CALLS\n")
        self.write("ci/tidy", "#!/bin/sh\nexit ${TIDY:-0}\n")
        self.write("ci/eval", "#!/bin/sh\nexit ${SEEDS:-0}\n")
        self.write("build/ci/bin/wan-eval", WAN_EVAL)
        shutil.copy(CI / "nightly", self.root / "ci/nightly")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def run_nightly(self, *arguments, **environment):
        self.calls_file = self.root / "calls"
        self.calls_file.write_text("")
        settings = {**os.environ, "CALLS": str(self.calls_file), "WAN_NIGHTLY": str(self.root / "nights"), **environment}
        settings.pop("GITHUB_STEP_SUMMARY", None) if "GITHUB_STEP_SUMMARY" not in environment else None
        return subprocess.run([self.root / "ci/nightly", *arguments], capture_output=True, text=True, env=settings)

    def calls(self):
        return self.calls_file.read_text().splitlines()

    def test_a_comparison_runs_reports_and_looks_back(self):
        summary = self.root / "summary"
        summary.write_text("before\n")
        done = self.run_nightly("comparison", "--suite", "smoke", GITHUB_STEP_SUMMARY=str(summary))
        self.assertEqual(done.returncode, 0, done.stderr)
        bootstrap, run, report, history = self.calls()
        self.assertEqual(bootstrap, "bootstrap build")
        self.assertIn("run --tier 2 --executor process --set extension=true --suite smoke --out", run)
        self.assertIn("nights/runs/20260131T010203Z-2-abcdef --history", report)
        self.assertIn("list history --out", history)
        self.assertEqual(summary.read_text(), "before\n--markdown\n")
        self.assertEqual({path.name for path in (self.root / "nights/latest").iterdir()},
                         {"report.html", "report.md", "junit.xml", "result.json", "history.json"})

    def test_flags_that_choose_take_the_place_of_the_default(self):
        for flags in (("--tier", "0"), ("--config=fp8_full",), ("-c", "night.toml")):
            self.run_nightly("comparison", *flags)
            self.assertNotIn("--tier 2", self.calls()[1])
            self.assertIn(" ".join(flags), self.calls()[1])

    def test_the_status_is_the_verdicts(self):
        for verdict in (0, 1, 2, 3, 4, 5, 130):
            self.assertEqual(self.run_nightly("comparison", VERDICT=str(verdict)).returncode, verdict)

    def test_the_worst_of_all_stages_counts(self):
        for verdict, seeds, tidy, expected in ((4, 0, 0, 4), (4, 1, 0, 1), (3, 4, 0, 3), (4, 5, 0, 5), (0, 0, 1, 1), (3, 0, 1, 1), (0, 0, 127, 3)):
            done = self.run_nightly("comparison", "tidy", "seeds", VERDICT=str(verdict), SEEDS=str(seeds), TIDY=str(tidy))
            self.assertEqual(done.returncode, expected, done.stderr)
        self.assertIn("tidy (127)", done.stderr)

    def test_a_run_without_an_end_makes_no_report(self):
        self.assertEqual(self.run_nightly("comparison", NO_RESULT="1", VERDICT="3").returncode, 3)
        self.assertEqual(len(self.calls()), 2)
        self.assertEqual(self.run_nightly("comparison", BUILD="1").returncode, 3)

    def test_a_dry_run_leaves_the_last_night_alone(self):
        self.run_nightly("comparison")
        self.assertEqual(self.run_nightly("comparison", "--dry-run").returncode, 0)
        self.assertEqual(len(self.calls()), 2)
        self.assertEqual(len(list((self.root / "nights/latest").iterdir())), 5)
        self.run_nightly("comparison", NO_RESULT="1", VERDICT="3")
        self.assertEqual(list((self.root / "nights/latest").iterdir()), [])

    def test_mistakes_are_named(self):
        done = self.run_nightly("comparisons")
        self.assertEqual(done.returncode, 2)
        self.assertIn("there are comparison simulation chaos", done.stderr)

    def test_only_what_the_stages_need_is_installed(self):
        self.run_nightly("1", "tidy")
        self.assertEqual(self.calls()[0], "bootstrap build test nightly")


if __name__ == "__main__":
    unittest.main()
