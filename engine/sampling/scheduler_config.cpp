#include "engine/sampling/scheduler_config.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <initializer_list>

#include "engine/base/error.h"

namespace wan::sampling {
namespace {

class Reader {
 public:
  explicit Reader(const io::JsonValue& json) : json_(json) {}

  void refuse(std::string fault) { faults_.push_back(std::move(fault)); }

  // A switch of diffusers that this engine has no counterpart for.
  void must_be(const char* key, bool wanted, bool otherwise, const char* why) {
    if (json_.get(key, otherwise) == wanted) return;
    refuse(fmt::format("{} = {}{}: {}", key, !wanted, json_.has(key) ? "" : " (the default)", why));
  }

  std::int64_t whole(const char* key, std::int64_t otherwise, std::int64_t low, std::int64_t high) {
    const auto value = json_.get(key, otherwise);
    if (value < low || value > high) refuse(fmt::format("{} = {}: expected {} to {}", key, value, low, high));
    return value;
  }

  double real(const char* key, double otherwise, double above, double below) {
    const double value = json_.get(key, otherwise);
    if (!(value > above && value < below)) refuse(fmt::format("{} = {}: expected a number between {} and {}", key, value, above, below));
    return value;
  }

  // The word of `key`, or the refusal of any that is not in `accepted`.
  std::string word(const char* key, const char* otherwise, std::initializer_list<std::string_view> accepted) {
    std::string value = json_.get(key, otherwise);
    if (std::find(accepted.begin(), accepted.end(), value) == accepted.end())
      refuse(fmt::format("{} = {}{}: supported are {}", key, value, json_.has(key) ? "" : " (the default)", fmt::join(accepted, ", ")));
    return value;
  }

  const io::JsonValue& json() const { return json_; }

  void throw_if_any() const {
    if (!faults_.empty())
      throw UsageError(
          fmt::format("{}: this scheduler is not supported ({} faults):\n  {}", json_.where(), faults_.size(), fmt::join(faults_, "\n  ")));
  }

 private:
  const io::JsonValue& json_;
  std::vector<std::string> faults_ = {};
};

constexpr double kMost = 1e6;

void read_grid(Reader& in, SchedulerConfig& config, const char* shift_key) {
  config.shift = in.real(shift_key, 1.0, 0.0, kMost);
  config.options.train_steps = in.whole("num_train_timesteps", 1000, 2, 1'000'000);
  for (const char* key : {"use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas"})
    in.must_be(key, false, false, "only the flow-matching grid is supported");
  in.must_be("use_dynamic_shifting", false, false, "WanPipeline gives no mu for it");
}

void read_shift_terminal(Reader& in, SchedulerConfig& config) {
  if (!in.json().has("shift_terminal")) return;
  const double terminal = in.real("shift_terminal", 0.0, -1.0, 1.0);
  if (terminal != 0.0) config.options.shift_terminal = terminal;  // diffusers takes 0 for absent
}

// What UniPC and DPM++ share.
void read_multistep(Reader& in, SchedulerConfig& config) {
  read_grid(in, config, "flow_shift");
  in.must_be("use_flow_sigmas", true, false, "Wan is a flow model");
  in.must_be("thresholding", false, false, "it is made for pixels, not for latents");
  in.word("prediction_type", "epsilon", {"flow_prediction"});
  config.options.order = in.whole("solver_order", 2, 1, 3);
  config.options.lower_order_final = in.json().get("lower_order_final", true);
  config.options.ends_at_zero = in.word("final_sigmas_type", "zero", {"zero", "sigma_min"}) == "zero";
}

void read_unipc(Reader& in, SchedulerConfig& config) {
  read_multistep(in, config);
  read_shift_terminal(in, config);
  auto& options = config.options;
  in.must_be("predict_x0", true, true, "diffusers has no flow prediction without it");
  options.bh1 = in.word("solver_type", "bh2", {"bh1", "bh2", "midpoint", "heun", "logrho"}) == "bh1";  // the last three mean bh2
  if (in.json().has("solver_p")) in.refuse("solver_p: another scheduler as predictor is not supported");
  if (in.json().has("disable_corrector")) options.uncorrected_steps = in.json().at("disable_corrector").as_ints();
  if (options.bh1 && options.ends_at_zero)
    in.refuse("solver_type = bh1 with final_sigmas_type = zero: the last step multiplies infinity by zero, in diffusers too");
  if (!options.lower_order_final && (options.order == 3 || (options.order == 2 && options.ends_at_zero)))
    in.refuse(
        fmt::format("lower_order_final = false with solver_order = {} and final_sigmas_type = {}: the last step divides by zero, in "
                    "diffusers too",
                    options.order, options.ends_at_zero ? "zero" : "sigma_min"));
}

// sqrt((1 - a) / a) of the first alpha-bar: what diffusers appends to DPM++'s flow grid under sigma_min.
double training_sigma_min(Reader& in) {
  if (in.json().has("trained_betas")) in.refuse("trained_betas with final_sigmas_type = sigma_min is not supported");
  in.word("beta_schedule", "linear", {"linear", "scaled_linear"});
  const auto beta = static_cast<float>(in.real("beta_start", 0.0001, 0.0, 0.999));
  const float alpha = 1.0F - beta;  // float32 as there: 1 - alpha is not beta any more
  return std::sqrt((1.0F - alpha) / alpha);
}

void read_dpm(Reader& in, SchedulerConfig& config) {
  read_multistep(in, config);
  auto& options = config.options;
  in.must_be("use_lu_lambdas", false, false, "only the flow-matching grid is supported");
  // diffusers turns deis into dpmsolver++ where it takes it at all.
  if (options.ends_at_zero)
    in.word("algorithm_type", "dpmsolver++", {"dpmsolver++"});
  else
    in.word("algorithm_type", "dpmsolver++", {"dpmsolver++", "deis"});
  options.heun =
      in.word("solver_type", "midpoint", {"midpoint", "heun", "logrho", "bh1", "bh2"}) == "heun";  // the last three mean midpoint
  options.euler_at_final = in.json().get("euler_at_final", false);
  if (!options.ends_at_zero) options.training_sigma_min = training_sigma_min(in);
}

void read_euler(Reader& in, SchedulerConfig& config) {
  read_grid(in, config, "shift");
  read_shift_terminal(in, config);
  in.must_be("invert_sigmas", false, false, "Wan goes from noise to data");
  in.must_be("stochastic_sampling", false, false, "a clip must follow from its seed alone");
}

struct Class {
  const char* name;
  Solver solver;
  void (*read)(Reader&, SchedulerConfig&);
};
constexpr std::array<Class, 3> kClasses = {{{"UniPCMultistepScheduler", Solver::unipc, read_unipc},
                                            {"DPMSolverMultistepScheduler", Solver::dpmpp, read_dpm},
                                            {"FlowMatchEulerDiscreteScheduler", Solver::euler, read_euler}}};

}  // namespace

SchedulerConfig read_scheduler_config(const io::JsonValue& json, const std::string& class_name) {
  const std::string name = class_name.empty() ? json.get("_class_name", "") : class_name;
  for (const Class& known : kClasses) {
    if (name != known.name) continue;
    SchedulerConfig config{.solver = known.solver};
    Reader in(json);
    known.read(in, config);
    in.throw_if_any();
    return config;
  }
  throw UsageError(fmt::format("{}: scheduler '{}' is not supported; there are {}, {} and {}", json.where(), name, kClasses[0].name,
                               kClasses[1].name, kClasses[2].name));
}

}  // namespace wan::sampling
