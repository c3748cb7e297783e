"""Writes clean_golden.json: lines and what the reference cleaning of the pipelines makes of them.

    pip install ftfy==6.3.1 regex && python3 tests/data/text/make_clean_golden.py

`mojibake` holds lines misread as Latin-1 or Windows-1252, the two encodings that the room repairs.
"""
import html
import json
import pathlib

import ftfy
import regex

from sentences import HTML, INNOCENT, LANGUAGES, PROMPTS, SYMBOLS


def clean(text):
    text = html.unescape(html.unescape(ftfy.fix_text(text))).strip()
    return regex.sub(r"\s+", " ", text).strip()


def misread(text, encoding):
    return text.encode("utf-8").decode("latin-1" if encoding == "latin-1" else "sloppy-windows-1252")


def mojibake():
    lines = []
    for group in LANGUAGES.values():
        for i, line in enumerate(group):
            encoding = "latin-1" if i == 1 else "windows-1252"
            lines.append(misread(line, encoding))
            if i == 0:
                lines.append("A sign says: " + misread(line, encoding) + ", at dusk")
    lines += [misread(misread(s, "windows-1252"), "windows-1252") for s in ("café", "“quoted” it’s", "señorita 🐕", "雪")]
    lines += [misread("l’humanité", "windows-1252") + " – 雪 “ok”", "雪 " + misread("café naïve", "windows-1252")]
    lines += ["voilÃ le travail", "Ã la mode", "â€œ like this â€\ufffd", "sÃ³ agora", "â€¦ and â€“ dash", "itâ€™s", "Â©2024 Â£5 Â½", "\x93quoted\x94 \x85", "caf\xe9 \x96 bar"]
    return lines


def main():
    groups = {
        "prompts": PROMPTS,
        "languages": [line for group in LANGUAGES.values() for line in group],
        "symbols": SYMBOLS,
        "html": HTML,
        "innocent": INNOCENT,
        "mojibake": mojibake(),
    }
    out = {name: [[line, clean(line)] for line in lines] for name, lines in groups.items()}
    path = pathlib.Path(__file__).parent / "clean_golden.json"
    path.write_text(json.dumps(out, ensure_ascii=True, indent=0) + "\n")
    print({name: len(lines) for name, lines in out.items()}, sum(map(len, out.values())))


main()
