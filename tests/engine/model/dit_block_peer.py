"""The peer of dit_block_benchmark.cpp: the same block written in PyTorch eager, the same shapes, dtypes and threads.

  python3 dit_block_peer.py {tiny|large} {bfloat16|float32} THREADS      prints the median microseconds of one forward
Needs torch 2.11. Weights are random; cross attention's keys and values are computed beforehand, as in the engine.
"""
import json, os, sys, time

import torch
import torch.nn.functional as F

shape, dtype, threads = sys.argv[1], getattr(torch, sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
torch.manual_seed(0)
if shape == "tiny":
    config = json.load(open(os.path.join(os.path.dirname(__file__), "../../../suites/models/wan-tiny/transformer/config.json")))
    heads, hd, ff, eps = (config[k] for k in ("num_attention_heads", "attention_head_dim", "ffn_dim", "eps"))
    tokens, words, repeats = 5 * 8 * 8, config["text_len"], 350
else:  # Wan2.1 T2V-1.3B, one latent frame of 832x480
    heads, hd, ff, eps = 12, 128, 8960, 1e-6
    tokens, words, repeats = 30 * 52, 512, 14
d = heads * hd


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        linear = lambda i, o: torch.nn.Linear(i, o, dtype=dtype)
        self.q, self.k, self.v, self.o, self.cq, self.co = (linear(d, d) for _ in range(6))
        self.up, self.down = linear(d, ff), linear(ff, d)
        self.modulation = torch.nn.Parameter(torch.randn(1, 6, d))
        self.norm_q, self.norm_k, self.norm_cq = (torch.nn.RMSNorm(d, eps=eps) for _ in range(3))
        self.norm = torch.nn.LayerNorm(d, eps=eps, elementwise_affine=False)
        self.norm3 = torch.nn.LayerNorm(d, eps=eps)

    def heads_of(self, x):
        return x.unflatten(2, (heads, hd)).transpose(1, 2)

    def rotate(self, x, rotation):  # [1, L, d] float32 -> [1, heads, L, hd]
        x = torch.view_as_complex(x.unflatten(2, (heads, hd // 2, 2))) * rotation
        return torch.view_as_real(x).flatten(3).to(dtype).transpose(1, 2)

    def forward(self, x, time_embedding, key, value, rotation):
        m = (self.modulation + time_embedding).chunk(6, dim=1)
        a = (self.norm(x) * (1 + m[1]) + m[0]).to(dtype)
        q = self.rotate(self.norm_q(self.q(a).float()), rotation)
        k = self.rotate(self.norm_k(self.k(a).float()), rotation)
        y = F.scaled_dot_product_attention(q, k, self.heads_of(self.v(a)))
        x = x + self.o(y.transpose(1, 2).flatten(2)) * m[2]
        c = self.norm_cq(self.cq(self.norm3(x).to(dtype)).float()).to(dtype)
        y = F.scaled_dot_product_attention(self.heads_of(c), key, value)
        x = x + self.co(y.transpose(1, 2).flatten(2))
        b = (self.norm(x) * (1 + m[4]) + m[3]).to(dtype)
        return x + self.down(F.gelu(self.up(b), approximate="tanh")) * m[5]


with torch.inference_mode():
    block = Block()
    x, e = torch.randn(1, tokens, d), torch.randn(1, 6, d)
    key, value = torch.randn(1, heads, words, hd, dtype=dtype), torch.randn(1, heads, words, hd, dtype=dtype)
    rotation = torch.polar(torch.ones(tokens, 1, hd // 2), torch.randn(tokens, 1, hd // 2))
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        block(x, e, key, value, rotation)
        times.append(time.perf_counter() - start)
times = times[repeats // 7 :]  # warm-up
print(sorted(times)[len(times) // 2] * 1e6)
