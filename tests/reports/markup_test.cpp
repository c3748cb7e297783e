#include "reports/markup.h"

#include <gtest/gtest.h>

namespace wan::reports {
namespace {

TEST(Markup, TextIsEscapedWhereverItGoes) {
  EXPECT_EQ(element("p", "<script>alert(\"x\") & 'y'</script>").str(),
            "<p>&lt;script&gt;alert(&quot;x&quot;) &amp; &#39;y&#39;&lt;/script&gt;</p>");
  EXPECT_EQ(element("a", {{"title", "\" onload=\"x"}}, "t").str(), "<a title=\"&quot; onload=&quot;x\">t</a>");
  EXPECT_EQ(empty_element("img", {{"alt", "<"}}).str(), "<img alt=\"&lt;\"/>");
}

TEST(Markup, NestedMarkupIsNotEscapedTwice) {
  EXPECT_EQ(element("p", "a < " + element("b", "b & c")).str(), "<p>a &lt; <b>b &amp; c</b></p>");
}

TEST(Markup, WhatXmlForbidsBecomesTheReplacementCharacter) {
  EXPECT_EQ(escaped(std::string_view("a\0b", 3)),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(escaped("\x1b"), "\xEF\xBF\xBD");
  EXPECT_EQ(escaped("\xff"), "\xEF\xBF\xBD");
  EXPECT_EQ(escaped("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");          // overlong slash
  EXPECT_EQ(escaped("\xED\xA0\x80").find("\xED"), std::string::npos);  // surrogate
  EXPECT_EQ(escaped("\xE6\x97"), "\xEF\xBF\xBD\xEF\xBF\xBD");          // cut short
  EXPECT_EQ(escaped("\xEF\xBF\xBF"), "\xEF\xBF\xBD");                  // U+FFFF
  EXPECT_EQ(escaped("tab\tline\n日本 𝄞"), "tab\tline\n日本 𝄞");
}

// RFC 4648, section 10.
TEST(Base64, KnownVectors) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

}  // namespace
}  // namespace wan::reports
