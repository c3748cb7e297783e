#include "metrics/sets/set_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "engine/base/error.h"
#include "engine/io/json_writer.h"
#include "metrics/sets/frechet.h"
#include "metrics/sets/mmd.h"

namespace wan::metrics::sets {
namespace {

using Distance = double (*)(const FeatureSet&, const FeatureSet&);

struct SetMetric {
  std::string id;
  Distance independent, paired;
  std::string (*definition)(const FeatureSet& a, const FeatureSet& b, bool paired);
};

const std::vector<SetMetric>& metrics() {
  static const std::vector<SetMetric> kMetrics{
      {"frechet", frechet_distance, frechet_distance,
       [](const FeatureSet& a, const FeatureSet& b, bool) {
         return fmt::format("covariance N-1, {}", to_string(frechet_algorithm(a, b)));
       }},
      {"mmd.kid", [](const FeatureSet& a, const FeatureSet& b) { return squared_mmd(a, b, kKidKernel, MmdEstimator::unbiased); },
       [](const FeatureSet& a, const FeatureSet& b) { return squared_mmd(a, b, kKidKernel, MmdEstimator::unbiased_paired); },
       [](const FeatureSet&, const FeatureSet&, bool paired) {
         return fmt::format("kernel (x.y/d + 1)^3, {}", paired ? "unbiased_paired" : "unbiased");
       }},
      {"mmd.jedi", [](const FeatureSet& a, const FeatureSet& b) { return 100 * squared_mmd(a, b, kJediKernel, MmdEstimator::v_statistic); },
       [](const FeatureSet& a, const FeatureSet& b) { return 100 * squared_mmd(a, b, kJediKernel, MmdEstimator::v_statistic); },
       [](const FeatureSet&, const FeatureSet&, bool) { return std::string("kernel (x.y/d)^2, V-statistic, times 100"); }}};
  return kMetrics;
}

std::string score_id(const std::string& metric, const std::string& extractor) {
  return metric == "frechet" && extractor == "i3d400" ? "fvd.i3d400" : metric + "." + extractor;
}

std::vector<const SetMetric*> resolve(const std::vector<std::string>& wanted) {
  std::vector<const SetMetric*> found;
  for (const SetMetric& metric : metrics())
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), metric.id) != wanted.end()) found.push_back(&metric);
  for (const std::string& id : wanted)
    if (std::none_of(found.begin(), found.end(), [&](const SetMetric* metric) { return metric->id == id; }))
      throw UsageError(fmt::format("unknown metric of sets '{}'; this build has {}", id, fmt::join(set_metrics(), ", ")));
  return found;
}

VideoClip shortened(VideoClip clip, std::int64_t frames, const std::string& name) {
  if (frames == 0) return clip;
  if (clip.frames < frames) throw UsageError(fmt::format("{}: {} frames, and the first {} are asked for", name, clip.frames, frames));
  clip.rgb.resize(static_cast<std::size_t>(frames * clip.height * clip.width * 3));
  clip.frames = frames;
  return clip;
}

FeatureSet extract(std::span<const SetClip> sources, Extractor& extractor, const SetRequest& request, SetComparison& out) {
  FeatureSet set;
  for (const SetClip& source : sources) {
    const VideoClip clip = shortened(source.read(), request.frames, source.name);
    if (out.frames == 0) out.frames = clip.frames, out.height = clip.height, out.width = clip.width;
    if (clip.frames != out.frames || clip.height != out.height || clip.width != out.width)
      throw UsageError(
          fmt::format("{}: {} frames of {}x{}, the clips before it have {} of {}x{}; clips of one comparison are equally large and "
                      "long, and --frames shortens them",
                      source.name, clip.frames, clip.width, clip.height, out.frames, out.width, out.height));
    const std::vector<double> features = extractor.extract(clip, request.bootstrap.threads);
    if (set.dimension == 0) set.dimension = features.size();
    WAN_CHECK(features.size() == set.dimension, "{} features after {}", features.size(), set.dimension);
    set.values.insert(set.values.end(), features.begin(), features.end());
  }
  return set;
}

}  // namespace

std::vector<std::string> set_metrics() {
  std::vector<std::string> ids;
  for (const SetMetric& metric : metrics()) ids.push_back(metric.id);
  return ids;
}

SetComparison compare_sets(std::span<const SetClip> reference, std::span<const SetClip> candidate, Extractor& extractor,
                           const SetRequest& request) {
  const std::vector<const SetMetric*> wanted = resolve(request.metrics);
  if (reference.empty() || candidate.empty()) throw UsageError("a set of clips is empty");
  const bool paired = request.bootstrap.paired;
  if (paired && reference.size() != candidate.size())
    throw UsageError(fmt::format("paired sets are equally large, these have {} and {} clips", reference.size(), candidate.size()));

  SetComparison out{.extractor = extractor.info(),
                    .reference_clips = static_cast<std::int64_t>(reference.size()),
                    .candidate_clips = static_cast<std::int64_t>(candidate.size()),
                    .bootstrap = request.bootstrap};
  const FeatureSet a = extract(reference, extractor, request, out), b = extract(candidate, extractor, request, out);
  out.dimension = static_cast<std::int64_t>(a.dimension);
  for (const SetMetric* metric : wanted) {
    SetScore score{.metric = score_id(metric->id, out.extractor.name), .definition = metric->definition(a, b, paired)};
    const Distance distance = paired ? metric->paired : metric->independent;
    try {
      score.value = distance(a, b);
      if (request.bootstrap.resamples > 0) score.interval = bootstrap(a, b, request.bootstrap, distance);
    } catch (const UsageError& e) {
      score.error = e.what();
    }
    out.scores.push_back(std::move(score));
  }
  return out;
}

std::string to_json(const SetComparison& comparison) {
  std::string out = "{\"schema\":1,\"extractor\":{";
  const auto text = [&](const char* key, const std::string& value, const char* after = ",") {
    out += fmt::format("\"{}\":", key);
    io::append_json(out, value);
    out += after;
  };
  const ExtractorInfo& extractor = comparison.extractor;
  text("name", extractor.name);
  text("sha256", extractor.sha256);
  text("resize", extractor.resize);
  text("normaliser", extractor.normaliser);
  text("features", extractor.features);
  fmt::format_to(std::back_inserter(out), "\"dimension\":{}}},\"reference_clips\":{},\"candidate_clips\":{},\"paired\":{},",
                 comparison.dimension, comparison.reference_clips, comparison.candidate_clips, comparison.bootstrap.paired);
  fmt::format_to(std::back_inserter(out), "\"frames\":{},\"height\":{},\"width\":{},\"scores\":[", comparison.frames, comparison.height,
                 comparison.width);
  for (const SetScore& score : comparison.scores) {
    if (&score != comparison.scores.data()) out += ',';
    out += '{';
    text("metric", score.metric);
    fmt::format_to(std::back_inserter(out), "\"version\":{},", score.version);
    if (!score.error.empty()) {
      text("definition", score.definition);
      text("error", score.error, "}");
      continue;
    }
    text("definition", score.definition, ",\"value\":");
    io::append_json(out, score.value);
    if (score.interval) {
      out += ",\"interval\":{\"low\":";
      io::append_json(out, score.interval->low);
      out += ",\"high\":";
      io::append_json(out, score.interval->high);
      out += ",\"level\":";
      io::append_json(out, comparison.bootstrap.level);
      fmt::format_to(std::back_inserter(out), ",\"resamples\":{},\"seed\":{}}}", comparison.bootstrap.resamples, comparison.bootstrap.seed);
    }
    out += '}';
  }
  return out + "]}";
}

}  // namespace wan::metrics::sets
