#include "reports/ab_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "engine/base/error.h"
#include "engine/io/json.h"
#include "harness/gate/ab_trials.h"
#include "reports/ab_clips.h"
#include "reports/ab_script.h"
#include "reports/format.h"
#include "reports/page.h"

namespace wan::reports {
namespace {

using gate::AbTrial;

Markup newline() { return Markup::trusted("\n"); }

// Inside a script element nothing is escaped, and "</script" would end it; JSON can do without the character.
std::string json_text(std::string_view text) {
  std::string quoted;
  for (const char c : io::quote_json(text)) c == '<' ? quoted += "\\u003c" : quoted += c;
  return quoted;
}

std::string json_texts(const std::vector<std::string>& texts) {
  std::string list;
  for (const auto& text : texts) list += (list.empty() ? "" : ",") + json_text(text);
  return "[" + list + "]";
}

const std::string& prompt_text(const store::RunRecord& run, const std::string& id) {
  for (const auto& prompt : run.prompts)
    if (prompt.id == id) return prompt.text;
  return id;
}

struct Chosen {
  std::vector<AbTrial> trials;
  std::size_t left_out = 0, without_clips = 0;
};

Chosen choose(const Dataset& data, const AbOptions& options) {
  std::vector<AbTrial> trials = gate::ab_trials(data.run, options.seed);
  const auto firsts = [&] {
    return static_cast<std::size_t>(std::count_if(trials.begin(), trials.end(), [](const AbTrial& trial) { return !trial.repeat; }));
  };
  const std::size_t all = firsts();
  if (all == 0)
    throw UsageError(fmt::format(
        "run {}: no candidate has a finished clip that differs from its baseline's, so there is nothing to compare", data.run.run_id));
  std::erase_if(trials, [&](const AbTrial& trial) {
    return data.run_dir.empty() || trial.candidate->clip_file.empty() || trial.baseline->clip_file.empty();
  });
  const std::size_t kept = firsts();
  if (kept == 0)
    throw UsageError(
        fmt::format("run {}: of {} no two clips were kept; make the run again with --keep-clips", data.run.run_id, count_of(all, "pair")));
  Chosen chosen{.trials = gate::choose_trials(trials, options.trials), .without_clips = all - kept};
  chosen.left_out = kept - std::min(kept, options.trials);
  return chosen;
}

std::string media_sentence(AbMedia media) {
  return media == AbMedia::mp4 ? "Clips are shown as H.264, a lossy code: the finest differences may be gone."
                               : "Clips are shown frame by frame as PNG, without loss.";
}

// What the script reads: ids, prompts and clips, and not which is which.
std::string page_data(const Dataset& data, const AbOptions& options, const std::vector<AbTrial>& trials, const std::string& page_id) {
  const AbMedia media = ab_media(data.run);
  std::string list;
  double frames_per_second = 0;
  for (const auto& trial : trials) {
    const AbClip candidate = read_ab_clip(data, *trial.candidate, media), baseline = read_ab_clip(data, *trial.baseline, media);
    frames_per_second = baseline.frames_per_second;
    const auto& [left, right] = trial.candidate_left ? std::tie(candidate, baseline) : std::tie(baseline, candidate);
    list += fmt::format("{}\n{{\"id\":\"{}\",\"prompt\":{},\"left\":{},\"right\":{}}}", list.empty() ? "" : ",", trial.id,
                        json_text(prompt_text(data.run, trial.candidate->prompt)), json_texts(left.base64), json_texts(right.base64));
  }
  return fmt::format("{{\"run\":\"{}\",\"page\":\"{}\",\"seed\":{},\"media\":\"{}\",\"frames_per_second\":{},\"trials\":[{}\n]}}",
                     gate::ab_run_digest(data.run), page_id, options.seed, media == AbMedia::mp4 ? "mp4" : "png", frames_per_second, list);
}

Markup head() {
  const std::string policy = fmt::format(
      "default-src 'none'; img-src data:; media-src data:; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
      policy_digest(ab_style()), policy_digest(ab_script()));
  return element("head", newline() + empty_element("meta", {{"charset", "utf-8"}}) + newline() +
                             empty_element("meta", {{"http-equiv", "Content-Security-Policy"}, {"content", policy}}) + newline() +
                             empty_element("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}) + newline() +
                             element("title", "Which clip is better?") + newline() + element("style", Markup::trusted(ab_style())) +
                             newline());
}

Markup button(const std::string& id, const std::string& text) {
  return element("button", {{"id", id}, {"type", "button"}}, text) + newline();
}

Markup hidden(const std::string& id, const std::string& style, const std::string& text) {
  return element("p", {{"id", id}, {"class", style}, {"hidden", ""}}, text) + newline();
}

Markup trial_area() {
  const Markup pair = element("figure", {{"id", "left"}, {"aria-label", "left clip"}}, {}) + newline() +
                      element("figure", {{"id", "right"}, {"aria-label", "right clip"}}, {});
  const Markup answers =
      button("prefer-left", "← Left is better") + button("tie", "↓ No difference") + button("prefer-right", "Right is better →");
  return element("div", {{"id", "trial"}},
                 element("p", "Asked for: " + element("q", {{"id", "prompt"}}, {})) + newline() + hidden("wait", "note", "Loading …") +
                     hidden("trouble", "warning", "This browser cannot play the clips; please open the page in another one.") +
                     element("div", {{"class", "pair"}}, pair) + newline() + element("div", {{"class", "bar answers"}}, answers));
}

Markup body(const AbPage& page) {
  std::string what = fmt::format("{}, {} of them shown twice.", count_of(page.trials, "pair"), page.repeats);
  if (page.left_out > 0) what += fmt::format(" {} left out to keep this short.", count_of(page.left_out, "further pair"));
  if (page.without_clips > 0) what += fmt::format(" Of {} the clips were not kept.", count_of(page.without_clips, "further pair"));
  const Markup controls = element("progress", {{"id", "progress"}, {"aria-label", "progress"}}, {}) + newline() +
                          element("span", {{"id", "count"}, {"aria-live", "polite"}}, {}) + newline() + button("undo", "⌫ Undo") +
                          button("replay", "R Replay");
  const Markup saving = element("label", "Your name, if you like: " +
                                             empty_element("input", {{"id", "rater"}, {"maxlength", "200"}, {"autocomplete", "off"}})) +
                        newline() + button("export", "Save votes") + button("anew", "Start anew");
  return element("h1", "Which clip is better?") + newline() +
         element("p",
                 "Two clips of the same prompt play in step. Choose the better one, by picture, motion and how well it shows what was "
                 "asked for. Keys: ← and → prefer a side, ↓ or space means no difference, backspace takes the last answer back, R "
                 "begins the clips again.") +
         newline() + element("div", {{"class", "bar"}}, controls) + newline() + trial_area() + newline() +
         hidden("done", "warning", "Thank you. Save the votes and send the file to whoever asked you.") +
         hidden("unstored", "warning", "This browser keeps nothing for this page: save the votes before you close it.") +
         element("div", {{"class", "bar"}}, saving) + newline() + element("p", {{"class", "note"}}, what + " " + page.media) + newline() +
         element("noscript", element("p", {{"class", "warning"}}, "This page needs its script: please allow it.")) + newline();
}

}  // namespace

AbPage render_ab_page(const Dataset& data, const AbOptions& options) {
  const Chosen chosen = choose(data, options);
  AbPage page{.html = {},
              .id = {},
              .left_out = chosen.left_out,
              .without_clips = chosen.without_clips,
              .media = media_sentence(ab_media(data.run))};
  std::vector<std::string> ids;
  for (const auto& trial : chosen.trials) {
    ids.push_back(trial.id);
    ++(trial.repeat ? page.repeats : page.trials);
  }
  page.id = gate::ab_page_id(data.run, options.seed, ids);
  const Markup data_block = element("script", {{"id", "trials"}, {"type", "application/json"}},
                                    Markup::trusted(page_data(data, options, chosen.trials, page.id)));
  page.html = "<!DOCTYPE html>\n<html lang=\"en\">\n" + head().str() + "\n<body>\n" + body(page).str() + data_block.str() + "\n" +
              element("script", Markup::trusted(ab_script())).str() + "\n</body>\n</html>\n";
  return page;
}

}  // namespace wan::reports
