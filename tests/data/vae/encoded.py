"""Makes encoded.safetensors: one small video and what diffusers' AutoencoderKLWan encodes it to with the oracle's weights.

    python encoded.py <folder of the oracle> encoded.safetensors

Made with diffusers 0.42.1 and torch 2.11.0 in float32 on the CPU. Latents are normalised: (mode - mean) / std.
"""

import json
import pathlib
import sys

import torch
from diffusers import AutoencoderKLWan
from safetensors.torch import save_file

oracle, target = map(pathlib.Path, sys.argv[1:])
colour, frame, row, column = torch.meshgrid(*map(torch.arange, (3, 9, 32, 48)), indexing="ij")
video = (40 * colour + 11 * frame + 3 * row * (colour + 1) + 5 * column + row * column // 7) % 256  # a pattern that moves, with edges
tensors = {"video": video.to(torch.uint8)}
for case in ("t2v_two_experts_dev", "t2v_single_expert_dev", "ti2v_dev"):
    folder = oracle / case / "diffusers" / "vae"
    config = json.loads((folder / "config.json").read_text())
    vae = AutoencoderKLWan.from_pretrained(folder, torch_dtype=torch.float32)
    with torch.no_grad():
        mode = vae.encode(video[None].float() / 127.5 - 1).latent_dist.mode()[0]
    mean, std = (torch.tensor(config[key]).view(-1, 1, 1, 1) for key in ("latents_mean", "latents_std"))
    tensors[f"{case}.latents"] = ((mode - mean) * (1.0 / std)).contiguous()
save_file(tensors, target)
