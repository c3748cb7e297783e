// The HTML page that sections write into: one file, one inline style, no script, no request to anywhere (a content security policy says so
// to the browser too). Light and dark by the reader's preference, printable, readable without colour.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include "harness/gate/verdict.h"
#include "reports/markup.h"

namespace wan::reports {

struct TableColumn {
  std::string title;
  bool numeric = false;
  std::string help = {};  // shown when the pointer rests on the title
};

struct TableCell {
  Markup content;
  std::string style = {};  // a class of the style sheet
  TableCell() = default;
  template <typename Content>
  requires std::convertible_to<Content, Markup> TableCell(const Content& given, std::string style_class = {})
      : content(given), style(std::move(style_class)) {}
};

// The first cell of a row names it.
struct Table {
  std::string caption;
  std::vector<TableColumn> columns;
  std::vector<std::vector<TableCell>> rows = {};
  std::vector<Markup> below = {};  // one a row, over the table's full width under it; none at all or as many as rows
};

Markup table(const Table& table);
// Icon and word of an outcome, coloured: "✓ held".
Markup badge(gate::Outcome outcome);
// Folded away until asked for; browsers that can open it in print do.
Markup details(const Markup& summary, const Markup& content);
Markup code(const std::string& text);  // inline
Markup code_block(const std::string& text);
Markup strong(const Markup& content);

// How a content security policy names an inline style or script: sha256-<base64>.
std::string policy_digest(std::string_view text);

class Page {
 public:
  // Starts a section: a heading with an anchor, listed in the table of contents.
  void section(const std::string& id, const std::string& title);
  void paragraph(const Markup& content);
  void note(const Markup& content);  // what explains, in smaller type
  void warning(const Markup& content);
  void heading(const std::string& title);  // inside a section
  void list(const std::vector<Markup>& entries);
  void add(const Markup& content);

  struct Head {
    std::string title;  // of the window
    Markup banner;      // first thing on the page
    std::string footer;
  };
  std::string finish(const Head& head) const;

 private:
  struct Part {
    std::string id, title;
    Markup body = {};
  };
  Part& current();
  std::vector<Part> parts_;
};

}  // namespace wan::reports
