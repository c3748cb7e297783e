#include "engine/io/torch_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/io/mapped_file.h"
#include "engine/io/pickle.h"
#include "engine/io/zip.h"

namespace wan::io {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are handed on as they lie in the file");

constexpr std::string_view kOrderedDict = "collections.OrderedDict", kTensor = "torch._utils._rebuild_tensor_v2",
                           kParameter = "torch._utils._rebuild_parameter";

constexpr std::array<std::pair<std::string_view, Dtype>, 10> kStorages = {{{"torch.FloatStorage", Dtype::f32},
                                                                           {"torch.BFloat16Storage", Dtype::bf16},
                                                                           {"torch.HalfStorage", Dtype::f16},
                                                                           {"torch.DoubleStorage", Dtype::f64},
                                                                           {"torch.LongStorage", Dtype::i64},
                                                                           {"torch.IntStorage", Dtype::i32},
                                                                           {"torch.ShortStorage", Dtype::i16},
                                                                           {"torch.CharStorage", Dtype::i8},
                                                                           {"torch.ByteStorage", Dtype::u8},
                                                                           {"torch.BoolStorage", Dtype::boolean}}};

constexpr auto kPermitted = [] {
  std::array<std::string_view, kStorages.size() + 3> names = {kOrderedDict, kTensor, kParameter};
  for (std::size_t i = 0; i < kStorages.size(); ++i) names[i + 3] = kStorages[i].first;
  return names;
}();

struct Storage {
  Dtype dtype = Dtype::f32;
  std::span<const std::byte> data = {};
};

class TorchFile {
 public:
  TorchFile(std::span<const std::byte> bytes, std::shared_ptr<const void> owner, const std::string& name)
      : owner_(std::move(owner)), name_(name), entries_(open(bytes)) {}

  std::map<std::string, TensorView> tensors() const {
    const auto index = entry("data.pkl");
    if (entries_.files.contains(folder_ + "byteorder") && text(entry("byteorder")) != "little")
      throw bad(fmt::format("its byte order is '{}', expected little", text(entry("byteorder"))));
    const Pickle pickle = Pickle::parse(index, kPermitted, name_);
    std::map<std::string, TensorView> found;
    for (const auto& [key, value] : items_of(pickle.root())) {
      const auto* word = std::get_if<PickleText>(&key->value);
      if (!word) throw bad("a key of its state dict is no text");
      found[std::string(word->text)] = tensor(std::string(word->text), *value);
    }
    return found;
  }

 private:
  UsageError bad(const std::string& what) const { return UsageError(fmt::format("{}: {}", name_, what)); }
  static std::string_view text(std::span<const std::byte> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

  // Everything lies in one folder of the archive, whatever it is called.
  ZipEntries open(std::span<const std::byte> bytes) {
    if (!starts_like_zip(bytes)) {
      const bool pickle = !bytes.empty() && bytes[0] == std::byte{0x80};
      throw bad(pickle ? "written by torch.save in its old format (before torch 1.6); load it with torch and save it again"
                       : "no file of torch.save: expected a zip archive");
    }
    ZipEntries entries = read_zip(bytes, name_);
    for (const auto& [path, data] : entries.files)
      if (path.ends_with("/data.pkl") && path.find('/') == path.size() - 9) {
        if (!folder_.empty()) throw bad("it holds two indexes (data.pkl)");
        folder_ = path.substr(0, path.size() - 8);
      }
    if (folder_.empty()) throw bad("a zip archive, but not of torch.save: it holds no data.pkl");
    return entries;
  }

  std::span<const std::byte> entry(std::string_view path) const {
    const auto found = entries_.files.find(fmt::format("{}{}", folder_, path));
    if (found == entries_.files.end()) throw bad(fmt::format("it lacks the entry '{}'", path));
    return found->second;
  }

  const std::vector<std::pair<PickleRef, PickleRef>>& items_of(const PickleValue& root) const {
    if (const auto* dict = std::get_if<PickleDict>(&root.value)) return dict->items;
    const auto* object = std::get_if<PickleObject>(&root.value);
    if (!object || object->class_name != kOrderedDict) throw bad("expected a state dict: names with tensors");
    return object->items;
  }

  // _rebuild_tensor_v2(storage, offset, size, stride, ...), perhaps inside _rebuild_parameter(tensor, ...).
  TensorView tensor(const std::string& key, const PickleValue& value) const {
    const auto refuse = [&](const std::string& what) { throw bad(fmt::format("tensor '{}': {}", key, what)); };
    const auto* object = std::get_if<PickleObject>(&value.value);
    if (object && object->class_name == kParameter) object = tuple_item<PickleObject>(object->arguments, 0);
    if (!object || object->class_name != kTensor) throw bad(fmt::format("'{}' is no tensor; expected a state dict alone", key));
    const auto* id = tuple_item<PicklePersistentId>(object->arguments, 0);
    const auto* offset = tuple_item<std::int64_t>(object->arguments, 1);
    const auto shape = sizes(tuple_item<PickleTuple>(object->arguments, 2)), strides = sizes(tuple_item<PickleTuple>(object->arguments, 3));
    if (!id || !offset || !shape || !strides || shape->size() != strides->size())
      throw bad(fmt::format("tensor '{}': expected a storage, an offset, sizes and strides", key));
    const Storage from = storage(key, *id);
    const auto bytes = dense_bytes(*shape, from.dtype);
    if (!bytes) refuse("its shape is too large to be true");
    if (!is_dense(*shape, *strides))
      refuse(fmt::format("its strides [{}] are not those of a dense [{}]; save it contiguous", fmt::join(*strides, ", "),
                         fmt::join(*shape, ", ")));
    const std::uint64_t elements = from.data.size() / byte_size(from.dtype), wanted = *bytes / byte_size(from.dtype);
    if (*offset < 0 || static_cast<std::uint64_t>(*offset) > elements || elements - static_cast<std::uint64_t>(*offset) < wanted)
      refuse(fmt::format("{} elements from {} leave its storage of {}", wanted, *offset, elements));
    return {.dtype = from.dtype,
            .shape = *shape,
            .data = from.data.subspan(static_cast<std::size_t>(*offset) * byte_size(from.dtype), *bytes),
            .owner = owner_};
  }

  // ('storage', torch.FloatStorage, key, device, elements)
  Storage storage(const std::string& key, const PicklePersistentId& id) const {
    const auto* word = tuple_item<PickleText>(id.id, 0);
    const auto* kind = tuple_item<PickleGlobal>(id.id, 1);
    const auto* file = tuple_item<PickleText>(id.id, 2);
    const auto* elements = tuple_item<std::int64_t>(id.id, 4);
    const auto* row = kind ? std::ranges::find(kStorages, kind->name, [](const auto& r) { return r.first; }) : kStorages.end();
    if (!word || word->text != "storage" || row == kStorages.end() || !file || !elements)
      throw bad(fmt::format("tensor '{}': its storage is not named as torch names one", key));
    const std::array<std::int64_t, 1> shape = {*elements};
    const auto data = entry(fmt::format("data/{}", file->text));
    if (dense_bytes(shape, row->second) != data.size())
      throw bad(fmt::format("tensor '{}': its storage '{}' has {} bytes, not {} elements of {}", key, file->text, data.size(), *elements,
                            to_string(row->second)));
    return {.dtype = row->second, .data = data};
  }

  static std::optional<std::vector<std::int64_t>> sizes(const PickleTuple* tuple) {
    if (!tuple) return std::nullopt;
    std::vector<std::int64_t> values;
    for (const PickleRef item : tuple->items) {
      const auto* n = std::get_if<std::int64_t>(&item->value);
      if (!n) return std::nullopt;
      values.push_back(*n);
    }
    return values;
  }

  // Row-major without gaps. The stride of an extent of one says nothing, and nor does any stride of an empty tensor.
  static bool is_dense(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& strides) {
    if (std::ranges::find(shape, 0) != shape.end()) return true;
    std::int64_t expected = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
      if (shape[i] != 1 && strides[i] != expected) return false;
      expected *= shape[i];
    }
    return true;
  }

  std::shared_ptr<const void> owner_;
  const std::string& name_;
  std::string folder_;  // with its slash
  ZipEntries entries_;
};

}  // namespace

std::map<std::string, TensorView> parse_torch_file(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                                                   const std::string& name) {
  return TorchFile(bytes, std::move(owner), name).tensors();
}

std::map<std::string, TensorView> read_torch_file(const std::filesystem::path& path) {
  const MappedFile file = map_file(path);
  return parse_torch_file(file.bytes, file.owner, path.string());
}

}  // namespace wan::io
