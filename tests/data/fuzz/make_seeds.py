"""Makes the seed corpora of the fuzz targets, one folder each: python3 make_seeds.py."""
import hashlib, json, pathlib, shutil, struct, zipfile, zlib

here = pathlib.Path(__file__).parent
for name in ("safetensors", "pickle", "torch_file", "y4m", "png", "tokenizer", "sentencepiece"):
    (here / name).mkdir(exist_ok=True)

def safetensors(name, header, data=b""):
    (here / "safetensors" / name).write_bytes(struct.pack("<Q", len(header)) + header.encode() + data)

entry = '{"dtype":"%s","shape":%s,"data_offsets":%s}'
safetensors("empty", "{}")
safetensors("one", '{"w":%s}' % (entry % ("F32", "[1,2]", "[0,8]")), bytes(8))
safetensors("two", '{"__metadata__":{"fps":"16"},"a":%s,"b":%s}' % (entry % ("U8", "[3]", "[2,5]"), entry % ("BF16", "[]", "[0,2]")), b"\1\2\3\4\5")
safetensors("zero", '{"a":%s}' % (entry % ("I64", "[0,4]", "[0,0]")))
safetensors("overlap", '{"a":%s,"b":%s}' % (entry % ("U8", "[2]", "[0,2]"), entry % ("U8", "[2]", "[1,3]")), b"abc")

for source in (here.parent / "pickle").glob("*.pkl"):
    shutil.copy(source, here / "pickle" / source.name)

def y4m(name, header, frames):
    (here / "y4m" / name).write_bytes(b"YUV4MPEG2 " + header.encode() + b"\n" + b"".join(b"FRAME\n" + f for f in frames))

y4m("c444", "W2 H2 F16:1 Ip A1:1 C444 XCOLORRANGE=FULL", [bytes(range(12))] * 2)
y4m("c420", "W3 H3 F24000:1001 Ip A0:0 C420jpeg", [bytes(range(17))])
y4m("mpeg2", "W4 H2 F25:1 C420mpeg2", [bytes(range(12))])
y4m("mono", "W2 H2 F1:1 Cmono", [bytes(4)])
y4m("plain", "W2 H2 F30:1", [bytes(6)])

def png(name, header, rows, *extra):  # header: width, height, depth, colour type, interlace
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    width, height, depth, colour, interlace = header
    (here / "png" / name).write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))
        + b"".join(chunk(*e) for e in extra) + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + r for r in rows), 0)) + chunk(b"IEND", b""))

png("rgb", (2, 2, 8, 2, 0), [bytes(range(6)), bytes(range(6, 12))])
png("grey16", (2, 1, 16, 0, 0), [bytes(range(4))])
png("palette", (4, 1, 2, 3, 0), [b"\x1b"], (b"PLTE", bytes(range(12))))
png("opaque", (1, 1, 8, 6, 0), [b"\1\2\3\xff"])
png("transparent", (1, 1, 8, 6, 0), [b"\1\2\3\x80"])
png("interlaced", (1, 1, 8, 2, 1), [b"\1\2\3"])
# video/ holds a clip of three frames of 16x16 that wan-generate's own writer has made.

tokenizer = json.loads((here.parent / "text/tokenizer_two_experts.json").read_text())
tokenizer["model"]["vocab"] = tokenizer["model"]["vocab"][:30]
(here / "tokenizer" / "file").write_text(json.dumps(tokenizer))
for name, text in {
    "html": "Tom &amp;amp; &#233; &#xA9; &EACUTE; &notit; &lt;b", "misread": "cafÃ© â€œlike thisâ€\ufffd ðŸš€ Ã la \x93x\x94",
    "width": "ＡＢ，　ﾊﾟ ﬁ Ǆ “q” ŉ", "breaks": "a\r\nb\u2028c\x1b[1;31md\x07\ufeff\n<e &amp;", "tokens": "a red  </s>  é\u0301▁▁ red!redder",
}.items():
    (here / "tokenizer" / name).write_text(text)

def torch_file(name, files):
    with zipfile.ZipFile(here / "torch_file" / name, "w", zipfile.ZIP_STORED) as archive:
        for entry, data in files.items():
            archive.writestr(zipfile.ZipInfo("x/" + entry), data)

index = (here.parent / "pickle/torch_index.pkl").read_bytes()
torch_file("whole", {"data.pkl": index, "byteorder": b"little", "data/0": bytes(24), "data/1": bytes(8), "version": b"3\n"})
torch_file("short", {"data.pkl": index, "data/0": bytes(24), "data/1": bytes(4)})
torch_file("empty", {"data.pkl": b"\x80\x02}."})

def fields(message):  # of a protocol buffer with lengths below 16384
    at = 0
    while at < len(message):
        begin, wire = at, message[at] & 7
        at += 1 if message[at] < 128 else 2
        if wire == 2:
            size, at = (message[at], at + 1) if message[at] < 128 else (message[at] & 127 | message[at + 1] << 7, at + 2)
            at += size
        else:
            at += 4 if wire == 5 else 1 if message[at] < 128 else 2
        yield message[begin:at]

for name in ("two_experts", "single_expert"):
    pieces = list(fields((here.parent / f"text/spiece_{name}.model").read_bytes()))
    (here / "sentencepiece" / name).write_bytes(b"".join(piece for i, piece in enumerate(pieces) if i < 30 or piece[0] != 0x0a))

configs = here / "checkpoint_config"
configs.mkdir(exist_ok=True)
for case in ("ten_steps_two_experts", "ti2v_one_frame_euler", "dpm_heun_third_order", "other_vae_and_buckets"):
    for name, document in json.loads((here.parent / "cases" / case / "case.json").read_text())["files"].items():
        if not name.startswith("transformer_2"):
            (configs / f"{case[:4]}_{name.split('/')[0].removesuffix('.json')}").write_text(json.dumps(document))
for name, text in {"official": '{"_class_name": "WanModel", "dim": 1536, "num_heads": 12, "model_type": "t2v"}',
                   "other_pipeline": '{"_class_name": "WanImageToVideoPipeline"}',
                   "many_refused": '{"solver_order": 9, "use_karras_sigmas": true, "prediction_type": "epsilon", "shift_terminal": 2, "flow_shift": -1}'}.items():
    (configs / name).write_text(text)

(here / "config").mkdir(exist_ok=True)
for source in [*(here.parents[2] / "suites/tiers").glob("*.toml"), *(here.parents[2] / "suites/prompts").glob("*.toml")][:4]:
    shutil.copy(source, here / "config" / source.name)

(here / "message").mkdir(exist_ok=True)
def message(name, *bodies):  # of a worker's channel: length, then JSON
    frames = [json.dumps(body).encode() for body in bodies]
    (here / "message" / name).write_bytes(b"".join(struct.pack("<I", len(frame)) + frame for frame in frames))

request = {"prompt": "a cat", "negative_prompt": None, "width": 16, "height": 16, "frames": 5, "steps": 2, "solver": "unipc",
           "solver_from_checkpoint": True, "shift": 0.0, "guidance_low": None, "guidance_high": 3.5, "seed": 2**64 - 1, "reference": "auto",
           "noise_source": "cpu", "noise_file": "", "keep_latents": False, "trajectory_file": ""}
load = {"checkpoint_dir": "x", "device": "cuda:1", "precision": "bfloat16",
        "optimizations": [{"id": "a", "parameters": {"b": True, "i": -3, "d": 0.5, "t": "x"}}], "loras": [{"path": "p", "scale": 1.0, "expert": ""}],
        "threads": 0, "strict": False, "prompt_cache_dir": "", "memory": {"clip": request, "keep_experts": False, "usable_bytes": 0}}
result = {"clip": {"frames": 5, "height": 2, "width": 3, "frames_per_second": 16.0, "nonfinite_values": 0},
          "stages": {"stages": [{"name": "vae_decode", "elapsed_s": 0.1}], "step_s": [0.5], "high_noise_steps": 1, "total_s": 2}, "latents": {"shape": [16, 2, 1, 1]},
          "transformer_forwards": 8, "nonfinite_latents": 0, "peak_bytes": 7,
          "memory": [{"stage": "vae_decode", "predicted_bytes": 1, "measured_bytes": 2}], "fallbacks": ["x"]}
report = {"load_s": 1.25, "weight_bytes": 5, "host_weight_bytes": 6, "weights_hash": "w", "fallbacks": [], "emulations": ["e"], "plan": []}
replay = {"steps": [{"step": 1, "low_noise": True, "relative_l2": "nan", "cosine": "-inf"}], "transformer_forwards": 4, "fallbacks": []}
steps = {"stages": {"stages": [{"name": "diffusion_loop", "elapsed_s": 0.1}], "step_s": [0.5, 0.25], "high_noise_steps": 1, "total_s": 1},
         "clip_high_noise_steps": 5, "clip_low_noise_steps": 7, "transformer_forwards": 4, "nonfinite_latents": 0, "latents_hash": "h",
         "peak_bytes": 7, "memory": [], "fallbacks": []}
message("requests", {"hello": {"protocol": 3, "build": "x"}}, {"load": {"request": load}}, {"generate": {"id": 1, "request": request}},
        {"cancel": {"id": 1}}, {"time_steps": {"id": 3, "request": request, "steps_an_expert": 3}}, {"replay": {"id": 2, "request": request, "trajectory_file": "t"}})
message("answers", {"hello": {"protocol": 4, "build": "x", "more": []}}, {"loaded": {"report": report}}, {"beat": {}}, {"step": {"done": 1, "total": 2}},
        {"generated": {"result": result}}, {"steps_timed": {"result": steps}}, {"replayed": {"result": replay}}, {"failed": {"kind": "fatal_cuda", "text": "lost", "code": 700}})
message("unknown", {"generate": {"id": 1}})
(here / "message" / "long").write_bytes(b"\xff\xff\xff\xff{}")

thresholds = {"min_ssim": 0.95, "max_lpips": 0.05, "min_psnr_db": 30.0, "reject_ssim": 0.9, "max_artifact_share": 0.1, "calibrated_ratio": 1.15,
              "teacher_forced_max": None, "materiality": 0.01, "min_speedup": 2.0,
              "levels": dict.fromkeys(["min_ssim", "reject_ssim", "max_lpips", "min_psnr_db", "max_artifact_share", "calibrated_ratio",
                                       "teacher_forced_max", "materiality", "claim", "min_speedup", "crashes", "out_of_memory", "nonfinite",
                                       "bit_equality", "audits"], "warn")}
configuration = {"id": "fast", "summary": "", "optimizations": [{"id": "fp8_linear", "parameters": {"scope": "ffn", "n": 3, "x": 0.5, "on": True}}],
                 "benefit": "speed", "claim": 1.3, "speed_baseline": "phase0", "quality_baseline": "bf16", "noise_floor": "bf16_twin",
                 "gate": "roadmap", "thresholds": thresholds, "guidance": None}
subject = {"configuration": configuration, "model": "wan-tiny", "weights_hash": "w", "machine_class": "cpu, 2 cores", "shape": "128x128"}
evidence = {"run_id": "20260101T000000Z-2-abcdef", "seal": "s", "build_id": "b", "outcome": "held", "prompts": 10, "seeds": 3}
(here / "rollout_event").mkdir(exist_ok=True)
for kind, changes in {"started": {"flags_file": "flags.toml", "subject": subject},
                      "advanced": {"phase": "batch", "subject": subject, "evidence": evidence},
                      "watched": {"phase": "production", "reason": "production_held: \u00a7 \"5\""},
                      "rolled_back": {"phase": "stress", "reason": "gate_failed: x", "evidence": evidence}}.items():
    event = {"schema": 1, "sequence": 1, "at": "2026-01-31T00:00:00Z", "event": kind, "configuration": "fast", "phase": "single_prompt",
             "flags_file": "", "reason": "", "subject": None, "evidence": None, "seal": "0123"}
    (here / "rollout_event" / kind).write_text(json.dumps(event | changes, separators=(",", ":")))

(here / "baseline").mkdir(exist_ok=True)
provenance = {"run_ids": ["night0", "night1"], "commit": "abc", "build_id": "b", "weights_hash": "w", "driver": "", "date": "2026-01-31T00:00:00Z",
              "reason": "\u00a7 \"5\""}
entry = {"configuration": "fast", "n": 3, "provenance": provenance,
         "figures": [{"name": "clip_s", "value": 0.5, "low": 1e-7, "high": 1, "nights": [0.5, 0.25]}]}
floor = {"configuration": "bf16_twin", "provenance": provenance,
         "scores": [{"score": "lpips.alex", "prompts": 6, "mean": -3.25, "standard_deviation": 0.125, "margin": 0.03125}],
         "distances": [{"name": "lpips.alex", "prompts": [{"prompt": "a", "log_distance": -5.5}]}]}
for name, changes in {"full": {}, "empty": {"entries": [], "floors": []}, "other_schema": {"schema": 3}, "wrong_type": {"tier": 2}}.items():
    document = {"schema": 2, "machine_class": "cpu, 2 cores", "plan_hash": "p", "tier": "2", "suite": "s", "model": "wan-tiny", "shape": "128x128",
                "entries": [entry], "floors": [floor]}
    (here / "baseline" / name).write_text(json.dumps(document | changes, indent=1) + "\n")
(here / "baseline" / "torn").write_text((here / "baseline" / "full").read_text()[:700])

(here / "feature_flags").mkdir(exist_ok=True)
head = 'schema = 1\n\n[[flag]]\nconfiguration = "fast"\nenabled = true\nphase = "production"\nsince = "2026-01-31T00:00:00Z"\n'
for name, text in {"none": "schema = 1\n", "one": head + 'optimizations = [\n  { id = "fa2" },\n  { id = "fp8_linear", scale = 0.5, scope = "ffn" },\n]\n',
                   "rolled_back": head.replace("true", "false").replace("production", "rolled_back") + 'reason = "a \\u007F \\"b\\""\nguidance = 1\noptimizations = []\n',
                   "faults": head + 'optimizations = ["fa4", { scope = 1 }]\nextra = 1\n'}.items():
    (here / "feature_flags" / name).write_text(text)

(here / "votes").mkdir(exist_ok=True)
digest = lambda text: hashlib.sha256(text.encode()).hexdigest()[:16]
whole = {"schema": 1, "run": digest("run\nfuzz"), "page": digest("page\nfuzz\n0\na\nb"), "seed": 0, "sitting": "00ff00ff00ff00ff",
         "rater": "Ada \u00e9", "trials": [{"id": "a", "choice": "left", "ms": 1500}, {"id": "b", "choice": "none", "ms": 0}]}
for name, changes in {"whole": {}, "twice": {"trials": whole["trials"][:1] * 2}, "other_schema": {"schema": 2}, "other_run": {"run": "x"},
                      "seed": {"seed": 2**53 - 1}, "unknown_choice": {"trials": [{"id": "a", "choice": "up", "ms": 1}]}}.items():
    (here / "votes" / name).write_text(json.dumps(whole | changes, indent=1) + "\n")
# A trial of the fuzz target's run, so that the search begins behind the check of ids.
fields_of = lambda what: "\n".join([what, "fuzz", "0", "fast", "p", "0", "", "bf16", ""])
ids = [hashlib.sha256(fields_of(what).encode()).hexdigest()[:16] for what in ("first", "repeat")]
trials = [{"id": one, "choice": choice, "ms": 900} for one, choice in zip(ids, ("left", "tie"))]
(here / "votes" / "judged").write_text(json.dumps(whole | {"trials": trials, "page": digest("page\nfuzz\n0\n" + "\n".join(ids))}, indent=1) + "\n")
