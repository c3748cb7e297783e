#include "harness/rollout/rollout.h"

#include <gtest/gtest.h>

#include "tests/support/harness/rollouts.h"
#include "tests/support/usage_error.h"

namespace wan::rollout {
namespace {

using ::testing::HasSubstr;

// Events of `fast` as a log would number them.
class Book {
 public:
  Event start() const {
    Event event = make(EventKind::started, Phase::single_prompt);
    event.flags_file = "flags.toml";
    event.subject = testing::fast_subject();
    return event;
  }
  Event advance(Phase to) const {
    Event event = make(EventKind::advanced, to);
    event.subject = testing::fast_subject();
    event.evidence = Evidence{.run_id = "run", .seal = "s", .build_id = "b", .outcome = "held", .prompts = 1, .seeds = 1};
    return event;
  }
  Event watch() const { return make(EventKind::watched, Phase::production); }
  Event roll_back(Phase in) const {
    Event event = make(EventKind::rolled_back, in);
    event.reason = "asked";
    return event;
  }
  Book& take(const Event& event) {
    apply(state, event);
    return *this;
  }
  Book& to(Phase phase) {
    take(start());
    for (Phase at = Phase::single_prompt; at != phase;) take(advance(at = next(at)));
    return *this;
  }
  std::string refusal(const Event& event) const { return rollout::refusal(state, event); }
  const Rollout& fast() const { return *state.find("fast"); }

  State state;

 private:
  Event make(EventKind kind, Phase phase) const {
    return {.sequence = state.sequence + 1,
            .at = "t" + std::to_string(state.sequence + 1),
            .kind = kind,
            .configuration = "fast",
            .phase = phase};
  }
};

constexpr Phase kAll[] = {Phase::single_prompt, Phase::batch, Phase::stress, Phase::production};

TEST(Rollout, WalksThePhasesInTheirOrder) {
  Book book;
  book.take(book.start());
  EXPECT_EQ(book.fast().phase, Phase::single_prompt);
  EXPECT_EQ(book.fast().since, "t1");
  for (const Phase phase : {Phase::batch, Phase::stress, Phase::production}) {
    EXPECT_FALSE(book.fast().is_on());
    book.take(book.advance(phase));
    EXPECT_EQ(book.fast().phase, phase);
  }
  EXPECT_TRUE(book.fast().is_on());
  EXPECT_EQ(book.fast().evidence.size(), 3u);
  EXPECT_EQ(book.fast().started_at, "t1");
  EXPECT_EQ(book.fast().since, "t4");
  EXPECT_EQ(book.state.served, std::vector<std::string>{"fast"});
  book.take(book.watch());
  EXPECT_EQ(book.fast().last_watch->at, "t5");
  EXPECT_TRUE(book.fast().is_on()) << "a watch that found nothing changes nothing";
}

TEST(Rollout, IsRolledBackFromEveryPhaseAndBeginsAnew) {
  for (const Phase phase : kAll) {
    Book book;
    book.to(phase);
    book.take(book.roll_back(phase));
    EXPECT_TRUE(book.fast().rolled_back);
    EXPECT_FALSE(book.fast().is_on());
    EXPECT_EQ(book.fast().phase, phase) << "where it ended is kept";
    EXPECT_EQ(book.fast().reason, "asked");
    EXPECT_TRUE(book.state.served.empty());
    for (const Event& event : {book.roll_back(phase), book.advance(Phase::batch), book.watch()})
      EXPECT_THAT(book.refusal(event), HasSubstr("it was rolled back on t")) << to_string(event.kind);
    book.take(book.start());
    EXPECT_EQ(book.fast().phase, Phase::single_prompt);
    EXPECT_FALSE(book.fast().rolled_back);
    EXPECT_TRUE(book.fast().evidence.empty()) << "evidence of the last attempt does not count for this one";
    EXPECT_EQ(book.state.rollouts.size(), 1u);
  }
}

TEST(Rollout, RefusesEveryOtherTransition) {
  Book none;
  for (const Event& event : {none.advance(Phase::batch), none.watch(), none.roll_back(Phase::batch)})
    EXPECT_THAT(none.refusal(event), HasSubstr("there is no rollout of it"));
  for (const Phase phase : kAll) {
    Book book;
    book.to(phase);
    EXPECT_THAT(book.refusal(book.start()), HasSubstr(std::string("under way, in phase ") + to_string(phase)));
    EXPECT_EQ(book.refusal(book.watch()).empty(), phase == Phase::production);
    for (const Phase to : kAll) {
      const bool follows = phase != Phase::production && to == next(phase);
      EXPECT_EQ(book.refusal(book.advance(to)).empty(), follows) << to_string(phase) << " to " << to_string(to);
      EXPECT_EQ(book.refusal(book.roll_back(to)).empty(), to == phase);
    }
  }
}

TEST(Rollout, RefusesEventsThatLackWhatTheyStandFor) {
  Book book;
  Event start = book.start();
  start.subject.reset();
  EXPECT_THAT(book.refusal(start), HasSubstr("says what is rolled out"));
  start = book.start();
  start.subject->configuration.id = "slow";
  EXPECT_THAT(book.refusal(start), HasSubstr("says what is rolled out"));
  start = book.start();
  start.flags_file.clear();
  EXPECT_THAT(book.refusal(start), HasSubstr("file of flags"));
  start = book.start();
  start.phase = Phase::production;
  EXPECT_THAT(book.refusal(start), HasSubstr("first phase"));
  start = book.start();
  start.sequence = 3;
  EXPECT_THAT(book.refusal(start), HasSubstr("event 3 follows event 0"));
  book.take(book.start());
  Event advance = book.advance(Phase::batch);
  advance.evidence.reset();
  EXPECT_THAT(book.refusal(advance), HasSubstr("no phase ends without evidence"));
  Event back = book.roll_back(Phase::single_prompt);
  back.reason.clear();
  EXPECT_THAT(book.refusal(back), HasSubstr("says why"));
  EXPECT_USAGE_ERROR(apply(book.state, back), HasSubstr("says why"));
  Event other = book.start();
  other.configuration = other.subject->configuration.id = "slow";
  other.flags_file = "elsewhere.toml";
  EXPECT_THAT(book.refusal(other), HasSubstr("the flags of this store are in flags.toml"));
}

TEST(Rollout, PhasesAskForWhatTheRoadmapSays) {
  EXPECT_EQ(requirement(Phase::single_prompt).prompts, 1u);
  EXPECT_EQ(requirement(Phase::batch).prompts * requirement(Phase::batch).seeds, 10u * 3u);
  EXPECT_EQ(requirement(Phase::stress).prompts * requirement(Phase::stress).seeds, 100u * 5u);
  EXPECT_THROW(requirement(Phase::production), CheckError);
  EXPECT_THROW(next(Phase::production), CheckError);
}

}  // namespace
}  // namespace wan::rollout
