"""Weights that Python and the engine make alike from a seed, so that a reference case holds no weights: engine/checkpoint/weights.cpp's
`random_weights` (SplitMix64, seeded by a tensor's official name, rounded to bfloat16) written down a second time for diffusers' modules."""
import re

import numpy as np
import torch

TEXT, TRANSFORMER, TRANSFORMER_2, VAE = range(4)  # what is added to a case's seed

_TRANSFORMER_NAMES = [
    (r"^condition_embedder\.text_embedder\.linear_1\.", "text_embedding.0."), (r"^condition_embedder\.text_embedder\.linear_2\.", "text_embedding.2."),
    (r"^condition_embedder\.time_embedder\.linear_1\.", "time_embedding.0."), (r"^condition_embedder\.time_embedder\.linear_2\.", "time_embedding.2."),
    (r"^condition_embedder\.time_proj\.", "time_projection.1."), (r"^proj_out\.", "head.head."), (r"^scale_shift_table$", "head.modulation"),
    (r"\.scale_shift_table$", ".modulation"), (r"\.attn1\.", ".self_attn."), (r"\.attn2\.", ".cross_attn."), (r"\.to_out\.0\.", ".o."),
    (r"\.to_([qkv])\.", r".\1."), (r"\.norm2\.", ".norm3."), (r"\.ffn\.net\.0\.proj\.", ".ffn.0."), (r"\.ffn\.net\.2\.", ".ffn.2."),
]
_TEXT_NAMES = [
    (r"^(shared|encoder\.embed_tokens)\.", "token_embedding."), (r"^encoder\.final_layer_norm\.", "norm."), (r"^encoder\.block\.(\d+)\.layer\.", r"blocks.\1."),
    (r"\.0\.layer_norm\.", ".norm1."), (r"\.1\.layer_norm\.", ".norm2."), (r"\.0\.SelfAttention\.relative_attention_bias\.", ".pos_embedding.embedding."),
    (r"\.0\.SelfAttention\.", ".attn."), (r"\.1\.DenseReluDense\.wi_0\.", ".ffn.gate.0."), (r"\.1\.DenseReluDense\.wi_1\.", ".ffn.fc1."),
    (r"\.1\.DenseReluDense\.wo\.", ".ffn.fc2."),
]
_VAE_LAYERS = [
    (r"\.norm1\.", ".residual.0."), (r"\.conv1\.", ".residual.2."), (r"\.norm2\.", ".residual.3."), (r"\.conv2\.", ".residual.6."), (r"\.conv_shortcut\.", ".shortcut."),
    (r"\.mid_block\.resnets\.0\.", ".middle.0."), (r"\.mid_block\.attentions\.0\.", ".middle.1."), (r"\.mid_block\.resnets\.1\.", ".middle.2."),
    (r"\.norm_out\.", ".head.0."), (r"\.conv_out\.", ".head.2."), (r"\.conv_in\.", ".conv1."), (r"^quant_conv\.", "conv1."), (r"^post_quant_conv\.", "conv2."),
]


def _rewrite(name, rules):
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    return name


def _vae_name(name, config):
    blocks = config.num_res_blocks
    name = _rewrite(name, _VAE_LAYERS)
    if config.is_residual:
        name = re.sub(r"\.down_blocks\.(\d+)\.resnets\.", r".downsamples.\1.downsamples.", name)
        name = re.sub(r"\.down_blocks\.(\d+)\.downsampler\.", rf".downsamples.\1.downsamples.{blocks}.", name)
        name = re.sub(r"\.up_blocks\.(\d+)\.resnets\.", r".upsamples.\1.upsamples.", name)
        return re.sub(r"\.up_blocks\.(\d+)\.upsampler\.", rf".upsamples.\1.upsamples.{blocks + 1}.", name)
    name = name.replace(".down_blocks.", ".downsamples.")
    name = re.sub(r"\.up_blocks\.(\d+)\.resnets\.(\d+)\.", lambda m: f".upsamples.{int(m[1]) * (blocks + 2) + int(m[2])}.", name)
    return re.sub(r"\.up_blocks\.(\d+)\.upsamplers\.0\.", lambda m: f".upsamples.{int(m[1]) * (blocks + 2) + blocks + 1}.", name)


def official_name(component, name, config):
    """The official repository's name of a tensor of diffusers' (component: one of the four constants above)."""
    if component == VAE:
        return _vae_name(name, config)
    return _rewrite(name, _TEXT_NAMES if component == TEXT else _TRANSFORMER_NAMES)


def _tensor(name, shape, seed):
    state = seed & (2**64 - 1)
    for byte in name.encode():
        state = (state * 1099511628211 + byte) & (2**64 - 1)
    count = int(np.prod(shape))
    with np.errstate(over="ignore"):
        z = np.uint64(state) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    unit = ((z >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1.0).astype(np.float32)
    bias = name.endswith("bias")
    norm = "norm" in name or name.endswith("gamma")
    spread = np.float32(0.05) if bias or norm else np.sqrt(np.float32(3.0) / np.float32(int(np.prod(shape[1:]))))
    values = np.float32(1.0 if norm and not bias else 0.0) + spread * unit
    return torch.from_numpy(values.reshape(shape)).to(torch.bfloat16).float()


@torch.no_grad()
def fill(module, component, seed):
    """Gives every parameter of a module its portable value."""
    for name, parameter in module.named_parameters():
        parameter.copy_(_tensor(official_name(component, name, module.config), tuple(parameter.shape), seed + component))
