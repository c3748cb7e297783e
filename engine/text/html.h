// Character references of HTML in text that was escaped once too often: &amp; &#233; &#xe9; &Eacute;.
#pragma once

#include <string>
#include <string_view>

namespace wan::text {

// As a browser does: also without semicolon where the standard allows it, numbers of Windows-1252 mapped, forbidden characters dropped.
std::u32string unescape_html(std::u32string_view text);

// For text that may be no HTML at all: only references that end in a semicolon; also names that were put in capitals (&EACUTE; is É).
std::u32string unescape_html_strict(std::u32string_view text);

}  // namespace wan::text
