"""Writes schedules.json (sigma tables and timesteps) and solvers.json (trajectories of a toy network), made by running the reference schedulers.

    pip install torch==2.11.0 diffusers==0.42.1
    pip install --no-deps --target OLD diffusers==0.36.0                      # the last one with the old UniPC grid
    # OFFICIAL: a folder with wan/utils/fm_solvers.py and fm_solvers_unipc.py of Wan-Video/Wan2.2 at 42bf4cf
    python3 tests/data/sampling/make_golden.py OFFICIAL OLD

Sigmas are those of the schedulers, float32. Trajectories are run in float64 over them (their own code, with its tensors widened), so that a
reference's float32 scalars, up to 1e-4 off in order 3, do not stand between the algebra and its test.
"""
import inspect
import itertools
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
GRIDS = [(n, s) for n in (1, 2, 3, 4, 5, 7, 10, 20, 40, 50) for s in (1.0, 3.0, 5.0, 8.0, 12.0)] + [
    (6, 2.22), (8, 17.0), (15, 5.0), (25, 5.0), (30, 0.7), (100, 12.0), (150, 8.0)]


def digits(values):
    return [float(f"{v:.9g}") for v in values]


def table(scheduler, steps):
    scheduler.set_timesteps(steps)
    return [digits(scheduler.sigmas.tolist()), digits(scheduler.timesteps.double().tolist())]


def diffusers_unipc_grids():
    from diffusers import UniPCMultistepScheduler
    return [table(UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=shift), steps) for steps, shift in GRIDS]


if sys.argv[1:] == ["--old"]:
    print(json.dumps(diffusers_unipc_grids()))
    sys.exit()

official_folder, old_folder = sys.argv[1:3]
sys.path.insert(0, official_folder)

import torch  # noqa: E402
from diffusers import DPMSolverMultistepScheduler, FlowMatchEulerDiscreteScheduler, UniPCMultistepScheduler  # noqa: E402
from fm_solvers import FlowDPMSolverMultistepScheduler, get_sampling_sigmas  # noqa: E402
from fm_solvers_unipc import FlowUniPCMultistepScheduler  # noqa: E402

FLOW = {"prediction_type": "flow_prediction", "use_flow_sigmas": True}


def official_unipc(steps, shift):
    scheduler = FlowUniPCMultistepScheduler(num_train_timesteps=1000, shift=1, use_dynamic_shifting=False)
    scheduler.set_timesteps(steps, shift=shift)
    return scheduler


def official_dpm(steps, shift):
    scheduler = FlowDPMSolverMultistepScheduler(num_train_timesteps=1000, shift=1, use_dynamic_shifting=False)
    scheduler.set_timesteps(sigmas=get_sampling_sigmas(steps, shift))
    return scheduler


def schedules():
    ready = lambda s: [digits(s.sigmas.tolist()), digits(s.timesteps.double().tolist())]
    old = subprocess.run([sys.executable, __file__, "--old"], env=os.environ | {"PYTHONPATH": old_folder}, check=True, capture_output=True, text=True).stdout
    return {
        "grids": GRIDS,
        "official unipc": [ready(official_unipc(*g)) for g in GRIDS],
        "official dpm++": [ready(official_dpm(*g)) for g in GRIDS],
        "diffusers unipc": diffusers_unipc_grids(),
        "diffusers dpm++": [table(DPMSolverMultistepScheduler(flow_shift=shift, **FLOW), steps) for steps, shift in GRIDS],
        "diffusers euler": [table(FlowMatchEulerDiscreteScheduler(shift=shift), steps) for steps, shift in GRIDS],
        "diffusers 0.36 unipc": json.loads(old),
    }


DIRECTION = torch.tensor([1.0, 2.0, -1.0, 0.5], dtype=torch.float64).view(1, 4, 1, 1, 1)
START = torch.tensor([1.0, -0.5, 0.25, -2.0], dtype=torch.float64).view(1, 4, 1, 1, 1)


def trajectory(scheduler):
    """The last sample of the toy flow v = tanh(x / 2 + (i + 1) / 10 direction)."""
    scheduler.sigmas = scheduler.sigmas.double()
    scheduler.set_begin_index(0)
    x = START
    for i, t in enumerate(scheduler.timesteps):
        v = torch.tanh(0.5 * x + 0.1 * (i + 1) * DIRECTION)
        x = scheduler.step(v, t, x, return_dict=False)[0]
    return [float(f"{v:.12g}") for v in x.flatten().tolist()]


def configs():
    """Scheduler configs (as in scheduler_config.json) of every kind that is supported."""
    for order, kind, lower, final in itertools.product((1, 2, 3), ("bh1", "bh2"), (True, False), ("zero", "sigma_min")):
        if (kind == "bh1" and final == "zero") or (not lower and (order == 3 or (order == 2 and final == "zero"))):
            continue  # divides by zero in diffusers
        yield UniPCMultistepScheduler, dict(solver_order=order, solver_type=kind, lower_order_final=lower, final_sigmas_type=final)
    yield UniPCMultistepScheduler, dict(disable_corrector=[0, 2])
    yield UniPCMultistepScheduler, dict(solver_type="midpoint")
    yield UniPCMultistepScheduler, dict(shift_terminal=0.05)
    yield UniPCMultistepScheduler, dict(num_train_timesteps=250)
    for order, kind, lower, euler, final in itertools.product((1, 2, 3), ("midpoint", "heun"), (True, False), (True, False), ("zero", "sigma_min")):
        yield DPMSolverMultistepScheduler, dict(solver_order=order, solver_type=kind, lower_order_final=lower, euler_at_final=euler, final_sigmas_type=final)
    yield DPMSolverMultistepScheduler, dict(solver_type="bh2", algorithm_type="deis", final_sigmas_type="sigma_min")
    yield DPMSolverMultistepScheduler, dict(final_sigmas_type="sigma_min", beta_start=0.002, beta_schedule="scaled_linear")
    yield FlowMatchEulerDiscreteScheduler, dict(shift_terminal=0.02)
    yield FlowMatchEulerDiscreteScheduler, dict(num_train_timesteps=250)
    yield FlowMatchEulerDiscreteScheduler, {}


def solvers():
    rows = []
    for kind, options in configs():
        accepted = inspect.signature(kind).parameters
        flow = {k: v for k, v in FLOW.items() if k in accepted}
        shift = {"shift" if "shift" in accepted else "flow_shift": 3.0}
        for steps in (2, 3, 4, 9, 16):
            scheduler = kind(**flow, **shift, **options)
            scheduler.set_timesteps(steps)
            rows.append({"config": {"_class_name": kind.__name__} | flow | shift | options, "steps": steps, "sigmas": digits(scheduler.sigmas.tolist()),
                         "last": trajectory(scheduler)})
    official = [{"solver": name, "steps": steps, "shift": shift, "last": trajectory(make(steps, shift))}
                for name, make in (("unipc", official_unipc), ("dpm++", official_dpm)) for steps in (1, 2, 3, 4, 9, 16, 40) for shift in (1.0, 5.0, 12.0)]
    return {"diffusers": rows, "official": official}


def write(name, document):
    text = json.dumps(document, separators=(",", ":")).replace("]],[[", "]],\n[[").replace("},{", "},\n{")
    (HERE / name).write_text(text + "\n")
    print(name, len(text))


write("schedules.json", schedules())
write("solvers.json", solvers())
