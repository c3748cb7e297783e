#include "harness/plan/document.h"

#include <gtest/gtest.h>

namespace wan::plan {
namespace {

std::string fault_of(const std::string& text) {
  Faults faults;
  parse_document(text, "a.toml", faults);
  return faults.empty() ? "" : faults.lines().front();
}

TEST(Document, KeepsTheOrderAndPlacesOfTheFile) {
  Faults faults;
  const Node root = parse_document("z = 1\na = [true, 2.5]\n[m]\n  k = 'v'\n", "a.toml", faults);
  ASSERT_TRUE(faults.empty());
  ASSERT_EQ(root.members.size(), 3u);
  EXPECT_EQ(root.members[0].key, "z");
  EXPECT_EQ(root.members[1].key, "a");
  EXPECT_EQ(root.find("a")->value.items[1].number, 2.5);
  EXPECT_EQ(root.find("a")->value.items[1].place, (Place{"a.toml", 2, 12}));
  const Member* inner = root.find("m")->value.find("k");
  EXPECT_EQ(inner->place, (Place{"a.toml", 4, 3}));
  EXPECT_EQ(inner->value.text, "v");
  EXPECT_EQ(root.find("absent"), nullptr);
}

TEST(Document, AssignmentIsATreeOfItsDots) {
  const Node root = assignment_document("shape.steps", "4", "--steps");
  const Node& leaf = root.find("shape")->value.find("steps")->value;
  EXPECT_EQ(leaf.kind, Node::Kind::raw);
  EXPECT_EQ(leaf.text, "4");
  EXPECT_EQ(leaf.place, (Place{.source = "--steps"}));
  for (const char* odd : {"", ".", "a.", ".a", "a..b"}) EXPECT_EQ(assignment_document(odd, "1", "--set").members.size(), 1u) << odd;
}

TEST(Document, HostileNestingIsAFaultNotACrash) {
  std::string dotted = "a", spaced = "a", brackets = "a = ";
  for (int i = 0; i < 200000; ++i) {
    dotted += ".a";
    spaced += " . \"a\"";
    brackets += "[";
  }
  EXPECT_EQ(fault_of("x = 1\n" + dotted + " = 1"), "a.toml:2:1: a key has too many parts");
  EXPECT_EQ(fault_of("[" + dotted + "]"), "a.toml:1:1: a key has too many parts");
  EXPECT_EQ(fault_of("x = '''\n'''\n" + spaced + " = 1"), "a.toml:3:1: a key has too many parts");
  EXPECT_NE(fault_of(brackets), "");
  EXPECT_EQ(assignment_document(dotted, "1", "--set").members.size(), 1u);
}

// Dots in text, comments and numbers are no parts of keys.
TEST(Document, ProseMayHaveDots) {
  const std::string dots(1000, '.');
  EXPECT_EQ(fault_of("a = \"" + dots + "\\\"" + dots + "\" # " + dots + "\nb = '" + dots + "'\nc = \"\"\"\n" + dots + "\n\"\"\"\n"), "");
  EXPECT_EQ(fault_of("a = [0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,1.0,1.1,1.2,1.3,1.4,1.5,1.6,1.7,1.8]"), "");
}

TEST(Document, EveryPrefixOfAFileIsReadOrRefused) {
  const std::string text =
      "schema = 1\n[[configuration]]\nid = \"a\" # why\noptimizations = [{ id = 'x', k = 1e3 }, \"\"\"y\"\"\"]\nd = 1979-05-27\n";
  for (std::size_t size = 0; size <= text.size(); ++size) fault_of(text.substr(0, size));
  EXPECT_EQ(fault_of(text), "");
  EXPECT_NE(fault_of("a = \"\xff\xfe\""), "");
  EXPECT_NE(fault_of(std::string("a = \"\0\"", 7)), "");
}

}  // namespace
}  // namespace wan::plan
