#include "engine/train/curves.h"

#include <gtest/gtest.h>

#include <fstream>

#include "engine/base/error.h"
#include "tests/support/temporary_folder.h"

namespace wan::train {
namespace {

TEST(Curves, ReadsBackWhatItWroteUpToAStep) {
  const wan::testing::TemporaryFolder folder;
  Curves curves;
  curves.add(10, {{"loss", 1.5}, {"rate", 1e-4}});
  curves.add(20, {{"loss", 0.25}, {"rate", 2e-4}});
  curves.write(folder.path() / "a.csv", folder.path() / "a.svg", "a");
  EXPECT_EQ(Curves::read(folder.path() / "a.csv", 20).csv(), "step,loss,rate\n10,1.5,0.0001\n20,0.25,0.0002\n");
  EXPECT_EQ(Curves::read(folder.path() / "a.csv", 15).csv(), "step,loss,rate\n10,1.5,0.0001\n");
  EXPECT_EQ(Curves::read(folder.path() / "none.csv", 15).csv(), "step\n");
}

TEST(Curves, DrawsOnePanelAFigureWithItsExtremes) {
  Curves curves;
  for (int i = 1; i <= 3; ++i) curves.add(i, {{"loss", 100.0 / i}, {"steady", 2.0}, {"broken", std::numeric_limits<double>::quiet_NaN()}});
  const std::string svg = curves.svg("dit");
  for (const char* expected : {">loss<", ">steady<", ">broken<", ">100<", ">33.33<", ">step 3<", ">dit<"})
    EXPECT_NE(svg.find(expected), std::string::npos) << expected << "\n" << svg;
  EXPECT_EQ(svg.find("nan"), std::string::npos) << svg;
}

TEST(Curves, RefusesWhatItDidNotWrite) {
  const wan::testing::TemporaryFolder folder;
  const auto refused = [&](const std::string& text) {
    std::ofstream(folder.path() / "b.csv") << text;
    try {
      Curves::read(folder.path() / "b.csv", 100);
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string("taken");
  };
  EXPECT_NE(refused("a,b\n").find("b.csv:1: expected 'step'"), std::string::npos);
  EXPECT_NE(refused("step,loss\n10\n").find("b.csv:2: expected 2 cells, found 1"), std::string::npos);
  EXPECT_NE(refused("step,loss\n10,x\n").find("b.csv:2: 'x' is no number"), std::string::npos);
  EXPECT_NE(refused("step,loss\nx,1\n").find("b.csv:2: step 'x' is no number"), std::string::npos);
}

}  // namespace
}  // namespace wan::train
