// The wire format of protocol buffers, field by field: what little of it a reader of one known message needs. Lengths are checked; groups,
// which nothing has written for long, are refused. ATen-free.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wan::io {

struct ProtobufField {
  enum class Kind { number, bytes };

  std::uint64_t id = 0;
  Kind kind = Kind::number;
  std::uint64_t bits = 0;                 // of a number: the varint, or the 4 or 8 bytes of a fixed one
  std::span<const std::byte> bytes = {};  // of text, bytes or a message within
  std::string where = {};                 // for messages: what is read, and the field

  // Throw UsageError if the field is of the other kind.
  std::uint64_t as_number() const;
  float as_float() const;
  std::string_view as_text() const;
};

class ProtobufReader {
 public:
  // `name` stands for the path in messages. Fields point into `message`.
  ProtobufReader(std::span<const std::byte> message, std::string name) : rest_(message), name_(std::move(name)) {}

  // The next field, or nothing at the end. Throws UsageError.
  std::optional<ProtobufField> next();

 private:
  std::uint64_t varint();
  std::span<const std::byte> take(std::uint64_t count);
  std::span<const std::byte> rest_;
  std::string name_;
};

}  // namespace wan::io
