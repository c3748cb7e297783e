// Repairs UTF-8 that was read as Latin-1 or Windows-1252 ("cafÃ©", "â€œhiâ€\u009d"), once or several times over, whole or in places. Text
// that could be meant as it stands is left alone: a repair needs valid UTF-8 underneath and a neighbourhood of characters that people do
// not write.
#pragma once

#include <string>

namespace wan::text {

std::u32string repair_mojibake(std::u32string text);

}  // namespace wan::text
