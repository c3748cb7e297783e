"""Lines that no list by hand would hold: every script and every oddity, drawn from a seed. Used by make_lines_golden.py."""
import random

from sentences import HTML, INNOCENT, LANGUAGES, PROMPTS, SYMBOLS

# First and last code point of letters, one entry a script.
SCRIPTS = {
    "latin": (0x61, 0x7A), "latin extended": (0xC0, 0x24F), "greek": (0x391, 0x3C9), "cyrillic": (0x410, 0x44F), "armenian": (0x561, 0x586), "hebrew": (0x5D0, 0x5EA),
    "arabic": (0x621, 0x64A), "devanagari": (0x905, 0x939), "bengali": (0x985, 0x9B9), "gurmukhi": (0xA05, 0xA39), "tamil": (0xB85, 0xBB9), "telugu": (0xC05, 0xC39),
    "thai": (0xE01, 0xE3A), "lao": (0xE81, 0xEB0), "tibetan": (0xF40, 0xF69), "georgian": (0x10D0, 0x10F0), "ethiopic": (0x1200, 0x1248), "cherokee": (0x13A0, 0x13EF),
    "khmer": (0x1780, 0x17B3), "mongolian": (0x1820, 0x1842), "hiragana": (0x3041, 0x3096), "katakana": (0x30A1, 0x30FA), "han": (0x4E00, 0x9FA5), "hangul": (0xAC00, 0xD7A3),
    "hangul jamo": (0x1100, 0x1112), "vietnamese": (0x1EA0, 0x1EF9), "fullwidth": (0xFF01, 0xFF5E), "halfwidth kana": (0xFF66, 0xFF9D), "gothic": (0x10330, 0x1034A),
    "mathematical": (0x1D400, 0x1D433), "circled": (0x2460, 0x24FF), "roman numerals": (0x2160, 0x2188), "superscripts": (0x2070, 0x208E), "squared": (0x3300, 0x33FF),
    "compatibility han": (0xF900, 0xFA6D), "arabic forms": (0xFE80, 0xFEFC), "cuneiform": (0x12000, 0x1203F), "syllabics": (0x1401, 0x1450),
}
MARKS = {
    "latin": (0x300, 0x36F), "hebrew": (0x5B0, 0x5BD), "arabic": (0x64B, 0x652), "devanagari": (0x93E, 0x94D), "bengali": (0x9BE, 0x9CD), "tamil": (0xBBE, 0xBCD),
    "thai": (0xE31, 0xE4E), "khmer": (0x17B6, 0x17D3), "tibetan": (0xF71, 0xF84), "han": (0xFE00, 0xFE0F),
}
PEOPLE, SKIN, THINGS = "👨👩🧑👧👦👶", "🏻🏼🏽🏾🏿", "🐕🚀❤☃✨🔥🎬🌊🏔🦊🎥🌃"
SPACES = [" ", "  ", "   ", "\t", "\n", "\r\n", "\u00a0", "\u1680", "\u2002", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\x0b", "\x0c", "\x85"]
INVISIBLE = ["\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u061c", "\u180e", "\u202a", "\u202b", "\u202c", "\u202e", "\u2066", "\u2069"]
CONTROLS = [chr(c) for c in (*range(0x01, 0x09), 0x0E, 0x10, 0x1A, 0x1B, 0x1C, 0x1E, 0x1F, 0x7F, 0x206A, 0xFFF9, 0xFFFB, 0xFFFC, 0xFFFD, 0xE000, 0xE0041)]
SPECIAL = ["<pad>", "</s>", "<s>", "<unk>", "<extra_id_0>", "<extra_id_3>", "<extra_id_7>", "<extra_id_99>", "▁", "▁▁", "<0x41>", "</S>", "< pad >"]
PUNCTUATION = list(".,;:!?…-–—\"'“”‘’«»()[]{}<>/\\|@#$%^&*_+=~`¿¡、。「」・॥؟،٪")


class Drawer:
    def __init__(self, seed):
        self.rng = random.Random(seed)

    def pick(self, items):
        return items[self.rng.randrange(len(items))]

    def word(self, script, length=None):
        low, high = SCRIPTS[script]
        letters = [chr(self.rng.randint(low, high)) for _ in range(length or self.rng.randint(1, 9))]
        if script in MARKS and self.rng.random() < 0.5:
            letters = [c + (chr(self.rng.randint(*MARKS[script])) if self.rng.random() < 0.4 else "") for c in letters]
        word = "".join(letters)
        return self.pick([word, word.capitalize(), word.upper()]) if self.rng.random() < 0.2 else word

    def script_line(self, script):
        return " ".join(self.word(script) for _ in range(self.rng.randint(1, 12))) + (self.pick(PUNCTUATION) if self.rng.random() < 0.5 else "")

    def mixed(self):
        return "".join(self.word(self.pick(list(SCRIPTS))) + self.pick([" ", " ", "", self.pick(PUNCTUATION)]) for _ in range(self.rng.randint(2, 10)))

    def emoji(self):
        def one():
            kind = self.rng.randrange(6)
            if kind == 0:
                return self.pick(PEOPLE) + self.pick(SKIN)
            if kind == 1:
                return "\u200d".join(self.pick(PEOPLE) + (self.pick(SKIN) if self.rng.random() < 0.3 else "") for _ in range(self.rng.randint(2, 4)))
            if kind == 2:  # flags, sometimes half of one
                return "".join(chr(0x1F1E6 + self.rng.randrange(26)) for _ in range(self.rng.choice([2, 2, 4, 1, 3])))
            if kind == 3:
                return self.pick(THINGS) + self.pick(["\ufe0f", "\ufe0e", ""])
            if kind == 4:
                return self.pick("0123456789#*") + "\ufe0f\u20e3"
            return "🏴" + "".join(chr(0xE0061 + self.rng.randrange(26)) for _ in range(3)) + "\U000E007F"
        return self.pick(["", "a ", "dog "]) + self.pick(["", " "]).join(one() for _ in range(self.rng.randint(1, 6)))

    def sprinkled(self, items):
        text = list(self.pick(PLAIN))
        for _ in range(self.rng.randint(1, 6)):
            text.insert(self.rng.randint(0, len(text)), self.pick(items))
        return "".join(text)

    def long_word(self):
        return self.word(self.pick(list(SCRIPTS)), self.rng.randint(60, 260))

    def fragment(self):
        text = self.pick(PLAIN + HTML + SYMBOLS)
        begin = self.rng.randint(0, len(text))
        return text[begin : self.rng.randint(begin, len(text))] + self.pick(PLAIN)[: self.rng.randint(0, 20)]


PLAIN = PROMPTS + [line for group in LANGUAGES.values() for line in group]


def lines():
    d = Drawer(7)
    out = PLAIN + SYMBOLS + HTML + INNOCENT
    for script in SCRIPTS:
        out += [d.script_line(script) for _ in range(26)]
    for make, count in ((d.mixed, 180), (d.emoji, 160), (d.long_word, 40), (d.fragment, 160), (lambda: d.sprinkled(SPACES), 140), (lambda: d.sprinkled(INVISIBLE), 120),
                        (lambda: d.sprinkled(CONTROLS), 120), (lambda: d.sprinkled(SPECIAL), 160), (lambda: d.sprinkled([chr(c) for c in range(0x300, 0x340)]), 80)):
        out += [make() for _ in range(count)]
    return list(dict.fromkeys(out))
