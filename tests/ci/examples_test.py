"""ci/examples: what can be checked without the services that they are for. Files parse, commands name what there is: programs, sub-commands, flags,
stages, tiers. Called with the program: examples_test.py build/dev/bin/wan-eval"""
import pathlib
import re
import subprocess
import sys
import unittest

try:
    import yaml
except ImportError:
    yaml = None

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "ci/examples"
WAN_EVAL = sys.argv.pop(1) if len(sys.argv) > 1 else "wan-eval"
SUBCOMMANDS = ("run", "benchmark", "metrics", "gate", "report", "compare", "baseline", "merge", "list", "doctor", "help")


def text_of(path):
    """Comments begin no command but may hold one; a line that goes on is one."""
    return re.sub(r"\\\n\s*", " ", re.sub(r"^\s*#(?!SBATCH)", "", path.read_text(), flags=re.MULTILINE))


def commands_of(program):
    """(file, words) of each call of the program in the examples; a call ends with its line, or where the shell ends it."""
    for path in sorted(EXAMPLES.iterdir()):
        text = text_of(path).replace(">-\n", " ")
        if path.suffix == ".yaml":
            text = re.sub(r"\n\s+(?=--)", " ", text)
        for found in re.finditer(rf"(?<![\w/-]){re.escape(program)} ([^\n|;&>)'`]*)", text):
            words = re.split(r"\$\((?!\()", found.group(1))[0].replace('"', " ").split()  # a call inside it is one of its own
            if words and re.match(r"[\w-]", words[0]) and not re.match(r"(and|is|as|image)\b", words[0]):
                yield path.name, words


def help_of(subcommand):
    return subprocess.run([WAN_EVAL, subcommand, "--help"], capture_output=True, text=True, check=True).stdout


class Examples(unittest.TestCase):
    def expect_flags(self, file, subcommand, words):
        known = help_of(subcommand)
        for word in words:
            if word.startswith("--"):
                self.assertRegex(known, rf"{re.escape(word)}\b", f"{file}: wan-eval {subcommand} has no {word}")
        for tier in re.findall(r"--tier (\S+)", " ".join(words)):
            self.assertTrue((ROOT / "suites/tiers" / f"{tier.replace('-', '_')}.toml").exists(), f"{file}: no tier {tier}")

    def test_calls_of_the_program(self):
        calls = list(commands_of("wan-eval"))
        self.assertGreaterEqual(len(calls), 4)
        for file, words in calls:
            subcommand = words[0] if words[0] in SUBCOMMANDS else "run"
            self.assertTrue(words[0].startswith("--") or words[0] in SUBCOMMANDS, f"{file}: wan-eval {words[0]}")
            self.expect_flags(file, subcommand, words)

    def test_calls_of_the_nightly(self):
        stages = re.search(r"^all_stages=\((.*)\)$", (ROOT / "ci/nightly").read_text(), re.MULTILINE).group(1).split()
        calls = list(commands_of("ci/nightly"))
        self.assertGreaterEqual(len(calls), 4)
        for file, words in calls:
            flags = next((i for i, word in enumerate(words) if word.startswith("-")), len(words))
            for word in words[:flags]:
                self.assertTrue(word in stages or re.fullmatch(r"[0-9.]+", word), f"{file}: {word} is no stage")
            self.expect_flags(file, "run", words[flags:])

    def test_scripts_parse(self):
        for path in EXAMPLES.glob("*.sh"):
            subprocess.run(["bash", "-n", path], check=True)

    def test_files_of_the_tree_exist(self):
        for path in EXAMPLES.iterdir():
            for name in re.findall(r"(?<![\w/])ci/[\w./]+\w", path.read_text()):
                self.assertTrue((ROOT / name).exists(), f"{path.name}: {name}")

    def test_cron_lines_have_five_fields_and_a_command(self):
        lines = [line for line in (EXAMPLES / "nightly.cron").read_text().splitlines() if line and not line.startswith("#") and "=" not in line.split()[0]]
        self.assertTrue(lines)
        for line in lines:
            *fields, command = line.split(maxsplit=5)
            for field, most in zip(fields, (59, 23, 31, 12, 7), strict=True):
                self.assertTrue(field == "*" or 0 <= int(field) <= most, line)
            self.assertNotIn("%", command, "cron makes a new line of it")
            subprocess.run(["bash", "-n", "-c", command], check=True)

    @unittest.skipIf(yaml is None, "no YAML reader here")
    def test_yaml_parses_and_has_the_services_keys(self):
        workflow = yaml.safe_load((EXAMPLES / "github_nightly.yaml").read_text())
        self.assertEqual(set(workflow), {"name", True, "concurrency", "jobs"})  # `on` is YAML's true
        for job in workflow["jobs"].values():
            self.assertLessEqual({"runs-on", "steps", "timeout-minutes"}, set(job))
            for step in job["steps"]:
                self.assertEqual(("run" in step) + ("uses" in step), 1, step)
        job = yaml.safe_load((EXAMPLES / "kubernetes_indexed_job.yaml").read_text())
        self.assertEqual((job["apiVersion"], job["kind"], job["spec"]["completionMode"]), ("batch/v1", "Job", "Indexed"))


if __name__ == "__main__":
    unittest.main()
