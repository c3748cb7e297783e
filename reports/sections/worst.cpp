// The worst frame of every configuration beside the baseline's, with the difference made visible.
#include <fmt/format.h>

#include "reports/format.h"
#include "reports/frames.h"
#include "reports/page.h"
#include "reports/section.h"
#include "reports/summary.h"

namespace wan::reports {
namespace {

constexpr std::size_t kMostClips = 16;  // images dominate the page's size: at 480 pixels some 1 MB a clip

Markup picture(const std::string& uri, const FrameImages& images, const std::string& caption, const std::string& alternative) {
  const Markup image = empty_element(
      "img", {{"src", uri}, {"width", std::to_string(images.width)}, {"height", std::to_string(images.height)}, {"alt", alternative}});
  return element("figure", image + element("figcaption", caption));
}

const plan::Prompt* find_prompt(const store::RunRecord& run, const std::string& id) {
  for (const auto& prompt : run.prompts)
    if (prompt.id == id) return &prompt;
  return nullptr;
}

Markup clip(const Dataset& data, const WorstFrame& worst, const FrameImages& images) {
  const auto& cell = *worst.candidate;
  const std::string place = fmt::format("frame {} of prompt {}", worst.frame, cell.prompt);
  Markup pictures =
      picture(images.baseline, images, worst.baseline->configuration, worst.baseline->configuration + ", " + place) +
      picture(images.candidate, images, cell.configuration, cell.configuration + ", " + place) +
      picture(images.difference, images, fmt::format("difference × {}", images.gain), fmt::format("amplified difference of {}", place));
  if (!images.floor_difference.empty())
    pictures += picture(images.floor_difference, images, fmt::format("{}: difference × {}", worst.floor->configuration, images.gain),
                        fmt::format("amplified difference of {} at {}", worst.floor->configuration, place));
  const auto* prompt = find_prompt(data.run, cell.prompt);
  const std::string title = fmt::format("{}: {}, seed {}, frame {}", cell.configuration, cell.prompt, cell.seed, worst.frame);
  Markup content = element("h3", title) +
                   element("p", {{"class", "note"}},
                           fmt::format("{} of this frame: {}", figure_label(worst.metric), format_figure(worst.metric, worst.value)) +
                               (prompt ? " · “" + prompt->text + "”" : ""));
  return element("div", {{"class", "clip"}}, content + element("div", {{"class", "frames"}}, pictures));
}

void render(const Dataset& data, Page& page) {
  const auto found = worst_frames(data);
  if (found.empty()) {
    page.paragraph("No clip has frame scores against a baseline, so no frame can be called the worst.");
    return;
  }
  std::vector<Markup> clips;
  std::vector<std::string> missing;
  std::string first_reason;
  for (const auto& frame : found) {
    if (clips.size() == kMostClips) break;
    std::string reason;
    if (const auto images = read_frame_images(data, frame, reason)) {
      clips.push_back(clip(data, frame, *images));
    } else {
      missing.push_back(frame.candidate->configuration);
      if (first_reason.empty()) first_reason = reason;
    }
  }
  if (clips.empty()) {
    page.paragraph(fmt::format("No frames can be shown: {}.", first_reason));
    return;
  }
  page.paragraph(
      "Of every configuration the clip that lies furthest from its baseline, at its worst frame, worst first. The difference is absolute, "
      "amplified until it is visible; at the same gain stands what an equally valid run, the noise floor, does to the same frame.");
  for (const auto& shown : clips) page.add(shown);
  if (const std::size_t seen = clips.size() + missing.size(); seen < found.size())
    page.note(fmt::format("{} of lesser difference left out.", count_of(found.size() - seen, "configuration")));
  if (!missing.empty()) page.note(fmt::format("Without images: {} ({}).", join(missing, ", "), first_reason));
}

}  // namespace

extern const Section worst;
const Section worst{.id = "worst", .title = "Worst frames", .order = 50, .render = render};

}  // namespace wan::reports
