#include "tests/support/engine/torch_archive.h"

#include <fmt/format.h>

#include <fstream>

namespace wan::test {
namespace {

std::string little_endian(std::uint64_t value, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
  return bytes;
}

std::string zip64_extra(std::uint64_t size, std::uint64_t header_at) {
  return little_endian(1, 2) + little_endian(24, 2) + little_endian(size, 8) + little_endian(size, 8) + little_endian(header_at, 8);
}

std::string local_header(const ZipEntry& entry, std::uint64_t size) {
  const std::string& name = entry.local_name.empty() ? entry.name : entry.local_name;
  return little_endian(0x04034b50, 4) + little_endian(45, 2) + little_endian(entry.flags, 2) + little_endian(entry.method, 2) +
         little_endian(0, 8) + little_endian(std::min<std::uint64_t>(size, 0xFFFFFFFF), 4) +
         little_endian(std::min<std::uint64_t>(size, 0xFFFFFFFF), 4) + little_endian(name.size(), 2) + little_endian(0, 2) + name;
}

std::string central_header(const ZipEntry& entry, std::uint64_t size, std::uint64_t header_at, bool zip64) {
  const std::string extra = zip64 ? zip64_extra(size, header_at) : "";
  const auto in_place = [&](std::uint64_t value) { return little_endian(zip64 ? 0xFFFFFFFF : value, 4); };
  return little_endian(0x02014b50, 4) + little_endian(45, 2) + little_endian(45, 2) + little_endian(entry.flags, 2) +
         little_endian(entry.method, 2) + little_endian(0, 8) + in_place(size) + in_place(size) + little_endian(entry.name.size(), 2) +
         little_endian(extra.size(), 2) + little_endian(0, 2) + little_endian(0, 2) + little_endian(0, 2) + little_endian(0, 4) +
         in_place(header_at) + entry.name + extra;
}

}  // namespace

void write_zip(const std::filesystem::path& path, std::span<const ZipEntry> entries, bool zip64) {
  std::ofstream out(path, std::ios::binary);
  std::string directory;
  for (const ZipEntry& entry : entries) {
    const auto header_at = static_cast<std::uint64_t>(out.tellp());
    const std::uint64_t size = entry.data.size() + entry.hole;
    out << local_header(entry, size) << entry.data;
    out.seekp(static_cast<std::streamoff>(entry.hole), std::ios::cur);
    directory +=
        central_header(entry, size + static_cast<std::uint64_t>(entry.grown), header_at + static_cast<std::uint64_t>(entry.moved), zip64);
  }
  const auto begin = static_cast<std::uint64_t>(out.tellp());
  out << directory;
  const std::uint64_t count = entries.size(), end64 = begin + directory.size();
  if (zip64)
    out << little_endian(0x06064b50, 4) << little_endian(44, 8) << little_endian(45, 2) << little_endian(45, 2) << little_endian(0, 8)
        << little_endian(count, 8) << little_endian(count, 8) << little_endian(directory.size(), 8) << little_endian(begin, 8)
        << little_endian(0x07064b50, 4) << little_endian(0, 4) << little_endian(end64, 8) << little_endian(1, 4);
  const auto in_place = [&](std::uint64_t value, int size) { return little_endian(zip64 ? ~std::uint64_t{0} : value, size); };
  out << little_endian(0x06054b50, 4) << in_place(0, 2) << in_place(0, 2) << in_place(count, 2) << in_place(count, 2)
      << in_place(directory.size(), 4) << in_place(begin, 4) << little_endian(0, 2);
}

namespace pickled {

std::string text(const std::string& value) { return "X" + little_endian(value.size(), 4) + value; }
std::string integer(std::int64_t value) { return "\x8a\x08" + little_endian(static_cast<std::uint64_t>(value), 8); }
std::string tuple(const std::vector<std::string>& items) { return fmt::format("({}t", fmt::join(items, "")); }
std::string ints(const std::vector<std::int64_t>& values) {
  std::vector<std::string> items;
  for (const auto value : values) items.push_back(integer(value));
  return tuple(items);
}
std::string global(const std::string& module, const std::string& name) { return fmt::format("c{}\n{}\n", module, name); }
std::string call(const std::string& callee, const std::string& arguments) { return callee + arguments + "R"; }
std::string storage(const std::string& kind, const std::string& key, std::int64_t elements) {
  return tuple({text("storage"), global("torch", kind), text(key), text("cpu"), integer(elements)}) + "Q";
}
std::string tensor(const std::string& storage, std::int64_t offset, const std::vector<std::int64_t>& shape,
                   const std::vector<std::int64_t>& strides) {
  const std::string hooks = call(global("collections", "OrderedDict"), ")");
  return call(global("torch._utils", "_rebuild_tensor_v2"), tuple({storage, integer(offset), ints(shape), ints(strides), "\x89", hooks}));
}
std::string dict(const std::vector<std::pair<std::string, std::string>>& items) {
  std::string flat;
  for (const auto& [key, value] : items) flat += text(key) + value;
  return "}(" + flat + "u";
}
std::string file(const std::string& root) { return "\x80\x02" + root + "."; }

}  // namespace pickled

std::vector<std::int64_t> dense_strides(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> strides(shape.size());
  std::int64_t stride = 1;
  for (std::size_t i = shape.size(); i-- > 0; stride *= shape[i]) strides[i] = stride;
  return strides;
}

void write_empty_torch_file(const std::filesystem::path& path, std::span<const NamedShape> tensors, io::Dtype dtype) {
  std::vector<std::pair<std::string, std::string>> items;
  std::vector<ZipEntry> entries = {{.name = "archive/data.pkl"}, {.name = "archive/byteorder", .data = "little"}};
  for (const auto& [name, shape] : tensors) {
    const std::string key = std::to_string(items.size());
    const std::uint64_t bytes = io::dense_bytes(shape, dtype).value();
    const std::string storage = pickled::storage(dtype == io::Dtype::bf16 ? "BFloat16Storage" : "FloatStorage", key,
                                                 static_cast<std::int64_t>(bytes / io::byte_size(dtype)));
    items.emplace_back(name, pickled::tensor(storage, 0, shape, dense_strides(shape)));
    entries.push_back({.name = "archive/data/" + key, .hole = bytes});
  }
  entries[0].data = pickled::file(pickled::dict(items));
  write_zip(path, entries, /*zip64=*/true);
}

void write_empty_safetensors(const std::filesystem::path& path, std::span<const NamedShape> tensors, io::Dtype dtype) {
  std::string header = "{";
  std::uint64_t offset = 0;
  for (const auto& [name, shape] : tensors) {
    const std::uint64_t end = offset + io::dense_bytes(shape, dtype).value();
    header += fmt::format(R"({}"{}":{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})", offset == 0 ? "" : ",", name, to_string(dtype),
                          fmt::join(shape, ","), offset, end);
    offset = end;
  }
  header += "}";
  std::ofstream out(path, std::ios::binary);
  out << little_endian(header.size(), 8) << header;
  out.close();
  std::filesystem::resize_file(path, 8 + header.size() + offset);
}

}  // namespace wan::test
