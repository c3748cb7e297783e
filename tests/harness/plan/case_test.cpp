#include "harness/plan/case.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <set>

#include "harness/plan/fields.h"

namespace wan::plan {
namespace {

Case example() {
  return {.optimizations = {{"fp8_linear", {{"scope", std::string("ffn")}, {"clip", 0.5}}}, {"nan_guard", {}}},
          .shape = {.width = 128, .height = 96, .frames = 17, .steps = 10, .shift = 5, .guidance_low = 3.0},
          .prompt = "A cat",
          .negative = "blurry",
          .seed = 42,
          .context = {.build_id = "b1", .weights_hash = "w1", .device_class = "cpu", .tuned_choices = "t1"}};
}

// Changes the n-th leaf field and counts all of them.
class Change {
 public:
  explicit Change(int target) : target_(target) {}

  template <typename T>
  void operator()(const Field& field, T& value) {
    if constexpr (Fielded<T>) {
      visit_fields(value, *this);
    } else if (count_++ == target_) {
      name = field.name;
      alter(value);
    }
  }

  int count() const { return count_; }
  std::string name;

 private:
  static void alter(std::string& value) { value += "x"; }
  static void alter(std::int64_t& value) { value += 4; }
  static void alter(std::uint64_t& value) { value += 1; }
  static void alter(double& value) { value = std::nextafter(value, 1e9); }
  static void alter(std::optional<double>& value) { value ? value.reset() : void(value = 0.0); }
  static void alter(std::vector<OptimizationChoice>& value) { value.pop_back(); }

  int target_, count_ = 0;
};

TEST(CaseKey, ChangesWithEveryField) {
  Case same = example();
  Change nothing(-1);
  visit_fields(same, nothing);
  EXPECT_EQ(same.key(), example().key());
  EXPECT_EQ(same.key().size(), 64u);
  std::set<std::string> keys = {same.key()};
  for (int i = 0; i < nothing.count(); ++i) {
    Case changed = example();
    Change change(i);
    visit_fields(changed, change);
    EXPECT_NE(changed, example()) << change.name;
    EXPECT_TRUE(keys.insert(changed.key()).second) << change.name << " does not change the key";
  }
}

// A member that nobody listed in fields.h makes these bindings fail to compile or the count wrong.
TEST(CaseKey, FieldListsAreComplete) {
  const auto [optimizations, shape, prompt, negative, seed, context] = example();
  const auto [width, height, frames, steps, solver, shift, low, high, precision, reference] = shape;
  const auto [build, weights, device, noise, tuned] = context;
  Case item = example();
  Change nothing(-1);
  visit_fields(item, nothing);
  EXPECT_EQ(nothing.count(), 4 + 10 + 5);
}

TEST(CaseKey, ChangesWithOptimisationsAndTheirOrder) {
  const std::function<void(Case&)> changes[] = {
      [](Case& item) { std::swap(item.optimizations[0], item.optimizations[1]); },
      [](Case& item) { item.optimizations[0].parameters["scope"] = std::string("full"); },
      [](Case& item) { item.optimizations[0].parameters["clip"] = std::int64_t{1}; },
      [](Case& item) { item.optimizations[0].parameters["clip"] = 1.0; },
      [](Case& item) { item.optimizations[0].parameters.erase("clip"); },
      [](Case& item) { item.optimizations[1].parameters["clip"] = 0.5; },
      [](Case& item) { item.optimizations[1].id = "nan"; },
      [](Case& item) { item.optimizations.clear(); },
  };
  std::set<std::string> keys = {example().key()};
  for (const auto& change : changes) {
    Case item = example();
    change(item);
    EXPECT_TRUE(keys.insert(item.key()).second);
  }
}

TEST(CaseKey, TextCannotMoveFromOneFieldToTheNext) {
  Case a = example(), b = example();
  a.prompt = "A cat}negative{s6:blurry";
  a.negative = "";
  b.prompt = "A cat";
  b.negative = "blurry";
  EXPECT_NE(a.key(), b.key());
}

// Stored clips are found by this key: an accidental change of its form would silently regenerate everything.
TEST(CaseKey, StaysTheSameAcrossVersions) { EXPECT_EQ(Case{}.key(), "34bdd1d70ff587177d28ed3d94882c1f3ed0ccd79be4a9609c718b1efce3d5cf"); }

}  // namespace
}  // namespace wan::plan
