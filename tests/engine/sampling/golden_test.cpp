// Against tables and trajectories that the reference schedulers printed (tests/data/sampling/make_golden.py).
#include <ATen/ops/tanh.h>
#include <ATen/ops/tensor.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/runtime/tensor.h"
#include "engine/sampling/flow_solver.h"
#include "engine/sampling/scheduler_config.h"

namespace wan::sampling {
namespace {

using nlohmann::json;

json golden(const char* name) {
  std::ifstream in(std::filesystem::path(WAN_TEST_DATA) / "sampling" / name);
  return json::parse(in);
}

struct Table {
  const char* name;
  Solver solver;
  Reference reference;
  double timestep_tolerance = 0;
};

class ScheduleGolden : public ::testing::TestWithParam<Table> {};

// Sigmas to 1e-6, the promise; integer timesteps exactly, since one off is another input of the network.
TEST_P(ScheduleGolden, EqualsTheReferenceTable) {
  const auto [name, solver, reference, timestep_tolerance] = GetParam();
  const json document = golden("schedules.json");
  const json &grids = document.at("grids"), &tables = document.at(name);
  ASSERT_GT(grids.size(), 50U);
  ASSERT_EQ(grids.size(), tables.size());
  for (std::size_t i = 0; i < grids.size(); ++i) {
    const auto steps = grids[i][0].get<std::int64_t>();
    const auto shift = grids[i][1].get<double>();
    SCOPED_TRACE(fmt::format("{} steps, shift {}", steps, shift));
    const Schedule schedule = make_schedule(solver, reference, steps, shift);
    const auto sigmas = tables[i][0].get<std::vector<double>>(), timesteps = tables[i][1].get<std::vector<double>>();
    ASSERT_EQ(schedule.sigmas.size(), sigmas.size());
    ASSERT_EQ(schedule.timesteps.size(), timesteps.size());
    for (std::size_t k = 0; k < sigmas.size(); ++k) EXPECT_NEAR(schedule.sigmas[k], sigmas[k], 1e-6) << k;
    for (std::size_t k = 0; k < timesteps.size(); ++k) EXPECT_NEAR(schedule.timesteps[k], timesteps[k], timestep_tolerance) << k;
  }
}

// Euler's timesteps are float32 near 1000: one ulp is 6e-5. The last two rows: diffusers up to 0.36 has the official UniPC grid, up to the
// last bit of a sigma, which moves a truncated timestep where it is whole; the official code has no Euler, so diffusers' serves.
INSTANTIATE_TEST_SUITE_P(Tables, ScheduleGolden,
                         ::testing::Values(Table{"official unipc", Solver::unipc, Reference::official},
                                           Table{"official dpm++", Solver::dpmpp, Reference::official},
                                           Table{"diffusers unipc", Solver::unipc, Reference::diffusers},
                                           Table{"diffusers dpm++", Solver::dpmpp, Reference::diffusers},
                                           Table{"diffusers euler", Solver::euler, Reference::diffusers, 6.2e-5},
                                           Table{"diffusers 0.36 unipc", Solver::unipc, Reference::official, 1.0},
                                           Table{"diffusers euler", Solver::euler, Reference::official, 6.2e-5}));

// The toy flow of make_golden.py, in float64 like its trajectories: what is left of a difference is the algebra. The sigmas are the
// same float32 values, or one ulp (6e-8) off where a table was made in another order; h^-1 <= 1e3 at 16 steps magnifies that at most.
void expect_last(Solver solver, const Schedule& schedule, const SolverOptions& options, const json& row) {
  const auto s = make_flow_solver(solver, schedule, options);
  at::Tensor x = at::tensor({1.0, -0.5, 0.25, -2.0}, at::kDouble);
  const at::Tensor direction = at::tensor({1.0, 2.0, -1.0, 0.5}, at::kDouble);
  for (std::size_t i = 0; i < schedule.timesteps.size(); ++i)
    x = s->step(at::tanh(x * 0.5 + direction * (0.1 * static_cast<double>(i + 1))), x);
  for (int k = 0; k < 4; ++k) EXPECT_NEAR(x[k].item<double>(), row.at("last").at(k).get<double>(), 2e-6) << row.dump();
}

TEST(SolverGolden, EveryDiffusersConfigEqualsItsScheduler) {
  const json rows = golden("solvers.json").at("diffusers");
  ASSERT_GT(rows.size(), 250U);
  for (const auto& row : rows) {
    const auto config = read_scheduler_config(io::JsonValue::parse(row.at("config").dump(), "scheduler_config.json"), "");
    const auto schedule = make_schedule(config.solver, Reference::diffusers, row.at("steps"), config.shift, config.options);
    const auto sigmas = row.at("sigmas").get<std::vector<double>>();
    ASSERT_EQ(schedule.sigmas.size(), sigmas.size());
    for (std::size_t k = 0; k < sigmas.size(); ++k) EXPECT_NEAR(schedule.sigmas[k], sigmas[k], 1e-6) << row.dump();
    expect_last(config.solver, schedule, config.options, row);
  }
}

TEST(SolverGolden, OfficialSolversEqualTheirSchedulers) {
  const json rows = golden("solvers.json").at("official");
  ASSERT_GT(rows.size(), 40U);
  for (const auto& row : rows) {
    const Solver solver = parse_solver(row.at("solver"));
    expect_last(solver, make_schedule(solver, Reference::official, row.at("steps"), row.at("shift")), {}, row);
  }
}

}  // namespace
}  // namespace wan::sampling
