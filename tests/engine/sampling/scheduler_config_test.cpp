#include "engine/sampling/scheduler_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/error.h"

namespace wan::sampling {
namespace {

SchedulerConfig read(const std::string& text, const std::string& class_name = "") {
  return read_scheduler_config(io::JsonValue::parse(text, "scheduler_config.json"), class_name);
}

std::string unipc(const std::string& more) {
  return R"({"_class_name": "UniPCMultistepScheduler", "use_flow_sigmas": true, "prediction_type": "flow_prediction")" + more + "}";
}
std::string dpm(const std::string& more) {
  return R"({"_class_name": "DPMSolverMultistepScheduler", "use_flow_sigmas": true, "prediction_type": "flow_prediction")" + more + "}";
}
std::string euler(const std::string& more) { return R"({"_class_name": "FlowMatchEulerDiscreteScheduler")" + more + "}"; }

TEST(SchedulerConfigFile, AbsentKeysHaveTheDefaultsOfTheDiffusersClass) {
  EXPECT_EQ(read(unipc("")), (SchedulerConfig{.solver = Solver::unipc, .shift = 1.0}));
  EXPECT_EQ(read(euler("")), (SchedulerConfig{.solver = Solver::euler, .shift = 1.0}));
  EXPECT_EQ(read(unipc(R"(, "flow_shift": 3.0)")).shift, 3.0);
  EXPECT_EQ(read(euler(R"(, "shift": 8, "flow_shift": 3.0)")).shift, 8.0);
}

TEST(SchedulerConfigFile, TheIndexNamesTheClass) {
  EXPECT_EQ(read(unipc(""), "FlowMatchEulerDiscreteScheduler").solver, Solver::euler);
  EXPECT_EQ(read(R"({"use_flow_sigmas": true, "prediction_type": "flow_prediction"})", "DPMSolverMultistepScheduler").solver,
            Solver::dpmpp);
}

TEST(SchedulerConfigFile, NullMeansTheDefault) {
  EXPECT_EQ(read(unipc(R"(, "shift_terminal": null, "solver_p": null, "trained_betas": null, "flow_shift": 5.0)")).shift, 5.0);
  EXPECT_FALSE(read(euler(R"(, "shift_terminal": 0)")).options.shift_terminal);
}

struct Refused {
  std::string document;
  std::vector<const char*> named;
};

class SchedulerRefusal : public ::testing::TestWithParam<Refused> {};

TEST_P(SchedulerRefusal, NamesKeyAndValue) {
  try {
    read(GetParam().document);
    ADD_FAILURE() << "accepted " << GetParam().document;
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("scheduler_config.json"));
    for (const char* text : GetParam().named) EXPECT_THAT(error.what(), ::testing::HasSubstr(text));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Keys, SchedulerRefusal,
    ::testing::Values(
        Refused{R"({"_class_name": "EulerDiscreteScheduler"})", {"'EulerDiscreteScheduler'", "UniPCMultistepScheduler"}},
        Refused{"{}", {"scheduler ''"}},
        Refused{R"({"_class_name": "UniPCMultistepScheduler"})",
                {"use_flow_sigmas = false (the default)", "prediction_type = epsilon (the default)"}},
        Refused{unipc(R"(, "use_flow_sigmas": 1)"), {"use_flow_sigmas"}}, Refused{unipc(R"(, "flow_shift": -1)"), {"flow_shift = -1"}},
        Refused{euler(R"(, "shift": 0)"), {"shift = 0"}}, Refused{euler(R"(, "shift": "big")"), {"shift"}},
        Refused{unipc(R"(, "prediction_type": "v_prediction")"), {"prediction_type = v_prediction"}},
        Refused{unipc(R"(, "solver_order": 4)"), {"solver_order = 4"}}, Refused{unipc(R"(, "solver_order": 0)"), {"solver_order = 0"}},
        Refused{unipc(R"(, "solver_type": "bh3")"), {"solver_type = bh3"}}, Refused{unipc(R"(, "solver_type": "bh1")"), {"bh1", "zero"}},
        Refused{unipc(R"(, "lower_order_final": false)"), {"lower_order_final = false", "solver_order = 2"}},
        Refused{unipc(R"(, "predict_x0": false)"), {"predict_x0 = false"}},
        Refused{unipc(R"(, "thresholding": true)"), {"thresholding = true"}},
        Refused{unipc(R"(, "use_karras_sigmas": true)"), {"use_karras_sigmas = true"}},
        Refused{unipc(R"(, "use_beta_sigmas": true, "use_exponential_sigmas": true)"),
                {"use_beta_sigmas = true", "use_exponential_sigmas = true"}},
        Refused{unipc(R"(, "use_dynamic_shifting": true)"), {"use_dynamic_shifting = true"}},
        Refused{unipc(R"(, "final_sigmas_type": "one")"), {"final_sigmas_type = one"}},
        Refused{unipc(R"(, "shift_terminal": 1)"), {"shift_terminal = 1"}},
        Refused{unipc(R"(, "solver_p": {"_class_name": "X"})"), {"solver_p"}},
        Refused{unipc(R"(, "disable_corrector": 3)"), {"disable_corrector"}},
        Refused{unipc(R"(, "num_train_timesteps": 0)"), {"num_train_timesteps = 0"}},
        Refused{dpm(R"(, "algorithm_type": "sde-dpmsolver++")"), {"algorithm_type = sde-dpmsolver++"}},
        Refused{dpm(R"(, "algorithm_type": "deis")"), {"algorithm_type = deis"}},
        Refused{dpm(R"(, "use_lu_lambdas": true)"), {"use_lu_lambdas = true"}},
        Refused{dpm(R"(, "solver_type": "rk4")"), {"solver_type = rk4"}},
        Refused{dpm(R"(, "final_sigmas_type": "sigma_min", "trained_betas": [0.1])"), {"trained_betas"}},
        Refused{dpm(R"(, "final_sigmas_type": "sigma_min", "beta_schedule": "squaredcos_cap_v2")"), {"beta_schedule = squaredcos_cap_v2"}},
        Refused{euler(R"(, "invert_sigmas": true)"), {"invert_sigmas = true"}},
        Refused{euler(R"(, "stochastic_sampling": true)"), {"stochastic_sampling = true"}},
        Refused{euler(R"(, "use_dynamic_shifting": true)"), {"use_dynamic_shifting = true"}}));

}  // namespace
}  // namespace wan::sampling
