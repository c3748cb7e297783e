// The little of Unicode that the text path needs: code points, white space, normal forms, grapheme clusters.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace wan::text {

// The position of the first byte that is not valid UTF-8 (overlong forms and surrogates are not), or npos.
std::size_t find_invalid_utf8(std::string_view text);

// `text` must be valid UTF-8.
std::u32string decode_utf8(std::string_view text);
std::string encode_utf8(std::u32string_view text);
void append_utf8(std::string& text, char32_t c);

// Bytes of the character that starts with this byte (1 for a byte that starts none).
std::size_t utf8_size(char lead);

// The property White_Space.
bool is_white_space(char32_t c);
bool is_digit(char32_t c);      // decimal digits of any script
bool is_word(char32_t c);       // letters, marks, digits and connectors of any script
char32_t to_upper(char32_t c);  // the simple mapping

enum class NormalForm { nfc, nfd, nfkc, nfkd };
std::string normalize(std::string_view text, NormalForm form);

// Calls `visit` with each extended grapheme cluster, from the left.
void for_each_grapheme(std::string_view text, const std::function<void(std::string_view)>& visit);

}  // namespace wan::text
