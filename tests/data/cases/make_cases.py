"""Makes the reference cases: tiny Wan pipelines with portable random weights, run by diffusers in float32 on the CPU.

    pip install torch==2.11.0 diffusers==0.42.1 transformers==5.23.0 accelerate tokenizers safetensors ftfy regex
    python3 tests/data/cases/make_cases.py                      # the committed ones, into this folder
    python3 tests/data/cases/make_cases.py build/dev/cases 1 40 # drawn ones, seeds 1 to 40; the tests of that build tree run what lies there

A case is case.json (configs, arguments, token ids, counts) and expected.safetensors. Everything in both was drawn or computed; no weight, text or
code of a released model is in them.
"""
import contextlib
import json
import pathlib
import shutil
import sys
import tempfile

import diffusers
import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer

from case_list import CASES, draw
from portable_weights import TEXT, TRANSFORMER, TRANSFORMER_2, VAE, fill

HERE = pathlib.Path(__file__).parent
TOKENIZERS = HERE.parent / "text"
COMPONENTS = [("text_encoder", TEXT), ("transformer", TRANSFORMER), ("transformer_2", TRANSFORMER_2), ("vae", VAE)]


def tokenizer_document(case):
    document = json.loads((TOKENIZERS / f"tokenizer_{case['tokenizer']}.json").read_text())
    return document if case["post_processor"] else document | {"post_processor": None}


def tokenizer(case):
    """tokenizer.json as it stands: transformers 5 rebuilds what it calls a T5 tokenizer."""
    made = transformers.PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(tokenizer_document(case))), pad_token="<pad>", eos_token="</s>")
    own = Tokenizer.from_str(json.dumps(tokenizer_document(case)))
    own.enable_truncation(512)
    probe = "a red fox ½ </s> runs"
    assert made(probe, truncation=True, max_length=512)["input_ids"] == own.encode(probe).ids
    return made


def configs(case):
    """The JSON files of the checkpoint folder."""
    second = {"transformer_2": case["dit"]} if case["boundary"] is not None else {}
    index = {
        "_class_name": "WanPipeline", "boundary_ratio": case["boundary"], "expand_timesteps": case["expand"], "scheduler": ["diffusers", case["scheduler"]["_class_name"]],
        "text_encoder": ["transformers", "UMT5EncoderModel"], "tokenizer": ["transformers", "T5TokenizerFast"], "transformer": ["diffusers", "WanTransformer3DModel"],
        "transformer_2": ["diffusers", "WanTransformer3DModel"] if second else [None, None], "vae": ["diffusers", "AutoencoderKLWan"],
    } | (case["index"] or {})
    folders = {"scheduler": case["scheduler"], "text_encoder": case["encoder"], "transformer": case["dit"], "vae": case["vae"]} | second
    return {"model_index.json": index} | {f"{name}/{'scheduler_config' if name == 'scheduler' else 'config'}.json": value for name, value in folders.items()}


def build(case):
    strip = lambda config: {k: v for k, v in config.items() if k != "_class_name"}
    modules = {
        "text_encoder": transformers.UMT5EncoderModel(transformers.UMT5Config(**strip(case["encoder"]))),
        "transformer": diffusers.WanTransformer3DModel(**strip(case["dit"])),
        "vae": diffusers.AutoencoderKLWan(**strip(case["vae"])),
    }
    if case["boundary"] is not None:
        modules["transformer_2"] = diffusers.WanTransformer3DModel(**strip(case["dit"]))
    for name, component in COMPONENTS:
        if name in modules:
            fill(modules[name].eval(), component, case["seed"])
    scheduler = getattr(diffusers, case["scheduler"]["_class_name"])(**strip(case["scheduler"]))
    pipeline = diffusers.WanPipeline(tokenizer=tokenizer(case), scheduler=scheduler, boundary_ratio=case["boundary"], expand_timesteps=case["expand"], **modules)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


class Recorder:
    """What goes into and comes out of the solver, and how often a transformer ran."""

    def __init__(self, pipeline):
        self.inputs, self.velocities, self.timesteps, self.low_noise, self.forwards = [], [], [], [], 0
        step = pipeline.scheduler.step
        boundary = pipeline.config.boundary_ratio

        def recorded(velocity, t, latents, **kwargs):
            self.inputs.append(latents[0].clone())
            self.velocities.append(velocity[0].float().clone())
            self.timesteps.append(float(t))
            self.low_noise.append(boundary is not None and float(t) < boundary * pipeline.scheduler.config.num_train_timesteps)
            return step(velocity, t, latents, **kwargs)

        pipeline.scheduler.step = recorded
        for module in (pipeline.transformer, pipeline.transformer_2):
            if module is not None:
                module.register_forward_hook(self.count)

    def count(self, *_):
        self.forwards += 1


def run(case, pipeline, noise):
    arguments = dict(prompt=case["prompt"], negative_prompt=case["negative"], width=case["size"][0], height=case["size"][1], num_frames=case["frames"],
                     num_inference_steps=case["steps"], guidance_scale=case["high"], latents=noise[None].clone())
    if case["boundary"] is not None and case["low"] is not None:
        arguments["guidance_scale_2"] = case["low"]
    seen = Recorder(pipeline)
    with torch.no_grad():
        latents = pipeline(output_type="latent", **arguments).frames[0]
        mean, std = (torch.tensor(v).view(1, -1, 1, 1, 1) for v in (pipeline.vae.config.latents_mean, pipeline.vae.config.latents_std))
        decoded = pipeline.vae.decode(latents[None] / (1.0 / std) + mean, return_dict=False)[0]
    video = (decoded[0].permute(1, 2, 3, 0) / 2 + 0.5).clamp(0, 1)  # [frames, H, W, 3]
    return seen, latents, video


def bf16_errors(case, seen):
    """Relative error of the reference's own bfloat16 velocities at its float32 run's latents, step by step."""
    with tempfile.TemporaryDirectory() as folder:
        pipeline = build(case)
        pipeline.save_pretrained(folder)
        # As its users load it: the VAE in float32, norms, modulation and time embedding as the class keeps them.
        vae = diffusers.AutoencoderKLWan.from_pretrained(folder, subfolder="vae", dtype=torch.float32)
        low = diffusers.WanPipeline.from_pretrained(folder, vae=vae, tokenizer=tokenizer(case), dtype=torch.bfloat16)
    low.set_progress_bar_config(disable=True)
    errors, inputs = [], iter(seen.inputs[1:] + seen.inputs[:1])
    velocities = iter(seen.velocities)

    def replay(velocity, t, latents, **kwargs):
        expected = next(velocities).double()
        errors.append(((velocity[0].double() - expected).norm() / expected.norm()).item())
        return (next(inputs)[None].clone(),)

    low.scheduler.step = replay
    arguments = {"guidance_scale_2": case["low"]} if case["boundary"] is not None and case["low"] is not None else {}
    with torch.no_grad():
        low(case["prompt"], case["negative"], width=case["size"][0], height=case["size"][1], num_frames=case["frames"], num_inference_steps=case["steps"],
            guidance_scale=case["high"], latents=seen.inputs[0][None].clone(), output_type="latent", **arguments)
    return errors


def write(case, folder):
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    pipeline = build(case)
    vae = pipeline.vae.config
    shape = (vae.z_dim, (case["frames"] - 1) // vae.scale_factor_temporal + 1, case["size"][1] // vae.scale_factor_spatial, case["size"][0] // vae.scale_factor_spatial)
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(case["seed"]))
    seen, latents, video = run(case, pipeline, noise)
    assert latents.isfinite().all() and video.isfinite().all(), case["name"]
    tensors = {"noise": noise, "latents": latents, "video": (video * 255).to(torch.uint8)}
    document = {
        "seed": case["seed"], "files": configs(case), "tokenizer": f"tokenizer_{case['tokenizer']}.json", "post_processor": case["post_processor"],
        "prompt": case["prompt"], "negative_prompt": case["negative"], "width": case["size"][0], "height": case["size"][1], "frames": case["frames"], "steps": case["steps"],
        "guidance_high": case["high"], "guidance_low": case["high"] if case["low"] is None else case["low"], "forwards": seen.forwards,
        "versions": {"diffusers": diffusers.__version__, "transformers": transformers.__version__, "torch": torch.__version__.split("+")[0]},
    }
    if case["bf16"]:
        document["bf16_errors"] = bf16_errors(case, seen)
        save_file({"latents": torch.stack(seen.inputs), "velocity": torch.stack(seen.velocities), "timesteps": torch.tensor(seen.timesteps, dtype=torch.float64),
                   "low_noise": torch.tensor(seen.low_noise, dtype=torch.uint8)}, folder / "trajectory.safetensors")
    save_file({k: v.contiguous() for k, v in tensors.items()}, folder / "expected.safetensors")
    (folder / "case.json").write_text(json.dumps(document, ensure_ascii=True, indent=1) + "\n")
    print(f"{case['name']}: {seen.forwards} forwards, |latents| {latents.norm():.3f}, video {video.mean():.3f} +- {video.std():.3f}", document.get("bf16_errors", ""))


def main():
    torch.set_num_threads(1)
    diffusers.utils.logging.set_verbosity_error()
    if len(sys.argv) == 4:
        for seed in range(int(sys.argv[2]), int(sys.argv[3]) + 1):
            write(draw(seed), pathlib.Path(sys.argv[1]) / f"drawn_{seed}")
        return
    for case in CASES:
        if len(sys.argv) < 2 or sys.argv[1] == case["name"]:
            write(case, HERE / case["name"])


main()
