#include "reports/page.h"

#include <array>
#include <cstdint>

#include "engine/base/error.h"
#include "engine/base/sha256.h"
#include "reports/format.h"
#include "reports/style.h"

namespace wan::reports {
namespace {

Markup newline() { return Markup::trusted("\n"); }

// The policy names the one style sheet by its digest, so that a style or script that somebody smuggled in would not run.
std::string content_security_policy() {
  return "default-src 'none'; img-src data:; style-src '" + policy_digest(style_sheet()) + "'; base-uri 'none'; form-action 'none'";
}

Markup head_cells(const Table& table) {
  Markup cells;
  for (const auto& column : table.columns) {
    Attributes attributes{{"scope", "col"}};
    if (column.numeric) attributes.emplace_back("class", "number");
    if (!column.help.empty()) attributes.emplace_back("title", column.help);
    cells += element("th", attributes, column.title);
  }
  return cells;
}

Markup row_cells(const Table& table, const std::vector<TableCell>& row) {
  Markup cells;
  for (std::size_t c = 0; c < row.size(); ++c) {
    std::string style = row[c].style;
    if (table.columns[c].numeric) style += style.empty() ? "number" : " number";
    Attributes attributes;
    if (c == 0) attributes.emplace_back("scope", "row");
    if (!style.empty()) attributes.emplace_back("class", style);
    cells += element(c == 0 ? "th" : "td", attributes, row[c].content);
  }
  return cells;
}

}  // namespace

Markup table(const Table& table) {
  Markup body = newline();
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const auto& row = table.rows[r];
    WAN_CHECK(row.size() == table.columns.size(), "table \"{}\": expected {} cells got {}", table.caption, table.columns.size(),
              row.size());
    const bool has_below = !table.below.empty() && !table.below.at(r).empty();
    body += element("tr", has_below ? Attributes{{"class", "above"}} : Attributes{}, row_cells(table, row)) + newline();
    if (!has_below) continue;
    const Attributes whole{{"colspan", std::to_string(table.columns.size())}, {"class", "why"}};
    body += element("tr", element("td", whole, table.below[r])) + newline();
  }
  const Markup grid = element("table", element("caption", table.caption) + newline() + element("thead", element("tr", head_cells(table))) +
                                           newline() + element("tbody", body));
  // Focusable, so that a keyboard can scroll a table that is wider than the window.
  return element("div", {{"class", "scroll"}, {"role", "region"}, {"tabindex", "0"}, {"aria-label", table.caption}}, grid) + newline();
}

Markup badge(gate::Outcome outcome) {
  const Markup icon = element("span", {{"class", "icon"}, {"aria-hidden", "true"}}, outcome_icon(outcome));
  return element("span", {{"class", "badge " + outcome_id(outcome)}}, icon + " " + outcome_word(outcome));
}

Markup details(const Markup& summary, const Markup& content) {
  return element("details", element("summary", summary) + newline() + content) + newline();
}

std::string policy_digest(std::string_view text) {
  const std::string hex = sha256_hex(text);
  std::string digest;
  for (std::size_t at = 0; at < hex.size(); at += 2) digest += static_cast<char>(std::stoi(hex.substr(at, 2), nullptr, 16));
  return "sha256-" + base64(digest);
}

Markup code(const std::string& text) { return element("code", text); }
Markup code_block(const std::string& text) { return element("pre", element("code", text)) + newline(); }
Markup strong(const Markup& content) { return element("strong", content); }

void Page::section(const std::string& id, const std::string& title) { parts_.push_back({.id = id, .title = title}); }

Page::Part& Page::current() {
  WAN_CHECK(!parts_.empty(), "a page's content needs a section");
  return parts_.back();
}

void Page::paragraph(const Markup& content) { add(element("p", content)); }
void Page::note(const Markup& content) { add(element("p", {{"class", "note"}}, content)); }
void Page::warning(const Markup& content) { add(element("p", {{"class", "warning"}}, content)); }
void Page::heading(const std::string& title) { add(element("h3", title)); }
void Page::add(const Markup& content) { current().body += content + newline(); }

void Page::list(const std::vector<Markup>& entries) {
  Markup items;
  for (const auto& entry : entries) items += element("li", entry) + newline();
  add(element("ul", items));
}

std::string Page::finish(const Head& head) const {
  Markup links;
  std::size_t bytes = 0;
  for (const auto& part : parts_) {
    links += element("li", element("a", {{"href", "#" + part.id}}, part.title));
    bytes += part.body.str().size();
  }
  const Markup meta = empty_element("meta", {{"charset", "utf-8"}}) + newline() +
                      empty_element("meta", {{"http-equiv", "Content-Security-Policy"}, {"content", content_security_policy()}}) +
                      newline() + empty_element("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}) +
                      newline() + empty_element("meta", {{"name", "color-scheme"}, {"content", "light dark"}}) + newline();
  const Markup top = element(
      "head", newline() + meta + element("title", head.title) + newline() + element("style", Markup::trusted(style_sheet())) + newline());
  const Markup contents = element("nav", {{"aria-label", "Contents"}}, element("ol", links));
  // Sections are long: they are copied once, into room that was made for all of them.
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\">\n" + top.str() + "\n<body>\n" + head.banner.str() + "\n<div class=\"columns\">" +
                     contents.str() + "\n<main>\n";
  page.reserve(page.size() + bytes + 1024 * (parts_.size() + 1) + head.footer.size());
  for (const auto& part : parts_) {
    const std::string id = escaped(part.id);
    page += "<section id=\"" + id + "\" aria-labelledby=\"" + id + "-title\">\n";
    page += element("h2", {{"id", part.id + "-title"}}, part.title).str() + "\n";
    page += part.body.str();
    page += "</section>\n";
  }
  page += "</main></div>\n" + element("footer", head.footer).str() + "\n</body>\n</html>\n";
  return page;
}

}  // namespace wan::reports
