#include <gtest/gtest.h>

#include "engine/base/error.h"
#include "harness/machine/covariates.h"
#include "harness/store/record_json.h"

namespace wan::store {
namespace {

machine::Covariates full_covariates() {
  machine::Covariates covariates{.elapsed_s = 1.5, .suspended_s = 0.25, .wall_step_s = -0.125, .longest_gap_s = 0.0625};
  covariates.cpu = {.mean_clock_hz = 2.5e9,
                    .load_average = 0.5,
                    .own_share = 0.75,
                    .foreign_share = 0.125,
                    .involuntary_switches = 12,
                    .max_temperature_c = 61.5,
                    .cycles = 1LL << 40,
                    .instructions = 1LL << 41};
  covariates.gpu = machine::GpuCovariates{.uuid = "GPU-0",
                                          .samples = 75,
                                          .mean_sm_clock_hz = 1600e6,
                                          .min_sm_clock_hz = 1565e6,
                                          .max_sm_clock_hz = 1621e6,
                                          .mean_memory_clock_hz = 2619e6,
                                          .mean_power_w = 688,
                                          .power_limit_w = 700,
                                          .max_temperature_c = 61,
                                          .event_reasons = machine::kReasonSwPowerCap | (1ull << 63),
                                          .foreign_processes = {4242, 4243},
                                          .new_ecc_corrected = 0,
                                          .new_ecc_uncorrected = 1,
                                          .xids = {79}};
  covariates.absent = {"CPU temperature: no sensor"};
  return covariates;
}

TEST(CovariatesJson, RoundTripsEveryField) {
  const std::string line = to_json_line(full_covariates());
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const machine::Covariates back = covariates_from_json_line(line, "a line");
  EXPECT_EQ(to_json_line(back), line);
  EXPECT_EQ(back.gpu.value().event_reasons, machine::kReasonSwPowerCap | (1ull << 63));
  EXPECT_EQ(back.gpu->foreign_processes, (std::vector<std::int64_t>{4242, 4243}));
  EXPECT_EQ(back.cpu.cycles, 1LL << 40);
  EXPECT_EQ(back.wall_step_s, -0.125);
  for (const char* key : {"elapsed_s", "cpu", "foreign_share", "gpu", "event_reasons", "xids", "absent"})
    EXPECT_NE(line.find('"' + std::string(key) + "\":"), std::string::npos) << key;
}

TEST(CovariatesJson, AbsentFiguresStayAbsent) {
  const machine::Covariates back = covariates_from_json_line(to_json_line(machine::Covariates{}), "a line");
  EXPECT_FALSE(back.gpu);
  EXPECT_FALSE(back.cpu.foreign_share);
  EXPECT_FALSE(back.cpu.cycles);
}

TEST(CovariatesJson, ForeignLinesAreRefused) {
  const std::string line = to_json_line(full_covariates());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = line;
    return changed.replace(changed.find(from), from.size(), to);
  };
  for (const std::string& bad :
       {std::string("{}"), std::string("torn"), with("\"samples\"", "\"sample\""), with("\"samples\":75", "\"samples\":\"75\""),
        with("[4242,4243]", "4242"), with("\"elapsed_s\":1.5", "\"elapsed_s\":null"), with("\"xids\":[79]", "\"xids\":[79],\"more\":1")})
    EXPECT_THROW(covariates_from_json_line(bad, "a line"), UsageError) << bad;
}

}  // namespace
}  // namespace wan::store
