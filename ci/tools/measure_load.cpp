// wan-measure-load: what loading costs beside a plain read of the same files, and what a step costs in each memory mode.
//   wan-measure-load write DIR [--layers 40] [--dtype bfloat16|float32] [--layout diffusers|official] [--shards 6]
//       an expert of Wan2.2 T2V-A14B with synthetic weights (26.6 GiB in bfloat16), sharded, as the layout names its tensors
//   wan-measure-load time DIR [--device cpu|cuda] [--dtype bfloat16|float32] [--rounds 3]
//       plain read and load by turns, page cache cold, then warm; medians and their ratio
//   wan-measure-load step DIR [--device cpu|cuda] [--mode resident|offload|stream:SLOTS] [--size 832*480] [--frames 81] [--rounds 2]
//       one guided step of each of two experts: the one in DIR, and a second one whose weights are synthetic, in memory
// A plain read is one thread that reads each file forwards into one buffer of 1 MiB that stays in the cache: what reading costs if nothing
// is kept. The cache is cold after posix_fadvise(DONTNEED), which drops what nobody maps.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/randn.h>
#include <c10/core/InferenceMode.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "engine/base/error.h"
#include "engine/checkpoint/weights.h"
#include "engine/configuration.h"
#include "engine/generation.h"
#include "engine/io/new_file.h"
#include "engine/io/safetensors.h"
#include "engine/model/block_pool.h"
#include "engine/model/tensor_table.h"
#include "engine/model/transformer.h"
#include "engine/runtime/device.h"
#include "engine/runtime/tensor.h"

namespace {

using namespace wan;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr const char* kStem = "diffusion_pytorch_model";
constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct Arguments {
  std::string command, folder;
  std::map<std::string, std::string> options = {};

  std::string text(const std::string& name, const std::string& otherwise) const {
    const auto found = options.find(name);
    return found == options.end() ? otherwise : found->second;
  }
  std::int64_t number(const std::string& name, std::int64_t otherwise) const {
    const std::string given = text(name, std::to_string(otherwise));
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), value);
    if (error != std::errc{} || end != given.data() + given.size() || value < 1)
      throw UsageError(fmt::format("--{} '{}': expected a positive number", name, given));
    return value;
  }
  at::ScalarType dtype() const { return parse_precision(text("dtype", "bfloat16")) == Precision::float32 ? at::kFloat : at::kBFloat16; }
};

Arguments read_arguments(int argc, char** argv) {
  static const std::set<std::string> kOptions = {"layers", "dtype", "layout", "shards", "device", "rounds", "mode", "size", "frames"};
  if (argc < 3 || argc % 2 == 0)
    throw UsageError("usage: wan-measure-load write|time|step DIR [--option value]...; see ci/tools/measure_load.cpp");
  Arguments given{.command = argv[1], .folder = argv[2]};
  for (int i = 3; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (!name.starts_with("--") || !kOptions.contains(name.substr(2))) throw UsageError(fmt::format("'{}' is not an option", name));
    given.options[name.substr(2)] = argv[i + 1];
  }
  return given;
}

// --- write -------------------------------------------------------------------------------------------------------------------------------

std::int64_t elements_of(const checkpoint::TensorSpec& spec) {
  std::int64_t n = 1;
  for (const std::int64_t extent : spec.shape) n *= extent;
  return n;
}

void write_shard(const fs::path& file, const checkpoint::TensorTable& table, at::ScalarType dtype, bool official) {
  const auto weights = checkpoint::synthetic_weights(table, {.dtype = dtype}, 2026);
  std::vector<io::TensorToWrite> tensors;
  for (const auto& spec : table) {
    const at::Tensor& tensor = weights.at(spec.name);
    tensors.push_back({.name = official ? spec.name : spec.diffusers,
                       .dtype = dtype == at::kFloat ? io::Dtype::f32 : io::Dtype::bf16,
                       .shape = spec.shape,
                       .data = {static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()}});
  }
  io::write_safetensors(file, tensors);
}

void write(const Arguments& given) {
  const bool official = given.text("layout", "diffusers") == "official";
  const auto table = model::transformer_tensors({.layers = given.number("layers", model::TransformerConfig().layers)});
  const std::int64_t shards = given.number("shards", 6);
  std::int64_t total = 0;
  for (const auto& spec : table) total += elements_of(spec);
  std::vector<checkpoint::TensorTable> parts(static_cast<std::size_t>(shards));
  std::int64_t so_far = 0;
  for (const auto& spec : table) {
    parts[static_cast<std::size_t>(std::min(so_far * shards / total, shards - 1))].push_back(spec);
    so_far += elements_of(spec);
  }
  fs::create_directories(given.folder);
  const auto start = Clock::now();
  std::string index;
  for (std::int64_t i = 0; i < shards; ++i) {
    const std::string name = fmt::format("{}-{:05}-of-{:05}.safetensors", kStem, i + 1, shards);
    const auto& part = parts[static_cast<std::size_t>(i)];
    if (part.empty()) continue;
    write_shard(fs::path(given.folder) / name, part, given.dtype(), official);
    for (const auto& spec : part)
      index += fmt::format("{}    \"{}\": \"{}\"", index.empty() ? "" : ",\n", official ? spec.name : spec.diffusers, name);
  }
  io::NewFile file(fs::path(given.folder) / (std::string(kStem) + ".safetensors.index.json"));
  file.write(fmt::format("{{\n  \"weight_map\": {{\n{}\n  }}\n}}\n", index));
  file.commit();
  fmt::print("wrote {} tensors, {:.3f} G parameters in {:.1f} s\n", table.size(), static_cast<double>(total) / 1e9, seconds_since(start));
}

// --- what is in the folder ---------------------------------------------------------------------------------------------------------------

struct Expert {
  model::TransformerConfig config = {};
  std::vector<checkpoint::FoundTensor> tensors = {};
  std::int64_t bytes = 0;
};

Expert open_expert(const fs::path& folder) {
  auto source = checkpoint::open_safetensors(folder, kStem, checkpoint::Layout::diffusers);
  if (source.has("blocks.0.modulation")) source.layout = checkpoint::Layout::official;
  Expert expert{.config = {.layers = 0}};
  const char* block_tensor = source.layout == checkpoint::Layout::official ? "blocks.{}.modulation" : "blocks.{}.scale_shift_table";
  while (source.has(fmt::format(fmt::runtime(block_tensor), expert.config.layers))) ++expert.config.layers;
  expert.tensors = checkpoint::find_tensors(source, model::transformer_tensors(expert.config));
  for (const auto& tensor : expert.tensors) expert.bytes += static_cast<std::int64_t>(tensor.view.data.size());
  return expert;
}

model::WeightLoader loader_of(const Expert& expert, const checkpoint::LoadPolicy& policy) {
  std::map<int, std::vector<checkpoint::FoundTensor>> by_block;
  for (const auto& tensor : expert.tensors) by_block[model::block_of(tensor.name)].push_back(tensor);
  return [by_block, policy](int block) { return checkpoint::load_tensors(by_block.at(block), policy); };
}

model::WeightLoader synthetic_loader(const model::TransformerConfig& config, const checkpoint::LoadPolicy& policy) {
  std::map<int, checkpoint::TensorTable> by_block;
  for (const auto& spec : model::transformer_tensors(config)) by_block[model::block_of(spec.name)].push_back(spec);
  return [by_block, policy](int block) { return checkpoint::synthetic_weights(by_block.at(block), policy, 7); };
}

// --- time --------------------------------------------------------------------------------------------------------------------------------

std::vector<fs::path> weight_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".safetensors") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

template <typename Use>
void with_file(const fs::path& file, const Use& use) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw UsageError(fmt::format("{}: cannot be opened", file.string()));
  use(descriptor);
  ::close(descriptor);
}

void drop_from_cache(const fs::path& folder) {
  for (const auto& file : weight_files(folder))
    with_file(file, [](int descriptor) {
      ::fdatasync(descriptor);  // what is not written yet stays
      ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    });
}

double plain_read_s(const fs::path& folder) {
  std::vector<char> buffer(std::size_t{1} << 20);
  const auto start = Clock::now();
  for (const auto& file : weight_files(folder))
    with_file(file, [&](int descriptor) {
      while (::read(descriptor, buffer.data(), buffer.size()) > 0) {
      }
    });
  return seconds_since(start);
}

struct Load {
  double elapsed_s;
  std::int64_t host_bytes;    // peak of the process above what it had before
  std::int64_t device_bytes;  // peak
};

Load load_once(const fs::path& folder, at::Device device, at::ScalarType dtype) {
  runtime::reset_peak_bytes(at::kCPU);
  const std::int64_t before = runtime::peak_bytes(at::kCPU);
  runtime::reset_peak_bytes(device);
  const auto start = Clock::now();
  const Expert expert = open_expert(folder);
  const auto load = loader_of(expert, {.dtype = dtype, .device = device, .keep_float32 = model::keep_float32});
  std::vector<checkpoint::Weights> weights;
  for (int block = model::kOutsideBlocks; block < expert.config.layers; ++block) weights.push_back(load(block));
  runtime::synchronize(device);
  const double elapsed_s = seconds_since(start);
  return {.elapsed_s = elapsed_s, .host_bytes = runtime::peak_bytes(at::kCPU) - before, .device_bytes = runtime::peak_bytes(device)};
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

void time(const Arguments& given) {
  const c10::InferenceMode inference;
  const fs::path folder = given.folder;
  const at::Device device = runtime::open_device(given.text("device", "cpu"));
  const std::int64_t rounds = given.number("rounds", 3);
  const auto gb = static_cast<double>(open_expert(folder).bytes) / 1e9;
  load_once(folder, device, given.dtype());  // contexts, buffers, kernels
  fmt::print("{:.1f} GB; GB/s of plain read and load by turns\n", gb);
  for (const bool cold : {true, false}) {
    std::vector<double> plain, load, ratio;
    Load last{};
    for (std::int64_t i = 0; i < rounds; ++i) {
      if (cold) drop_from_cache(folder);
      plain.push_back(plain_read_s(folder));
      if (cold) drop_from_cache(folder);
      last = load_once(folder, device, given.dtype());
      load.push_back(last.elapsed_s);
      ratio.push_back(load.back() / plain.back());
      fmt::print("{} round {}: plain {:.2f} s ({:.2f} GB/s), load {:.2f} s ({:.2f} GB/s), load / plain {:.3f}\n", cold ? "cold" : "warm",
                 i + 1, plain.back(), gb / plain.back(), load.back(), gb / load.back(), ratio.back());
    }
    fmt::print(
        "{} median: plain {:.2f} GB/s, load {:.2f} GB/s, load / plain {:.3f}; peak above the start: host {:.2f} GiB, device {:.2f} GiB\n",
        cold ? "cold" : "warm", gb / median(plain), gb / median(load), median(ratio), static_cast<double>(last.host_bytes) / kGiB,
        static_cast<double>(last.device_bytes) / kGiB);
  }
}

// --- step --------------------------------------------------------------------------------------------------------------------------------

std::int64_t slots_of(const std::string& mode, std::int64_t layers) {
  if (mode == "resident") return 0;
  if (mode == "offload") return layers + 1;
  std::int64_t slots = 0;
  const std::string_view prefix = "stream:", text = mode;
  if (text.starts_with(prefix)) std::from_chars(text.data() + prefix.size(), text.data() + text.size(), slots);
  if (slots < 2) throw UsageError(fmt::format("--mode '{}': expected resident, offload or stream:SLOTS with at least two", mode));
  return slots;
}

// The same in every mode, so that their results can be compared.
at::Tensor normal(at::IntArrayRef shape, at::ScalarType dtype, at::Device device) {
  return at::randn(shape, at::detail::createCPUGenerator(42), at::TensorOptions(at::kFloat)).to(device, dtype);
}

// [1, C, T, h, w] of a clip
at::Tensor noise_of(const Arguments& given, at::Device device) {
  const std::string size = given.text("size", "832*480");
  std::int64_t width = 0, height = 0;
  const auto star = size.find('*');
  if (star != std::string::npos) {
    std::from_chars(size.data(), size.data() + star, width);
    std::from_chars(size.data() + star + 1, size.data() + size.size(), height);
  }
  if (width < 16 || height < 16 || width % 16 != 0 || height % 16 != 0) throw UsageError(fmt::format("--size '{}': expected W*H", size));
  const std::int64_t frames = given.number("frames", 81);
  return normal({1, 16, (frames - 1) / 4 + 1, height / 8, width / 8}, at::kFloat, device);
}

struct Stepper {
  const std::vector<model::Transformer>& experts;
  at::Device device;
  at::Tensor latents, embeds;

  double run_s(int expert) {
    const auto start = Clock::now();
    const model::Transformer& transformer = experts[static_cast<std::size_t>(expert)];
    const auto rope = transformer.prepare_rope(latents.sizes());
    const auto time = transformer.prepare_time(std::array{900.0});
    for (int prompt = 0; prompt < 2; ++prompt) {
      const auto text = transformer.prepare_text(embeds);
      latents = latents - transformer.forward(latents, time, text, rope, nullptr) * 0.02;
    }
    runtime::synchronize(device);
    return seconds_since(start);
  }
};

void step(const Arguments& given) {
  const c10::InferenceMode inference;
  const std::string name = given.text("device", "cpu"), mode = given.text("mode", "resident");
  const at::Device device = runtime::open_device(name);
  const Expert expert = open_expert(given.folder);
  const checkpoint::LoadPolicy policy{.dtype = at::kBFloat16, .device = device, .keep_float32 = model::keep_float32};
  const auto seams = std::make_shared<const Seams>(
      apply_configuration({}, {.kind = device.is_cpu() ? "cpu" : "cuda", .blocks = static_cast<int>(expert.config.layers)}).seams);
  std::unique_ptr<model::BlockPool> pool;
  if (const auto slots = slots_of(mode, expert.config.layers); slots > 0) pool = std::make_unique<model::BlockPool>(device, slots);
  const auto store = [&] { return pool ? pool->make_store() : model::resident_blocks(); };

  runtime::reset_peak_bytes(device);
  const auto start = Clock::now();
  std::vector<model::Transformer> experts;
  experts.emplace_back(expert.config, loader_of(expert, policy), Part::high_noise, seams, store());
  runtime::synchronize(device);
  const double load_s = seconds_since(start);
  experts.emplace_back(expert.config, synthetic_loader(expert.config, policy), Part::low_noise, seams, store());
  std::int64_t device_weights = pool ? pool->device_bytes() : 0;
  for (const auto& transformer : experts) device_weights += transformer.device_bytes();
  fmt::print(
      "{}: first expert {:.1f} GB in {:.2f} s; weights on the device {:.2f} GiB, on the host {:.2f} GiB; peak while loading {:.2f} GiB\n",
      mode, static_cast<double>(expert.bytes) / 1e9, load_s, static_cast<double>(device_weights) / kGiB,
      static_cast<double>(pool ? pool->host_bytes() : 0) / kGiB, static_cast<double>(runtime::peak_bytes(device)) / kGiB);

  runtime::reset_peak_bytes(device);
  Stepper stepper{.experts = experts,
                  .device = device,
                  .latents = noise_of(given, device),
                  .embeds = normal({1, 512, expert.config.text_dim}, at::kBFloat16, device)};
  const std::int64_t rounds = given.number("rounds", 2);
  std::vector<int> passes;
  for (std::int64_t i = 0; i < rounds; ++i)
    for (const int e : {0, 1}) passes.insert(passes.end(), 4, e);  // keys and values, and a forward, of either prompt
  if (pool) pool->expect(passes);
  for (std::int64_t i = 0; i < rounds; ++i)
    for (const int e : {0, 1}) fmt::print("round {}: step of expert {}: {:.3f} s\n", i + 1, e + 1, stepper.run_s(e));
  fmt::print("peak on the device {:.2f} GiB, on the host {:.2f} GiB; copies {}, of them late {}; the latents' sum {:.6e}\n",
             static_cast<double>(runtime::peak_bytes(device)) / kGiB, static_cast<double>(runtime::peak_bytes(at::kCPU)) / kGiB,
             pool ? pool->copies() : 0, pool ? pool->misses() : 0, stepper.latents.to(at::kDouble).sum().item<double>());
}

}  // namespace

int main(int argc, char** argv) try {
  const Arguments given = read_arguments(argc, argv);
  if (given.command == "write")
    write(given);
  else if (given.command == "time")
    time(given);
  else if (given.command == "step")
    step(given);
  else
    throw UsageError(fmt::format("'{}': expected write, time or step", given.command));
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 2;
}
