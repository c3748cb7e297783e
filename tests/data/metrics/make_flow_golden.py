"""Writes flow_golden.json: tOF as TecoGAN's script computes it, and warp error as Lai et al. define it, of synthetic pairs.

Needs numpy and opencv-python-headless (made with 1.26.4 and 4.6.0.66, Debian 12's; dense inverse search differs between
versions by tens of percent, Farneback by nothing): python make_flow_golden.py > flow_golden.json
The clips are those of tests/support/metrics/synthetic_clip.cpp.
"""
import json

import cv2
import numpy as np

from synthetic_clip import moving_ramps, noisy

cv2.setNumThreads(1)


def grey(clip):
    return [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in clip]


def cropped(flow):
    height, width = flow.shape[:2]
    h, w = height // 32 * 32, width // 32 * 32
    while h > height - 16:
        h -= 32
    while w > width - 16:
        w -= 32
    y, x = (height - h) // 2, (width - w) // 2
    return flow[y : y + h, x : x + w]


def tof(reference, candidate):
    a, b = grey(reference), grey(candidate)
    out = []
    for i in range(3, len(a) - 2):
        flows = [cropped(cv2.calcOpticalFlowFarneback(c[i - 1], c[i], None, 0.5, 3, 15, 3, 5, 1.2, 0)) for c in (a, b)]
        difference = np.abs(flows[0] - flows[1])
        out.append(float(np.sqrt(np.sum(difference * difference, axis=-1)).mean()))
    return out


def along(image, flow):  # bilinear, points beyond the border moved onto it; image [H, W, C] float64
    h, w = flow.shape[:2]
    y, x = np.mgrid[:h, :w]
    x, y = np.clip(x + flow[..., 0].astype(np.float64), 0, w - 1), np.clip(y + flow[..., 1].astype(np.float64), 0, h - 1)
    x0, y0 = x.astype(int), y.astype(int)
    x1, y1 = np.minimum(x0 + 1, w - 1), np.minimum(y0 + 1, h - 1)
    fx, fy = (x - x0)[..., None], (y - y0)[..., None]
    top = image[y0, x0] * (1 - fx) + image[y0, x1] * fx
    return top * (1 - fy) + (image[y1, x0] * (1 - fx) + image[y1, x1] * fx) * fy


def usable(forward, backward):
    forward, backward = forward.astype(np.float64), backward.astype(np.float64)
    back = along(backward, forward)
    size = (forward**2).sum(-1)
    occluded = ((forward + back) ** 2).sum(-1) > 0.01 * (size + (back**2).sum(-1)) + 0.5
    gradient = np.zeros(size.shape)
    gradient[:, :-1] += ((forward[:, :-1] - forward[:, 1:]) ** 2).sum(-1)
    gradient[:-1] += ((forward[:-1] - forward[1:]) ** 2).sum(-1)
    return ~occluded & (gradient <= 0.01 * size + 0.002)


def warp(reference, candidate):
    dis = lambda a, b: cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST).calc(a, b, None)
    g, out, shares = grey(reference), {"reference": [], "candidate": []}, []
    for i in range(len(g) - 1):
        forward = dis(g[i], g[i + 1])
        mask = usable(forward, dis(g[i + 1], g[i]))
        shares.append(float(mask.mean()))
        for name, clip in (("reference", reference), ("candidate", candidate)):
            a, b = clip[i] / 255.0, along(clip[i + 1] / 255.0, forward)
            out[name].append(float(((a - b) ** 2)[mask].mean()) if mask.any() else 0.0)
    return out | {"usable": shares}


CASES = [(6, 48, 50, 10), (8, 96, 128, 10), (7, 121, 167, 40)]
out = []
for frames, height, width, amplitude in CASES:
    clip = moving_ramps(frames, height, width)
    other = noisy(clip, amplitude)
    case = {"frames": frames, "height": height, "width": width, "amplitude": amplitude}
    out.append(case | {"tof.tecogan": tof(clip, other), "warp": warp(clip, other)})
print(json.dumps(out, indent=1))
