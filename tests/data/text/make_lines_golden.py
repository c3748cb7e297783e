"""Writes lines_golden.json: the lines of lines.py, what the official cleaning makes of each, and token ids after Hugging Face tokenizers.

    pip install tokenizers==0.23.3 ftfy==6.3.1 regex && python3 tests/data/text/make_lines_golden.py
    python3 tests/data/text/make_lines_golden.py build/dev/tokenizers   # for the tokenizer that make_unigram.py put there

A row is [line, cleaned or null where cleaning changes nothing, ids of the line with tokenizer_unigram.json, then with each of the three small
tokenizers a hash of the ids: FNV-1a of their decimal digits, each id followed by a comma].
"""
import html
import json
import pathlib
import sys

import ftfy
import regex
from tokenizers import Tokenizer

from lines import lines

HERE = pathlib.Path(__file__).parent
SMALL = ("two_experts", "single_expert", "ti2v")


def clean(text):
    text = html.unescape(html.unescape(ftfy.fix_text(text))).strip()
    return regex.sub(r"\s+", " ", text).strip()


def fnv(ids):
    value = 0xCBF29CE484222325
    for byte in "".join(f"{i}," for i in ids).encode():
        value = (value ^ byte) * 0x100000001B3 & (2**64 - 1)
    return f"{value:016x}"


def main():
    target = pathlib.Path(sys.argv[1]) if len(sys.argv) == 2 else HERE
    load = lambda path: Tokenizer.from_file(str(path))
    large, small = load(target / "tokenizer_unigram.json"), [load(HERE / f"tokenizer_{name}.json") for name in SMALL]
    for tokenizer in (large, *small):
        tokenizer.enable_truncation(512)
    rows = []
    for line in lines():
        cleaned = clean(line)
        rows.append([line, None if cleaned == line else cleaned, large.encode(line).ids] + [fnv(t.encode(line).ids) for t in small])
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).replace('"],["', '"],\n["')
    (target / "lines_golden.json").write_text(text + "\n")
    print(len(rows), "lines,", sum(len(r[2]) for r in rows), "ids,", len(text.encode()), "bytes")


main()
