#include "engine/io/pickle_machine.h"

#include <algorithm>
#include <bit>
#include <unordered_map>

#include "engine/base/error.h"

namespace wan::io {
namespace {

constexpr std::size_t kMaxValues = std::size_t{1} << 22;  // about 400 MB; the index of a checkpoint has some 30 values a tensor

// The opcodes that are understood, by the names of Python's pickletools.
// clang-format off
enum class Op : std::uint8_t {
  mark = '(', stop = '.', pop = '0', pop_mark = '1', dup = '2', binfloat = 'G', binint = 'J', binint1 = 'K', binint2 = 'M', none = 'N',
  binpersid = 'Q', reduce = 'R', binstring = 'T', short_binstring = 'U', binunicode = 'X', append = 'a', build = 'b', global = 'c', appends = 'e',
  binget = 'h', long_binget = 'j', binput = 'q', long_binput = 'r', setitem = 's', tuple = 't', setitems = 'u', binbytes = 'B', short_binbytes = 'C',
  list = 'l', dict = 'd', empty_dict = '}', empty_list = ']', empty_tuple = ')',
  proto = 0x80, newobj = 0x81, tuple1 = 0x85, tuple2 = 0x86, tuple3 = 0x87, newtrue = 0x88, newfalse = 0x89, long1 = 0x8a,
  short_binunicode = 0x8c, binunicode8 = 0x8d, binbytes8 = 0x8e, stack_global = 0x93, memoize = 0x94, frame = 0x95,
};
// clang-format on

class Machine {
 public:
  Machine(std::span<const std::byte> bytes, std::span<const std::string_view> permitted, const std::string& name,
          std::deque<PickleValue>& values)
      : bytes_(bytes), permitted_(permitted), name_(name), values_(values) {}

  PickleRef run() {
    for (;;) {
      opcode_at_ = position_;
      const auto op = Op{static_cast<std::uint8_t>(take(1)[0])};
      if (op == Op::stop) return pop();
      step(op);
    }
  }
  std::size_t position() const { return position_; }

 private:
  UsageError bad(const std::string& what) const { return UsageError(fmt::format("{}: pickle, byte {}: {}", name_, opcode_at_, what)); }

  // --- bytes

  std::span<const std::byte> take(std::uint64_t count) {
    if (count > bytes_.size() - position_)
      throw bad(fmt::format("{} bytes are wanted, {} are left: the file is truncated or damaged", count, bytes_.size() - position_));
    const auto taken = bytes_.subspan(position_, count);
    position_ += count;
    return taken;
  }

  // A little-endian integer of `count` bytes; the sign, if wanted, is the top bit's.
  std::uint64_t little_endian(std::size_t count) {
    std::uint64_t value = 0;
    const auto bytes = take(count);
    for (std::size_t i = 0; i < count; ++i) value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    return value;
  }
  std::int64_t signed_integer(std::size_t count) {
    if (count == 0) return 0;
    if (count > 8) throw bad(fmt::format("an integer of {} bytes, expected at most 8", count));
    const int unused = static_cast<int>(64 - 8 * count);
    return static_cast<std::int64_t>(little_endian(count) << unused) >> unused;
  }

  double real() {
    std::uint64_t bits = 0;  // big-endian, alone among the opcodes
    for (const std::byte b : take(8)) bits = (bits << 8) | std::to_integer<std::uint64_t>(b);
    return std::bit_cast<double>(bits);
  }

  std::string_view text(std::uint64_t count) {
    const auto bytes = take(count);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  std::string_view line() {
    const auto rest = bytes_.subspan(position_);
    const auto end = std::find(rest.begin(), rest.end(), std::byte{'\n'});
    const auto found = text(static_cast<std::uint64_t>(end - rest.begin()));
    take(1);
    return found;
  }

  // --- stack

  template <typename T>
  void push(T value) {
    if (values_.size() >= kMaxValues) throw bad(fmt::format("more than {} values", kMaxValues));
    values_.push_back(PickleValue{std::move(value)});
    stack_.push_back(&values_.back());
  }

  // Values above the last MARK belong to the container that is being collected: nothing may reach below it.
  PickleValue* top() {
    if (stack_.size() == (marks_.empty() ? 0 : marks_.back())) throw bad("the stack is empty: the file is damaged");
    return stack_.back();
  }
  PickleValue* pop() {
    PickleValue* value = top();
    stack_.pop_back();
    return value;
  }
  std::vector<PickleRef> pop_to_mark() {
    if (marks_.empty()) throw bad("no MARK on the stack: the file is damaged");
    std::vector<PickleRef> items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
  }
  std::vector<PickleRef> pop_count(std::size_t count) {
    std::vector<PickleRef> items(count);
    for (std::size_t i = count; i-- > 0;) items[i] = pop();
    return items;
  }

  // --- meaning

  void push_global(std::string_view module, std::string_view attribute) {
    std::string full = fmt::format("{}.{}", module, attribute);
    if (std::find(permitted_.begin(), permitted_.end(), full) == permitted_.end())
      throw bad(fmt::format("it names '{}', which is not on the list of what such a file may name; refused, nothing of it was run", full));
    push(PickleGlobal{std::move(full)});
  }

  void call() {
    const PickleRef arguments = pop();
    const auto* callee = std::get_if<PickleGlobal>(&pop()->value);
    if (!std::holds_alternative<PickleTuple>(arguments->value) || !callee)
      throw bad("a call without a global and a tuple: the file is damaged");
    push(PickleObject{.class_name = callee->name, .arguments = arguments});
  }

  void append(std::span<const PickleRef> items) {
    auto* list = std::get_if<PickleList>(&top()->value);
    if (!list) throw bad("items appended to something that is no list");
    list->items.insert(list->items.end(), items.begin(), items.end());
  }

  void set_items(std::span<const PickleRef> flat) {
    if (flat.size() % 2 != 0) throw bad("a key without its value");
    PickleValue* target = top();
    auto* dict = std::get_if<PickleDict>(&target->value);
    auto* object = std::get_if<PickleObject>(&target->value);
    if (!dict && !object) throw bad("items set in something that is no dict");
    auto& items = dict ? dict->items : object->items;
    for (std::size_t i = 0; i < flat.size(); i += 2) items.emplace_back(flat[i], flat[i + 1]);
  }

  void set_state() {
    const PickleRef state = pop();
    auto* object = std::get_if<PickleObject>(&top()->value);
    if (!object || object->state) throw bad("state given to something that takes none");
    object->state = state;
  }

  void get(std::uint64_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) throw bad(fmt::format("memo {} is read before it is written: the file is damaged", index));
    stack_.push_back(found->second);
  }

  void step(Op op) {
    if (step_scalar(op) || step_container(op) || step_stack(op)) return;
    throw bad(fmt::format("opcode 0x{:02x} is not one this reader knows (binary pickles of protocols 2 to 4)", static_cast<unsigned>(op)));
  }

  // clang-format off
  bool step_scalar(Op op) {
    switch (op) {
      case Op::none: push(PickleNone{}); return true;
      case Op::newtrue: push(true); return true;
      case Op::newfalse: push(false); return true;
      case Op::binint1: push(static_cast<std::int64_t>(little_endian(1))); return true;
      case Op::binint2: push(static_cast<std::int64_t>(little_endian(2))); return true;
      case Op::binint: push(signed_integer(4)); return true;
      case Op::long1: push(signed_integer(little_endian(1))); return true;
      case Op::binfloat: push(real()); return true;
      case Op::short_binunicode: push(PickleText{text(little_endian(1))}); return true;
      case Op::binunicode: push(PickleText{text(little_endian(4))}); return true;
      case Op::binunicode8: push(PickleText{text(little_endian(8))}); return true;
      case Op::short_binbytes: push(PickleBytes{take(little_endian(1))}); return true;
      case Op::binbytes: push(PickleBytes{take(little_endian(4))}); return true;
      case Op::binbytes8: push(PickleBytes{take(little_endian(8))}); return true;
      // Python 2's str: bytes and text at once. Its names are what readers look up, so text it is.
      case Op::short_binstring: push(PickleText{text(little_endian(1))}); return true;
      case Op::binstring: push(PickleText{text(little_endian(4))}); return true;
      default:
        return false;
    }
  }

  bool step_container(Op op) {
    switch (op) {
      case Op::empty_list: push(PickleList{}); return true;
      case Op::empty_tuple: push(PickleTuple{}); return true;
      case Op::empty_dict: push(PickleDict{}); return true;
      case Op::list: push(PickleList{pop_to_mark()}); return true;
      case Op::tuple: push(PickleTuple{pop_to_mark()}); return true;
      case Op::tuple1: push(PickleTuple{pop_count(1)}); return true;
      case Op::tuple2: push(PickleTuple{pop_count(2)}); return true;
      case Op::tuple3: push(PickleTuple{pop_count(3)}); return true;
      case Op::dict: {
        const auto flat = pop_to_mark();
        push(PickleDict{});
        set_items(flat);
        return true;
      }
      case Op::append: append(pop_count(1)); return true;
      case Op::appends: append(pop_to_mark()); return true;
      case Op::setitem: set_items(pop_count(2)); return true;
      case Op::setitems: set_items(pop_to_mark()); return true;
      default:
        return false;
    }
  }

  bool step_stack(Op op) {
    switch (op) {
      case Op::proto:
        if (const auto version = little_endian(1); version < 2 || version > 4)
          throw bad(fmt::format("protocol {}, expected 2 to 4", version));
        return true;
      case Op::frame: little_endian(8); return true;  // a hint for buffered readers
      case Op::mark: marks_.push_back(stack_.size()); return true;
      case Op::pop: pop(); return true;
      case Op::pop_mark: pop_to_mark(); return true;
      case Op::dup: stack_.push_back(top()); return true;
      case Op::binget: get(little_endian(1)); return true;
      case Op::long_binget: get(little_endian(4)); return true;
      case Op::binput: memo_[little_endian(1)] = top(); return true;
      case Op::long_binput: memo_[little_endian(4)] = top(); return true;
      case Op::memoize: memo_[memo_.size()] = top(); return true;
      case Op::global: {
        const auto module = line();
        push_global(module, line());
        return true;
      }
      case Op::stack_global: {
        const auto* attribute = std::get_if<PickleText>(&pop()->value);
        const auto* module = std::get_if<PickleText>(&pop()->value);
        if (!attribute || !module) throw bad("a global whose name is no text");
        push_global(module->text, attribute->text);
        return true;
      }
      case Op::reduce:
      case Op::newobj: call(); return true;
      case Op::build: set_state(); return true;
      case Op::binpersid: push(PicklePersistentId{pop()}); return true;
      default:
        return false;
    }
  }
  // clang-format on

  std::span<const std::byte> bytes_;
  std::span<const std::string_view> permitted_;
  const std::string& name_;
  std::deque<PickleValue>& values_;
  std::size_t position_ = 0;
  std::size_t opcode_at_ = 0;
  std::vector<PickleValue*> stack_;
  std::vector<std::size_t> marks_;  // stack heights
  std::unordered_map<std::uint64_t, PickleValue*> memo_;
};

}  // namespace

PickleRun run_pickle(std::span<const std::byte> bytes, std::span<const std::string_view> permitted, const std::string& name,
                     std::deque<PickleValue>& values) {
  Machine machine(bytes, permitted, name, values);
  const PickleRef root = machine.run();
  return {.root = root, .bytes_read = machine.position()};
}

}  // namespace wan::io
