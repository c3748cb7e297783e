"""Writes tokenizer_golden.json: lines and their token ids after the reference implementation of tokenizer.json.

    pip install tokenizers==0.23.3 && python3 tests/data/text/make_tokenizer_golden.py

`whole` takes the three tokenizers beside this file as they are; `variants` replaces components of one of them. The three are those of the
parity fixtures (tiny Unigram vocabularies trained for them: with character map; without; with byte fallback).
"""
import json
import pathlib
import random

from tokenizers import Tokenizer

from sentences import HTML, INNOCENT, LANGUAGES, PROMPTS, SYMBOLS

HERE = pathlib.Path(__file__).parent
EDGES = ["  ", " a", "  a", "e\u0301", "a\u0301\u0302", "½\u0301", "①\u20e3", "</s> </s>", " </s> ", "<pad>  <pad>", "river<extra_id_1>é", "\n", "\u3000",
         "the <extra_id_3>  the", "x<s>y", "é river rivers riverside", "0123456789", "é" * 40]


def metaspace(**fields):
    return {"pre_tokenizer": {"type": "Metaspace", "replacement": "▁"} | fields}


def added(**fields):
    token = {"id": 243, "content": "river", "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False}
    return {"added_tokens": [token | fields]}


VARIANTS = [
    metaspace(prepend_scheme="first", split=True), metaspace(prepend_scheme="never", split=True), metaspace(prepend_scheme="always", split=False),
    metaspace(add_prefix_space=True), metaspace(add_prefix_space=False, prepend_scheme="never"),
    {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁"}]}},
    {"pre_tokenizer": None}, {"normalizer": None}, {"post_processor": None},
    {"normalizer": {"type": "NFC"}}, {"normalizer": {"type": "NFD"}}, {"normalizer": {"type": "NFKC"}}, {"normalizer": {"type": "NFKD"}},
    {"normalizer": {"type": "Nmt"}}, {"normalizer": {"type": "Strip", "strip_left": True, "strip_right": True}},
    {"normalizer": {"type": "Prepend", "prepend": "▁"}},
    {"normalizer": {"type": "Replace", "pattern": {"String": "an"}, "content": "o o"}},
    {"normalizer": {"type": "Replace", "pattern": {"Regex": "a+"}, "content": "e"}},
    {"normalizer": {"type": "Replace", "pattern": {"Regex": " {3,}"}, "content": "x"}},
    added(single_word=True), added(lstrip=True), added(rstrip=True), added(lstrip=True, rstrip=True), added(normalized=True),
    added(content="①", normalized=True), added(content="é", single_word=True),
]


def mixtures(document, count):
    rng = random.Random(20)
    pieces = [entry[0].replace("▁", " ") for entry in document["model"]["vocab"]]
    extra = list("éñ①…雪🐕▁ ") + ["  ", "   ", "e\u0301", "<extra_id_1>", " </s>", "\t", "½", "river"]
    return ["".join(rng.choice(pieces if rng.random() < 0.6 else extra) for _ in range(rng.randint(1, 20))) for _ in range(count)]


def main():
    plain = PROMPTS + [line for group in LANGUAGES.values() for line in group] + SYMBOLS + HTML + INNOCENT + EDGES
    out = {"whole": {}, "variants": []}
    for name in ("two_experts", "single_expert", "ti2v"):
        text = (HERE / f"tokenizer_{name}.json").read_text()
        lines = plain + mixtures(json.loads(text), 100)
        tokenizer = Tokenizer.from_str(text)
        tokenizer.enable_truncation(512)
        out["whole"][name] = [[line, tokenizer.encode(line).ids] for line in lines]
    text = (HERE / "tokenizer_two_experts.json").read_text()
    lines = EDGES + mixtures(json.loads(text), 25)
    for patch in VARIANTS:
        tokenizer = Tokenizer.from_str(json.dumps(json.loads(text) | patch))
        out["variants"].append({"patch": patch, "cases": [[line, tokenizer.encode(line).ids] for line in lines]})
    rows = json.dumps(out, ensure_ascii=True, separators=(",", ":")).replace("]],", "]],\n")
    (HERE / "tokenizer_golden.json").write_text(rows + "\n")
    print({name: len(cases) for name, cases in out["whole"].items()}, len(VARIANTS), "variants of", len(lines))


main()
