#include "harness/cli/train_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/generator.h"
#include "engine/train/world/caption.h"
#include "harness/cli/contact_sheet.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/progress_line.h"
#include "harness/cli/resources.h"
#include "metrics/scorer.h"

namespace wan::cli {
namespace {

struct Share {
  double sum = 0;
  std::int64_t count = 0;
};
using Means = std::map<std::string, Share>;

void add(Means& means, const metrics::QualityScores& scores) {
  for (const auto& score : scores.scores) {
    if (!score.error.empty()) throw UsageError(score.error);
    Share& share = means[score.metric];
    share.sum += score.pooled.mean;
    ++share.count;
  }
}

double mean(const Share& share) { return share.sum / static_cast<double>(share.count); }

// Claims that a clip misses, by their last word; empty where all core claims hold.
std::string missed(const metrics::QualityScores& scores) {
  constexpr std::string_view all = "adherence.world";
  std::vector<std::string_view> names;
  bool failed = false;
  for (const auto& score : scores.scores) {
    const std::string_view name = score.metric;
    if (score.pooled.mean == 1) continue;
    if (name == all) {
      failed = true;
    } else {
      names.push_back(name.substr(all.size() + 1));
    }
  }
  return failed ? fmt::format("{}", fmt::join(names, ", ")) : std::string();
}

}  // namespace

void check_vae(const CheckOptions& options) {
  Means means;
  train::reconstruct(
      model_dir(options.model), {.device = options.device}, options.clips, [&](const VideoClip& clip, const VideoClip& rebuilt) {
        add(means,
            metrics::score(clip, rebuilt, {.metrics = {{.id = "psnr.pooled"}, {.id = "lpips.alex"}}, .data_dir = data_dir().string()}));
      });
  fmt::print("held-out clips rebuilt: {}, PSNR {:.2f} dB, LPIPS {:.4f} (means over clips)\n", options.clips, mean(means["psnr.pooled"]),
             mean(means["lpips.alex"]));
}

void check_prompts(const CheckOptions& options) {
  Generator generator({.checkpoint_dir = model_dir(options.model).string(), .device = options.device, .threads = options.threads});
  constexpr std::int64_t kOnSheet = 24;
  ContactSheet sheet(/*clips_a_row=*/3);
  std::vector<std::string> captions;  // of the sheet
  std::vector<std::string> failures;
  Means means;
  std::int64_t clips = 0;
  ProgressLine line(stderr);
  for (; clips < options.clips && !Interrupt::requested(); ++clips) {
    const auto seed = static_cast<std::uint64_t>(clips);
    const std::string caption = world::describe(world::draw_scene(seed, options.split), seed);
    const auto result = generator.generate({.prompt = caption,
                                            .steps = options.steps,
                                            .guidance_low = options.guidance_low,
                                            .guidance_high = options.guidance_high,
                                            .seed = seed});
    const auto scores = metrics::score(result.clip, result.clip, {.metrics = {{.id = "adherence.world"}}, .prompt = caption});
    add(means, scores);
    const std::string failure = options.failures ? missed(scores) : std::string();
    if (!failure.empty()) failures.push_back(fmt::format("seed {}: {} ({})", seed, failure, caption));
    if (std::ssize(captions) < kOnSheet && !options.sheet.empty() && options.failures == !failure.empty()) {
      sheet.add(result.clip);
      captions.push_back(caption);
    }
    line.show_steps("clip", clips + 1, options.clips);
  }
  if (!captions.empty()) {
    sheet.write(options.sheet);
    fmt::print("{}, row by row:\n{}\n\n", options.sheet, fmt::join(captions, "\n"));
  }
  for (const auto& failure : failures) fmt::print("{}\n", failure);
  fmt::print("{} held-out {}, {} steps, guidance {},{}\n", clips, options.split == world::Split::combinations ? "combinations" : "captions",
             options.steps, options.guidance_low, options.guidance_high);
  for (const auto& [name, share] : means) fmt::print("{:<28} {:6.1f} %  n = {}\n", name, 100 * mean(share), share.count);
}

}  // namespace wan::cli
