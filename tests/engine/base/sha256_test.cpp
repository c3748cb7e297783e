#include "engine/base/sha256.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace wan {
namespace {

using ::testing::HasSubstr;

// FIPS 180-4's example messages (NIST, "SHA256.pdf" and the additional examples).
TEST(Sha256, NistExamples) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_EQ(sha256_hex(std::string("\xbd")), "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b");
  EXPECT_EQ(sha256_hex(std::string(55, '\0')), "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7");
  EXPECT_EQ(sha256_hex(std::string(56, '\0')), "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb");
  EXPECT_EQ(sha256_hex(std::string(57, '\0')), "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785");
  EXPECT_EQ(sha256_hex(std::string(64, '\0')), "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b");
  EXPECT_EQ(sha256_hex(std::string(1000, 'A')), "c2e686823489ced2017f6059b8b239318b6364f6dcd835d0a519105a1eadd6e4");
}

TEST(Sha256, PiecesGiveTheSameDigestAsTheWhole) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 31);
  const std::string whole = sha256_hex(text);
  for (const std::size_t piece : {1u, 3u, 55u, 63u, 64u, 65u, 128u, 299u}) {
    Sha256 hash;
    for (std::size_t at = 0; at < text.size(); at += piece) hash.update(std::string_view(text).substr(at, piece));
    EXPECT_EQ(hash.hex_digest(), whole) << piece;
  }
}

TEST(Sha256, FilesLargerThanTheBufferAndAbsentOnes) {
  const wan::testing::TemporaryFolder folder;
  const std::string text(3'000'000, 'x');
  std::ofstream(folder / "a", std::ios::binary) << text;
  EXPECT_EQ(sha256_file(folder / "a"), sha256_hex(text));
  std::ofstream(folder / "empty").close();
  EXPECT_EQ(sha256_file(folder / "empty"), sha256_hex(""));
  EXPECT_USAGE_ERROR(sha256_file(folder / "absent"), HasSubstr("absent"));
  EXPECT_USAGE_ERROR(sha256_file(folder.path()), HasSubstr(folder.path().string()));
}

}  // namespace
}  // namespace wan
