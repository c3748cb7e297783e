// Reading long JSON texts member by member, straight into values: no tree is built, so memory is that of the values alone. Strict: the
// grammar of RFC 8259, valid UTF-8, no text behind the value. Every fault is a UsageError that names the file and the path inside it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wan::io {

class JsonReader {
 public:
  enum class Kind { object, array, string, number, boolean, null };

  // `text` must outlive the reader; `name` stands for the file in messages.
  JsonReader(std::string_view text, std::string name);

  Kind peek();             // of the value that comes next
  bool at_whole_number();  // the next value is a number without fraction and exponent

  // begin_object, then next_key before each value until it says false; the same with arrays. A key is valid until the next call.
  void begin_object();
  bool next_key(std::string_view& key);
  void begin_array();
  bool next_element();

  bool read_bool();
  void read_null();
  std::string read_string();
  double read_double();     // any number
  std::int64_t read_int();  // "out of range" where it does not fit
  std::uint64_t read_unsigned();
  void skip();                                          // one value of any kind, checked as strictly
  void finish();                                        // nothing may follow
  std::size_t depth() const { return frames_.size(); }  // objects and lists that are open

  // file: path.inside.it of the value that was read last, or is being read.
  std::string where() const;
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  struct Frame {
    bool array, first;
    std::size_t index;
    std::string_view key;  // as written, for where()
  };
  [[noreturn]] void malformed(const char* what) const;
  void expect_kind(Kind kind, const char* expected);
  void skip_space();
  void begin(char bracket, bool array);
  bool next(char closing);
  void literal(std::string_view word);
  std::string_view number_token();
  std::string_view string_token();  // unescaped; valid until the next call

  std::string_view text_;
  std::string name_;
  std::size_t at_ = 0;
  std::vector<Frame> frames_;
  std::string scratch_;  // of strings with escapes
};

// The words for a key that should not, or should, stand in the object that is being read, or was read last.
[[noreturn]] void refuse_unknown_key(const JsonReader& in, std::string_view key, std::span<const std::string> known);
[[noreturn]] void refuse_repeated_key(const JsonReader& in, std::string_view key);
[[noreturn]] void refuse_missing_key(const JsonReader& in, std::string_view key);

// One member of an object that is read in full.
struct JsonMember {
  const char* key;
  std::function<void()> read;
  bool required = true;
};

// Reads an object whose keys are all known: an unknown key (with the nearest known one), a missing or a repeated one is refused.
void read_members(JsonReader& in, std::span<const JsonMember> members);

}  // namespace wan::io
