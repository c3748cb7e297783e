// Pieces of JSON appended to a text, for files that are too long for a tree.
#pragma once

#include <string>
#include <string_view>

namespace wan::io {

// A JSON string, quotes included; bytes that are no UTF-8 become U+FFFD.
void append_json(std::string& out, std::string_view text);

// The shortest number that reads back as the same bits, always with a point or an exponent so that it stays a double. JSON has no infinity:
// what is not finite becomes "inf", "-inf" or "nan".
void append_json(std::string& out, double value);

}  // namespace wan::io
