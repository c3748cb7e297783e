"""The tools that the presets of MSE, PSNR, SSIM and MS-SSIM reproduce, each as a function of two clips [frames, height, width, 3] uint8.

Needs numpy, scikit-image, torch, pytorch_msssim, torchmetrics (1.4.2 or later) and an ffmpeg with libvmaf (imageio-ffmpeg brings one).
"""
import json
import os
import subprocess
import tempfile
import warnings

import imageio_ffmpeg
import numpy as np
import pytorch_msssim
import torch
import torch.nn.functional as F
import torchmetrics.functional.image as torchmetrics
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity


def by_frame(score):
    return lambda a, b: [float(score(x, y)) for x, y in zip(a, b)]


def tensor(frame, dtype=torch.float64):  # [1, 3, height, width], 0..255
    return torch.from_numpy(np.ascontiguousarray(frame.transpose(2, 0, 1)))[None].to(dtype)


@by_frame
def skimage_gaussian(a, b):
    return structural_similarity(a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255, channel_axis=2)


@by_frame
def skimage7(a, b):
    return structural_similarity(a, b, data_range=255, channel_axis=2)


@by_frame
def torchmetrics_ssim(a, b):
    return torchmetrics.structural_similarity_index_measure(tensor(b), tensor(a), data_range=255.0)


@by_frame
def torchmetrics_ms_ssim(a, b):
    return torchmetrics.multiscale_structural_similarity_index_measure(tensor(b), tensor(a), data_range=255.0)


@by_frame
def pytorch_msssim_ssim(a, b):
    with warnings.catch_warnings():  # a side less than the window: it leaves out that side's filter with a warning
        warnings.simplefilter("error")
        return pytorch_msssim.ssim(tensor(a), tensor(b), data_range=255)


@by_frame
def pytorch_msssim_ms_ssim(a, b):
    return pytorch_msssim.ms_ssim(tensor(a), tensor(b), data_range=255)


@by_frame
def svg(a, b):
    """The definition in Sparse-VideoGen's metric script, written down anew: 11x11 means with zeros beyond the border, on 0..1."""
    def mean(x):
        return F.avg_pool2d(x, 11, stride=1, padding=5)

    x, y = tensor(a) / 255, tensor(b) / 255
    mx, my = mean(x), mean(y)
    variances, covariance = mean(x * x) - mx**2 + mean(y * y) - my**2, mean(x * y) - mx * my
    return ((2 * mx * my + 1e-4) * (2 * covariance + 9e-4) / ((mx**2 + my**2 + 1e-4) * (variances + 9e-4))).mean()


def run_ffmpeg(planes_a, planes_b, pixel_format, graph):
    """Runs a filter of two inputs (distorted first); planes are [frames, 3, height, width]. `graph` may name {folder}."""
    frames, _, height, width = planes_a.shape
    with tempfile.TemporaryDirectory() as folder:
        inputs = []
        for name, planes in (("b", planes_b), ("a", planes_a)):
            with open(f"{folder}/{name}", "wb") as file:
                file.write(np.ascontiguousarray(planes).tobytes())
            inputs += ["-f", "rawvideo", "-pix_fmt", pixel_format, "-s", f"{width}x{height}", "-r", "16", "-i", f"{folder}/{name}"]
        command = [os.environ.get("WAN_FFMPEG") or imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostats", *inputs]
        subprocess.run([*command, "-lavfi", graph.format(folder=folder), "-f", "null", "-"], capture_output=True, check=True)
        with open(f"{folder}/log") as file:
            return file.read()


def ffmpeg_ssim(a, b):  # prints six decimals
    planes = [clip[..., [1, 2, 0]].transpose(0, 3, 1, 2) for clip in (a, b)]
    log = run_ffmpeg(*planes, "gbrp", "ssim=stats_file={folder}/log")
    return [float(line.split("All:")[1].split()[0]) for line in log.splitlines()]


def yuv(clip):
    rgb = clip.astype(np.int64)
    luma = (299 * rgb[..., 0] + 587 * rgb[..., 1] + 114 * rgb[..., 2] + 500) // 1000
    return np.stack([luma.astype(np.uint8)] + [np.full(luma.shape, 128, np.uint8)] * 2, 1)


def ffmpeg_psnr(a, b):  # of the clip; its mean squared errors are printed with two decimals
    planes = [clip[..., [1, 2, 0]].transpose(0, 3, 1, 2) for clip in (a, b)]
    log = run_ffmpeg(*planes, "gbrp", "psnr=stats_file={folder}/log")
    mean = np.mean([float(line.split("mse_avg:")[1].split()[0]) for line in log.splitlines()])
    return [10 * np.log10(255**2 / mean)]


def vmaf(feature, metric=None):  # prints six decimals
    def run(a, b):
        log = run_ffmpeg(yuv(a), yuv(b), "yuv444p", f"libvmaf=feature='name={feature}':log_fmt=json:log_path={{folder}}/log")
        return [frame["metrics"][metric or feature] for frame in json.loads(log)["frames"]]

    return run


# Score, its tool in float64 where the tool can, tolerance.
PEERS = {
    "mse": (by_frame(mean_squared_error), 1e-9),
    "psnr": (by_frame(lambda a, b: peak_signal_noise_ratio(a, b, data_range=255)), 1e-9),
    "psnr.vmaf": (vmaf("psnr", "psnr_y"), 1e-6),
    "psnr.ffmpeg": (ffmpeg_psnr, 5e-3),
    "ssim.ipol": (skimage_gaussian, 1e-9),
    "ssim.skimage7": (skimage7, 1e-9),
    "ssim.torchmetrics": (torchmetrics_ssim, 1e-9),
    "ssim.pytorch_msssim": (pytorch_msssim_ssim, 1e-9),
    "ssim.svg": (svg, 1e-9),
    "ssim.ffmpeg": (ffmpeg_ssim, 1e-6),
    "ssim.vmaf": (vmaf("float_ssim"), 1e-6),
    "msssim.pytorch_msssim": (pytorch_msssim_ms_ssim, 1e-9),
    "msssim.torchmetrics": (torchmetrics_ms_ssim, 1e-9),
    "msssim.vmaf": (vmaf("float_ms_ssim"), 1e-6),
}
