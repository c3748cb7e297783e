"""The clips of tests/support/metrics/synthetic_clip.cpp, byte for byte. Needs numpy."""
import numpy as np


def moving_ramps(frames, height, width):
    t, y, x, c = np.meshgrid(*map(np.arange, (frames, height, width, 3)), indexing="ij")
    phase = (x * 3 + y * (2 + c) + t * 7 + x * y // 16 + c * 60) & 511
    return np.where(phase > 255, 511 - phase, phase).astype(np.uint8)


def mix(v):
    m = np.uint64(0xFFFFFFFF)
    v = v ^ (v >> np.uint64(16))
    v = (v * np.uint64(0x7FEB352D)) & m
    v = v ^ (v >> np.uint64(15))
    v = (v * np.uint64(0x846CA68B)) & m
    return v ^ (v >> np.uint64(16))


def noisy(clip, amplitude, seed=1):
    index = (np.arange(clip.size, dtype=np.uint64) + np.uint64(seed * 0x9E3779B9 % 2**32)) & np.uint64(0xFFFFFFFF)
    noise = (mix(index) % np.uint64(2 * amplitude + 1)).astype(np.int64) - amplitude
    return np.clip(clip.astype(np.int64) + noise.reshape(clip.shape), 0, 255).astype(np.uint8)


def pair(case):
    """Reference and candidate [frames, height, width, 3] of {base, frames, height, width, amplitude}; base is "ramps" or a level."""
    shape = case["frames"], case["height"], case["width"]
    clip = moving_ramps(*shape) if case["base"] == "ramps" else np.full((*shape, 3), case["base"], np.uint8)
    return clip, noisy(clip, case["amplitude"])
