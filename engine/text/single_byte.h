// Windows-1252, the single-byte encoding that text is most often mistaken for, in the browsers' form: its five free bytes are C1 controls.
#pragma once

#include <optional>

namespace wan::text {

char32_t windows_1252_character(unsigned char byte);

// The byte that reads as `c` in Windows-1252 or in Latin-1 (they differ in 0x80..0x9F alone, where both answers are accepted).
std::optional<unsigned char> single_byte(char32_t c);

}  // namespace wan::text
