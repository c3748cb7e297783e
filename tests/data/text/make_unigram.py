"""Trains tokenizer_unigram.json: a Unigram vocabulary of the size and shape of a real one, in the form of umt5's tokenizer.json.

    pip install sentencepiece==0.2.3 protobuf && python3 tests/data/text/make_unigram.py
    python3 tests/data/text/make_unigram.py 32000 build/dev/tokenizers    # larger, with the whole NFKC character map, too big for the tree

The training text is made here: the sentences of sentences.py, and words that are drawn letter by letter from each script with a frequency that
falls with their rank. Nothing of anybody's corpus is in it.
"""
import base64
import io
import json
import pathlib
import random
import sys

import sentencepiece
from sentencepiece import sentencepiece_model_pb2

from lines import PLAIN, SCRIPTS, Drawer

HERE = pathlib.Path(__file__).parent
EXTRA = 8  # umt5 has 300


def corpus(seed=11):
    rng, drawer = random.Random(seed), Drawer(seed)
    words = {script: [drawer.word(script) for _ in range(1200)] for script in SCRIPTS}
    for script, lexicon in words.items():  # compounds, so that pieces are worth more than letters
        lexicon += [rng.choice(lexicon[:200]) + rng.choice(lexicon[:200]) for _ in range(400)]
    yield from PLAIN * 20
    for _ in range(16000):
        lexicon = words[rng.choice(list(SCRIPTS))]
        yield " ".join(lexicon[min(int(rng.paretovariate(0.6)) - 1, len(lexicon) - 1)] for _ in range(rng.randint(3, 14)))


def train(pieces):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=corpus(), model_writer=model, model_type="unigram", vocab_size=pieces, character_coverage=0.9999, hard_vocab_limit=False,
        normalization_rule_name="nmt_nfkc", pad_id=0, eos_id=1, bos_id=2, unk_id=3, num_threads=1, minloglevel=2)
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model.getvalue())
    return proto


def document(proto, character_map):
    vocabulary = [[p.piece, 0.0 if p.type != 1 else round(p.score, 5)] for p in proto.pieces]
    extra = [f"<extra_id_{i}>" for i in reversed(range(EXTRA))]
    added = [(name, i) for i, name in enumerate(["<pad>", "</s>", "<s>", "<unk>"])] + [(name, len(vocabulary) + i) for i, name in enumerate(extra)]
    vocabulary += [[name, 0.0] for name in extra]
    chain = [{"type": "Strip", "strip_left": False, "strip_right": True}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}]
    if character_map:
        chain.insert(0, {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(proto.normalizer_spec.precompiled_charsmap).decode()})
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    end = {"SpecialToken": {"id": "</s>", "type_id": 0}}
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [{"id": i, "content": name} | flags for name, i in added],
        "normalizer": {"type": "Sequence", "normalizers": chain},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, end],
                           "pair": [{"Sequence": {"id": "A", "type_id": 0}}, end, {"Sequence": {"id": "B", "type_id": 0}}, end],
                           "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}}},
        "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "model": {"type": "Unigram", "unk_id": 3, "vocab": vocabulary, "byte_fallback": False},
    }


def main():
    large = len(sys.argv) == 3
    target = pathlib.Path(sys.argv[2]) if large else HERE
    target.mkdir(parents=True, exist_ok=True)
    made = document(train(int(sys.argv[1]) if large else 8000), character_map=large)
    path = target / "tokenizer_unigram.json"
    path.write_text(json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(path, len(made["model"]["vocab"]), "pieces", path.stat().st_size, "bytes")


main()
