#include "engine/text/character_map.h"

#include <array>
#include <cstring>

#include "engine/base/error.h"
#include "engine/text/unicode.h"

namespace wan::text {
namespace {

constexpr std::size_t kLongestCluster = 5;  // bytes of a grapheme cluster that is looked up as a whole

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

std::string decode_base64(std::string_view text, const std::string& where) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    const int value = base64_value(c);
    if (value < 0) throw UsageError(fmt::format("{}: expected base64, found the character '{}'", where, c));
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>(bits >> count & 0xFF));
    }
  }
  return out;
}

std::uint32_t little_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return value;
}

// A unit of the double array: label in the low byte (bit 31 marks a leaf), offset to the children, whether a leaf is among them.
std::uint32_t unit_label(std::uint32_t unit) { return unit & 0x800000FF; }
std::uint32_t unit_offset(std::uint32_t unit) { return (unit >> 10) << ((unit & 0x200) >> 6); }
bool unit_has_leaf(std::uint32_t unit) { return (unit >> 8 & 1) != 0; }
std::uint32_t leaf_value(std::uint32_t unit) { return unit & 0x7FFFFFFF; }

}  // namespace

CharacterMap::CharacterMap(std::string_view base64, const std::string& where) {
  const std::string bytes = decode_base64(base64, where);
  if (bytes.size() < 4) throw UsageError(fmt::format("{}: expected a character map, found {} bytes", where, bytes.size()));
  const std::size_t trie_bytes = little_endian(bytes, 0);
  if (trie_bytes % 4 != 0 || trie_bytes == 0 || trie_bytes > bytes.size() - 4)
    throw UsageError(fmt::format("{}: the character map's trie of {} bytes does not fit in {} bytes", where, trie_bytes, bytes.size()));
  for (std::size_t at = 4; at < 4 + trie_bytes; at += 4) units_.push_back(little_endian(bytes, at));
  pool_ = bytes.substr(4 + trie_bytes);
  if (find_invalid_utf8(pool_) != std::string::npos)
    throw UsageError(fmt::format("{}: the character map's replacement texts are not UTF-8", where));
}

std::optional<std::string_view> CharacterMap::replacement(std::string_view chunk) const {
  std::size_t at = unit_offset(units_[0]);
  for (char c : chunk) {
    const auto byte = static_cast<unsigned char>(c);
    at ^= byte;
    if (byte == 0 || at >= units_.size() || unit_label(units_[at]) != byte) return std::nullopt;
    const std::uint32_t unit = units_[at];
    at ^= unit_offset(unit);
    if (at >= units_.size()) return std::nullopt;
    if (unit_has_leaf(unit)) {
      const std::size_t start = leaf_value(units_[at]);
      if (start > pool_.size()) return std::nullopt;
      const std::string_view rest = std::string_view(pool_).substr(start);
      return rest.substr(0, rest.find('\0'));
    }
  }
  return std::nullopt;
}

std::string CharacterMap::apply(std::string_view text) const {
  std::string out;
  for_each_grapheme(text, [&](std::string_view cluster) {
    if (cluster.size() <= kLongestCluster)
      if (const auto whole = replacement(cluster)) {
        out += *whole;
        return;
      }
    for (std::size_t at = 0; at < cluster.size();) {
      const auto character = cluster.substr(at, utf8_size(cluster[at]));
      out += replacement(character).value_or(character);
      at += character.size();
    }
  });
  return out;
}

}  // namespace wan::text
