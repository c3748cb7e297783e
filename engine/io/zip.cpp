#include "engine/io/zip.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/error.h"

namespace wan::io {
namespace {

// Record sizes without their variable parts, and signatures (APPNOTE 4.3).
constexpr std::size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22, kLocatorSize = 20, kEnd64Size = 56;
constexpr std::uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50, kLocator = 0x07064b50, kEnd64 = 0x06064b50;
constexpr std::uint64_t kIn64 = 0xFFFFFFFF, kCountIn64 = 0xFFFF;  // "see the zip64 record"
constexpr std::size_t kLongestComment = 0xFFFF;
constexpr std::uint16_t kZip64Extra = 1;

using Bytes = std::span<const std::byte>;

std::uint64_t little_endian(Bytes bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value |= std::to_integer<std::uint64_t>(bytes[at + i]) << (8 * i);
  return value;
}

std::string text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// One entry as the central directory tells it.
struct Entry {
  std::string name;
  std::uint64_t flags = 0, method = 0, compressed = 0, size = 0, header_at = 0;
};

class Reader {
 public:
  Reader(Bytes archive, const std::string& name) : archive_(archive), name_(name) {}

  ZipEntries read() {
    const Directory directory = find_directory();
    ZipEntries entries;
    std::vector<Extent> extents;
    std::size_t at = directory.begin;
    for (std::uint64_t i = 0; i < directory.entries; ++i) {
      const Entry entry = read_central(at, directory.end);
      const Extent extent = locate(entry, directory.begin);
      extents.push_back(extent);
      if (entry.name.ends_with('/')) continue;
      if (!entries.files.emplace(entry.name, archive_.subspan(extent.data, extent.end - extent.data)).second)
        throw bad(fmt::format("two entries are named '{}'", entry.name));
    }
    check_disjoint(extents);
    return entries;
  }

 private:
  struct Directory {
    std::size_t begin = 0, end = 0;
    std::uint64_t entries = 0;
  };
  struct Extent {
    std::size_t begin = 0, data = 0, end = 0;  // header, bytes, behind them
  };

  UsageError bad(const std::string& what) const { return UsageError(fmt::format("{}: zip archive: {}", name_, what)); }

  std::uint64_t number(std::size_t at, std::size_t count) const { return little_endian(archive_, at, count); }
  bool holds(std::size_t at, std::size_t count, std::uint32_t signature) const {
    return at <= archive_.size() && archive_.size() - at >= count && number(at, 4) == signature;
  }

  // The end record stands last, before a comment of the length that it tells.
  std::size_t find_end() const {
    for (std::size_t comment = 0; comment <= kLongestComment && comment + kEndSize <= archive_.size(); ++comment) {
      const std::size_t at = archive_.size() - kEndSize - comment;
      if (holds(at, kEndSize, kEnd) && number(at + 20, 2) == comment) return at;
    }
    throw bad("it has no end record: the file is truncated, or no zip archive");
  }

  Directory find_directory() const {
    const std::size_t end = find_end();
    std::uint64_t disk = number(end + 4, 2), entries = number(end + 10, 2), size = number(end + 12, 4), begin = number(end + 16, 4);
    std::size_t behind = end;
    if (end >= kLocatorSize && holds(end - kLocatorSize, kLocatorSize, kLocator)) {
      const std::uint64_t at = number(end - kLocatorSize + 8, 8);
      if (at > end - kLocatorSize || end - kLocatorSize - at < kEnd64Size || !holds(at, kEnd64Size, kEnd64))
        throw bad("its zip64 end record is not where it should be: the file is damaged");
      if (disk == kCountIn64) disk = number(at + 16, 4);
      if (entries == kCountIn64) entries = number(at + 32, 8);
      if (size == kIn64) size = number(at + 40, 8);
      if (begin == kIn64) begin = number(at + 48, 8);
      behind = at;
    }
    if (disk != 0) throw bad("it is spread over several disks");
    if (begin > behind || size > behind - begin) throw bad("its directory lies outside the file: truncated or damaged");
    if (entries > size / kCentralSize) throw bad(fmt::format("its directory of {} bytes cannot hold {} entries", size, entries));
    return {.begin = begin, .end = begin + size, .entries = entries};
  }

  // Reads the record at `at` and moves behind it.
  Entry read_central(std::size_t& at, std::size_t end) const {
    if (at > end || end - at < kCentralSize || !holds(at, kCentralSize, kCentral)) throw bad("its directory is damaged");
    const std::size_t name_size = number(at + 28, 2), extra_size = number(at + 30, 2), comment_size = number(at + 32, 2);
    if (end - at - kCentralSize < name_size + extra_size + comment_size) throw bad("its directory is damaged");
    Entry entry{.name = text(archive_.subspan(at + kCentralSize, name_size)),
                .flags = number(at + 8, 2),
                .method = number(at + 10, 2),
                .compressed = number(at + 20, 4),
                .size = number(at + 24, 4),
                .header_at = number(at + 42, 4)};
    read_zip64_extra(archive_.subspan(at + kCentralSize + name_size, extra_size), entry);
    at += kCentralSize + name_size + extra_size + comment_size;
    return entry;
  }

  // Fields that do not fit 32 bits stand in an extra field, in this order, and only those.
  void read_zip64_extra(Bytes extra, Entry& entry) const {
    while (extra.size() >= 4) {
      const std::uint64_t id = little_endian(extra, 0, 2), size = little_endian(extra, 2, 2);
      if (size > extra.size() - 4) break;
      Bytes field = extra.subspan(4, size);
      extra = extra.subspan(4 + size);
      if (id != kZip64Extra) continue;
      for (std::uint64_t* value : {&entry.size, &entry.compressed, &entry.header_at}) {
        if (*value != kIn64) continue;
        if (field.size() < 8) throw bad(fmt::format("entry '{}': its zip64 field is too short", entry.name));
        *value = little_endian(field, 0, 8);
        field = field.subspan(8);
      }
      return;
    }
  }

  Extent locate(const Entry& entry, std::size_t directory) const {
    const auto refuse = [&](const std::string& what) { throw bad(fmt::format("entry '{}': {}", entry.name, what)); };
    if (entry.flags & 1) refuse("it is encrypted");
    if (entry.method != 0) refuse(fmt::format("it is compressed (method {}); only stored entries can be mapped", entry.method));
    if (entry.compressed != entry.size) refuse("it is stored, but its two sizes differ");
    if (entry.header_at > directory || directory - entry.header_at < kLocalSize || !holds(entry.header_at, kLocalSize, kLocal))
      refuse("its header lies outside the file: truncated or damaged");
    const std::size_t name_size = number(entry.header_at + 26, 2), extra_size = number(entry.header_at + 28, 2);
    const std::size_t room = directory - entry.header_at - kLocalSize;
    if (name_size + extra_size > room || entry.size > room - name_size - extra_size)
      refuse(fmt::format("its {} bytes lie outside the file: truncated or damaged", entry.size));
    // Another reader may go by the local headers; both must see the same archive.
    if (text(archive_.subspan(entry.header_at + kLocalSize, name_size)) != entry.name) refuse("its header gives another name");
    const std::size_t data = entry.header_at + kLocalSize + name_size + extra_size;
    return {.begin = entry.header_at, .data = data, .end = data + entry.size};
  }

  void check_disjoint(std::vector<Extent>& extents) const {
    std::ranges::sort(extents, {}, &Extent::begin);
    for (std::size_t i = 1; i < extents.size(); ++i)
      if (extents[i].begin < extents[i - 1].end) throw bad(fmt::format("entries overlap at byte {}", extents[i].begin));
  }

  Bytes archive_;
  const std::string& name_;
};

}  // namespace

ZipEntries read_zip(std::span<const std::byte> archive, const std::string& name) { return Reader(archive, name).read(); }

bool starts_like_zip(std::span<const std::byte> bytes) { return bytes.size() >= 4 && little_endian(bytes, 0, 4) == kLocal; }

}  // namespace wan::io
