#include "engine/io/protobuf.h"

#include <bit>

#include "engine/base/error.h"

namespace wan::io {
namespace {

enum Wire : std::uint64_t { varint_wire = 0, fixed64_wire = 1, bytes_wire = 2, fixed32_wire = 5 };

std::uint64_t little_endian(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
  return value;
}

}  // namespace

std::uint64_t ProtobufField::as_number() const {
  if (kind != Kind::number) throw UsageError(fmt::format("{}: expected a number", where));
  return bits;
}

float ProtobufField::as_float() const { return std::bit_cast<float>(static_cast<std::uint32_t>(as_number())); }

std::string_view ProtobufField::as_text() const {
  if (kind != Kind::bytes) throw UsageError(fmt::format("{}: expected bytes", where));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::byte> ProtobufReader::take(std::uint64_t count) {
  if (count > rest_.size())
    throw UsageError(
        fmt::format("{}: {} bytes are wanted, {} are left: truncated, or no protocol buffer of this kind", name_, count, rest_.size()));
  const auto taken = rest_.first(count);
  rest_ = rest_.subspan(count);
  return taken;
}

std::uint64_t ProtobufReader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto byte = std::to_integer<std::uint64_t>(take(1)[0]);
    value |= (byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  throw UsageError(fmt::format("{}: a number of more than 64 bits: damaged, or no protocol buffer of this kind", name_));
}

std::optional<ProtobufField> ProtobufReader::next() {
  if (rest_.empty()) return std::nullopt;
  const std::uint64_t tag = varint();
  ProtobufField field{.id = tag >> 3, .where = fmt::format("{}: field {}", name_, tag >> 3)};
  switch (tag & 7) {
    case varint_wire:
      field.bits = varint();
      return field;
    case fixed64_wire:
      field.bits = little_endian(take(8));
      return field;
    case fixed32_wire:
      field.bits = little_endian(take(4));
      return field;
    case bytes_wire:
      field.kind = ProtobufField::Kind::bytes;
      field.bytes = take(varint());
      return field;
    default:
      throw UsageError(fmt::format("{}: wire type {}: damaged, or no protocol buffer of this kind", field.where, tag & 7));
  }
}

}  // namespace wan::io
