"""Runs `wan-eval metrics` on arrays."""
import json
import struct
import subprocess
import tempfile

import numpy as np


def write_clip(path, clip):  # safetensors: wan-eval reads it without loss
    header = {"video": {"dtype": "U8", "shape": clip.shape, "data_offsets": [0, clip.nbytes]}}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + np.ascontiguousarray(clip).tobytes())


def score(program, reference, candidate, names):
    """Entries by score id; an entry has per_frame and pooled, or error."""
    with tempfile.TemporaryDirectory() as folder:
        for name, clip in (("reference", reference), ("candidate", candidate)):
            write_clip(f"{folder}/{name}.safetensors", clip)
        command = [program, "metrics", "--reference", f"{folder}/reference.safetensors", "--candidate", f"{folder}/candidate.safetensors"]
        run = subprocess.run([*command, "--metrics", ",".join(names)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if not run.stdout:
            raise RuntimeError(run.stderr)
        return {entry["metric"]: entry for entry in json.loads(run.stdout)["scores"]}
