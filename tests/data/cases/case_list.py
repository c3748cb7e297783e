"""The cases of make_cases.py: a model's configs, a scheduler's, and the arguments of one run. What is not said is the default of `case`."""
import random

UNIPC = {
    "_class_name": "UniPCMultistepScheduler", "num_train_timesteps": 1000, "solver_order": 2, "prediction_type": "flow_prediction", "thresholding": False,
    "predict_x0": True, "solver_type": "bh2", "lower_order_final": True, "disable_corrector": [], "use_flow_sigmas": True, "flow_shift": 5.0,
    "timestep_spacing": "linspace", "final_sigmas_type": "zero",
}
DPM = {
    "_class_name": "DPMSolverMultistepScheduler", "num_train_timesteps": 1000, "solver_order": 2, "prediction_type": "flow_prediction", "thresholding": False,
    "algorithm_type": "dpmsolver++", "solver_type": "midpoint", "lower_order_final": True, "euler_at_final": False, "use_flow_sigmas": True, "flow_shift": 5.0,
    "final_sigmas_type": "zero",
}
EULER = {"_class_name": "FlowMatchEulerDiscreteScheduler", "num_train_timesteps": 1000, "shift": 5.0}

MEAN = [-0.7571, -0.7089, -0.9113, 0.1075, -0.1745, 0.9653, -0.1517, 1.5508, 0.4134, -0.0715, 0.5517, -0.3632, -0.1922, -0.9497, 0.2503, -0.2921]
STD = [2.8184, 1.4541, 2.3275, 2.6558, 1.2196, 1.7708, 2.6052, 2.0743, 3.2687, 2.1526, 2.8652, 1.5579, 1.6382, 1.1253, 2.8251, 1.9160]


def transformer(heads, head_dim, ffn, text_dim, layers=2, channels=16, **more):
    return {"_class_name": "WanTransformer3DModel", "num_attention_heads": heads, "attention_head_dim": head_dim, "ffn_dim": ffn, "num_layers": layers,
            "in_channels": channels, "out_channels": channels, "text_dim": text_dim, "freq_dim": 256, "patch_size": [1, 2, 2], "cross_attn_norm": True,
            "qk_norm": "rms_norm_across_heads", "eps": 1e-6, "image_dim": None, "added_kv_proj_dim": None, "rope_max_seq_len": 1024} | more


def text(d_model, heads, d_kv, d_ff, vocabulary=500, layers=2, **more):
    return {"architectures": ["UMT5EncoderModel"], "model_type": "umt5", "vocab_size": vocabulary, "d_model": d_model, "num_heads": heads, "d_kv": d_kv,
            "d_ff": d_ff, "num_layers": layers, "feed_forward_proj": "gated-gelu", "layer_norm_epsilon": 1e-6, "relative_attention_num_buckets": 32,
            "relative_attention_max_distance": 128} | more


def vae21(base=4, **more):
    return {"_class_name": "AutoencoderKLWan", "base_dim": base, "z_dim": 16, "dim_mult": [1, 2, 4, 4], "num_res_blocks": 2, "attn_scales": [],
            "temperal_downsample": [False, True, True], "dropout": 0.0, "latents_mean": MEAN, "latents_std": STD} | more


def vae22(base=4, decoder=4, **more):
    return {"_class_name": "AutoencoderKLWan", "base_dim": base, "decoder_base_dim": decoder, "z_dim": 48, "dim_mult": [1, 2, 4, 4], "num_res_blocks": 2,
            "attn_scales": [], "temperal_downsample": [False, True, True], "is_residual": True, "in_channels": 12, "out_channels": 12, "patch_size": 2,
            "latents_mean": (MEAN * 3)[:48], "latents_std": (STD * 3)[:48], "scale_factor_spatial": 16, "scale_factor_temporal": 4} | more


def case(name, dit, encoder, vae, scheduler, *, boundary=None, expand=False, size=(32, 32), frames=5, steps=3, high=5.0, low=None, tokenizer="single_expert",
         prompt="A red fox runs across the snow at dawn.", negative="blurry, static", seed=0, index=None, post_processor=True, bf16=False):
    return locals()


LONG = "the quick brown fox jumps over the lazy dog near the river, " * 40

CASES = [
    case("one_frame_one_step", transformer(3, 16, 40, 24), text(24, 3, 8, 40), vae21(), UNIPC, boundary=0.875, frames=1, steps=1, size=(16, 16), high=3.5, low=3.0, seed=10),
    case("two_steps_head_128", transformer(1, 128, 96, 32, layers=1), text(32, 2, 16, 48), vae21(3), UNIPC | {"flow_shift": 3.0}, frames=9, steps=2, size=(64, 48), high=6.0, seed=20),
    case("guidance_of_one", transformer(2, 64, 96, 24), text(24, 3, 8, 40), vae21(), UNIPC | {"flow_shift": 8.0}, frames=5, steps=3, size=(48, 32), high=1.0, seed=30),
    case("ten_steps_two_experts", transformer(2, 64, 112, 24), text(24, 3, 8, 40), vae21(), UNIPC | {"flow_shift": 12.0}, boundary=0.875, frames=13, steps=10, size=(32, 48),
         high=4.0, low=3.0, seed=40, bf16=True),
    case("low_guidance_alone_is_off", transformer(3, 16, 56, 24), text(24, 3, 8, 40), vae21(), UNIPC, boundary=0.9, frames=5, steps=4, high=1.0, low=5.0, seed=50),
    case("high_guidance_below_one", transformer(3, 16, 56, 24), text(24, 3, 8, 40), vae21(), UNIPC, boundary=0.9, frames=5, steps=4, high=0.5, low=4.0, seed=55),
    case("prompt_over_512_tokens", transformer(2, 34, 72, 40), text(40, 5, 8, 64, 250), vae21(), UNIPC, boundary=0.8, prompt=LONG, negative="", tokenizer="two_experts",
         high=2.0, low=7.0, seed=60),
    case("prompt_of_no_token", transformer(2, 16, 40, 24), text(24, 3, 8, 40), vae21(), EULER | {"shift": 3.0}, prompt="", negative="  ", post_processor=False, high=3.0, seed=70),
    case("euler_ten_steps", transformer(2, 48, 96, 24), text(24, 2, 16, 40), vae21(5), EULER | {"shift": 8.0}, frames=9, steps=10, size=(48, 48), high=4.5, seed=80, bf16=True),
    case("dpm_midpoint_two_experts", transformer(2, 24, 64, 24), text(24, 3, 8, 40), vae21(), DPM, boundary=0.875, frames=5, steps=8, high=4.0, low=2.5, seed=90),
    case("dpm_heun_third_order", transformer(2, 24, 64, 24), text(24, 3, 8, 40), vae21(), DPM | {"solver_order": 3, "solver_type": "heun", "lower_order_final": False},
         frames=5, steps=6, high=4.0, seed=100),
    case("unipc_third_order_bh1", transformer(2, 24, 64, 24), text(24, 3, 8, 40), vae21(), UNIPC | {"solver_order": 3, "solver_type": "bh1", "final_sigmas_type": "sigma_min",
         "disable_corrector": [0]}, frames=5, steps=7, high=4.0, seed=110),
    case("ti2v_seventeen_frames", transformer(2, 24, 80, 40, channels=48), text(40, 5, 8, 72), vae22(), UNIPC, expand=True, tokenizer="ti2v", frames=17, steps=3, size=(64, 32),
         high=5.0, seed=120, bf16=True),
    case("ti2v_one_frame_euler", transformer(1, 40, 80, 40, channels=48), text(40, 5, 8, 72), vae22(3, 4, num_res_blocks=1), EULER, expand=True, tokenizer="ti2v", frames=1,
         steps=3, size=(32, 64), high=3.0, seed=130),
    case("other_vae_and_buckets", transformer(3, 18, 40, 24, layers=3, freq_dim=64, eps=1e-5), text(24, 3, 10, 40, relative_attention_num_buckets=16,
         relative_attention_max_distance=40, layer_norm_epsilon=1e-5), vae21(6, decoder_base_dim=8, dim_mult=[1, 2, 2, 4], num_res_blocks=1, temperal_downsample=[True, False, True]),
         UNIPC, frames=9, steps=3, size=(32, 32), high=4.0, seed=140),
    case("defaults_of_missing_keys", {k: v for k, v in transformer(2, 16, 40, 24).items() if k in ("num_attention_heads", "attention_head_dim", "ffn_dim", "num_layers", "text_dim")},
         text(24, 3, 8, 40), {"_class_name": "AutoencoderKLWan", "base_dim": 3}, {"use_flow_sigmas": True, "prediction_type": "flow_prediction", "_class_name": "UniPCMultistepScheduler"},
         frames=5, steps=3, high=4.0, seed=150),
    case("terminal_shift_and_other_steps", transformer(2, 16, 40, 24), text(24, 3, 8, 40), vae21(), UNIPC | {"shift_terminal": 0.1, "num_train_timesteps": 500}, boundary=0.7, frames=5,
         steps=5, high=4.0, low=2.0, seed=160),
    case("final_sigma_is_the_smallest", transformer(2, 16, 40, 24), text(24, 3, 8, 40), vae21(), DPM | {"final_sigmas_type": "sigma_min", "beta_start": 0.001}, frames=5, steps=5,
         high=4.0, seed=170),
]


def draw(seed):
    """A case by chance, for hunting: every dimension and option that a diffusers Wan checkpoint may carry."""
    rng = random.Random(seed)
    wide = rng.random() < 0.3
    text_dim = rng.choice([16, 24, 40])
    boundary = None if wide or rng.random() < 0.4 else rng.choice([0.5, 0.7, 0.875, 0.9, 0.95])
    scheduler = dict(rng.choice([UNIPC, UNIPC, DPM, EULER]))
    scheduler["shift" if "shift" in scheduler else "flow_shift"] = rng.choice([1.0, 2.5, 3.0, 5.0, 8.0, 12.0])
    if scheduler["_class_name"].startswith("UniPC"):
        # bh1, and no lower order at the end, divide by zero in diffusers where the last sigma is zero; the engine refuses them.
        scheduler |= {"solver_order": rng.choice([1, 2, 2, 3]), "solver_type": rng.choice(["bh1", "bh2"])}
        if scheduler["solver_type"] == "bh1":
            scheduler["final_sigmas_type"] = "sigma_min"
    elif scheduler["_class_name"].startswith("DPM"):
        scheduler |= {"solver_order": rng.choice([1, 2, 2, 3]), "solver_type": rng.choice(["midpoint", "heun"]), "lower_order_final": rng.random() < 0.7,
                      "euler_at_final": rng.random() < 0.3}
    unit = 32 if wide else 16
    words = "cat dog river light slow camera ½ café 雪 🐕 “quoted” walks under the old bridge &amp; stars".split()
    phrase = lambda: " ".join(rng.choice(words) for _ in range(rng.choice([0, 1, 6, 30, 600])))
    return case(
        f"drawn_{seed}", transformer(rng.choice([1, 2, 3]), rng.choice([6, 8, 16, 22, 64, 128]), rng.choice([40, 96]), text_dim, layers=rng.choice([1, 2]), channels=48 if wide else 16),
        text(text_dim, rng.choice([1, 3]), rng.choice([8, 16]), 40), vae22(rng.choice([3, 4]), rng.choice([4, 8])) if wide else vae21(rng.choice([2, 3, 6])), scheduler,
        boundary=boundary, expand=wide, size=(unit * rng.choice([1, 2, 3]), unit * rng.choice([1, 2, 3])), frames=rng.choice([1, 5, 9, 13]), steps=rng.choice([1, 2, 3, 4, 10, 16]),
        high=rng.choice([0.0, 1.0, 1.0001, 3.0, 7.5]), low=rng.choice([None, 1.0, 2.0, 5.0]) if boundary else None, tokenizer="ti2v" if wide else "single_expert",
        prompt=phrase(), negative=phrase(), seed=1000 + seed)
