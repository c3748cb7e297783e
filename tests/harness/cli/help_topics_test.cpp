#include "harness/cli/help_topics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>

namespace wan::cli {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(WAN_SOURCE_DIR) / "harness/cli/help";

const HelpTopic* find(std::string_view name) {
  for (const auto& topic : help_topics())
    if (topic.name == name) return &topic;
  return nullptr;
}

std::size_t columns(const std::string& line) {
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

TEST(HelpTopics, AreTheFilesByteForByteSortedByName) {
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    const auto* topic = find(entry.path().stem().string());
    ASSERT_TRUE(topic) << entry.path();
    std::ifstream stream(entry.path(), std::ios::binary);
    EXPECT_EQ(topic->text, std::string(std::istreambuf_iterator<char>(stream), {})) << entry.path();
    EXPECT_TRUE(topic->text.starts_with("# " + std::string(topic->title) + "\n"));
    ++files;
  }
  EXPECT_EQ(help_topics().size(), files);
  EXPECT_TRUE(std::is_sorted(help_topics().begin(), help_topics().end(), [](const auto& a, const auto& b) { return a.name < b.name; }));
}

TEST(HelpTopics, FitATerminal) {
  for (const auto& topic : help_topics()) {
    std::istringstream lines{std::string(topic.text)};
    for (std::string line; std::getline(lines, line);) EXPECT_LE(columns(line), 100U) << topic.name << ": " << line;
    EXPECT_TRUE(topic.text.ends_with("\n"));
  }
}

TEST(HelpTopics, TheGuideHasItsParts) {
  for (const char* name : {"usage", "exit-codes", "config", "gates", "metrics", "troubleshooting", "outputs", "resume", "rollout"})
    EXPECT_TRUE(find(name)) << name;
  const std::string_view guide = find("troubleshooting")->text;
  for (const char* problem :
       {"## 1. FlashAttention-3", "## 2. max-autotune", "## 3. FP8 costs quality", "## 4. Out of memory", "## 5. NaN"}) {
    const std::size_t at = guide.find(problem);
    ASSERT_NE(at, std::string_view::npos) << problem;
    const std::string_view part = guide.substr(at, guide.find("\n## ", at) - at);
    for (const char* what : {"\nSymptom ", "\nCause ", "\nwan-eval ", "\nDo "})
      EXPECT_NE(part.find(what), std::string_view::npos) << problem << what;
  }
}

// A topic that another one sends the reader to must be there.
TEST(HelpTopics, CrossReferencesLead) {
  const std::string mark = "wan-eval help ";
  for (const auto& topic : help_topics()) {
    for (std::size_t at = topic.text.find(mark); at != std::string_view::npos; at = topic.text.find(mark, at + 1)) {
      const std::string_view rest = topic.text.substr(at + mark.size());
      const std::string_view name = rest.substr(0, rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"));
      EXPECT_TRUE(find(name)) << topic.name << " sends to " << name;
    }
  }
}

}  // namespace
}  // namespace wan::cli
