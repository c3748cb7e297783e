#include "engine/io/pickle_numpy.h"

#include <algorithm>
#include <bit>

#include "engine/base/error.h"

namespace wan::io {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are handed on as they lie in the file");

constexpr std::array<std::pair<std::string_view, Dtype>, 12> kDtypes = {{{"b1", Dtype::boolean},
                                                                         {"u1", Dtype::u8},
                                                                         {"i1", Dtype::i8},
                                                                         {"i2", Dtype::i16},
                                                                         {"u2", Dtype::u16},
                                                                         {"f2", Dtype::f16},
                                                                         {"i4", Dtype::i32},
                                                                         {"u4", Dtype::u32},
                                                                         {"f4", Dtype::f32},
                                                                         {"f8", Dtype::f64},
                                                                         {"i8", Dtype::i64},
                                                                         {"u8", Dtype::u64}}};

// numpy.dtype('f4', False, True) with the state (3, '<', ...).
Dtype parse_dtype(const PickleObject* object, const auto& bad) {
  const auto* word = object && object->class_name == "numpy.dtype" ? tuple_item<PickleText>(object->arguments, 0) : nullptr;
  if (!word) throw bad("its dtype is not one of NumPy's");
  const auto known = std::find_if(kDtypes.begin(), kDtypes.end(), [&](const auto& row) { return row.first == word->text; });
  if (known == kDtypes.end()) throw bad(fmt::format("dtype '{}' is not supported", word->text));
  const auto* order = tuple_item<PickleText>(object->state, 1);
  if (!order || (order->text != "<" && order->text != "|" && order->text != "=")) throw bad("its bytes are not little-endian");
  return known->second;
}

}  // namespace

// ndarray.__reduce__: _reconstruct(ndarray, (0,), b'b') with the state (version, shape, dtype, is_fortran, bytes).
NumpyArray numpy_array(const PickleValue& value, const std::string& where) {
  const auto bad = [&](const std::string& what) { return UsageError(fmt::format("{}: {}", where, what)); };
  const auto* object = std::get_if<PickleObject>(&value.value);
  if (!object || !object->class_name.ends_with("core.multiarray._reconstruct")) throw bad("expected a NumPy array");
  const auto* shape = tuple_item<PickleTuple>(object->state, 1);
  const auto* fortran = tuple_item<bool>(object->state, 3);
  const auto* data = tuple_item<PickleBytes>(object->state, 4);
  if (!shape || !fortran || !data) throw bad("expected a NumPy array's state: version, shape, dtype, order, bytes");

  NumpyArray array{.dtype = parse_dtype(tuple_item<PickleObject>(object->state, 2), bad), .fortran_order = *fortran, .data = data->bytes};
  for (const PickleRef extent : shape->items) {
    const auto* n = std::get_if<std::int64_t>(&extent->value);
    if (!n || *n < 0) throw bad("its shape holds something else than sizes");
    array.shape.push_back(*n);
  }
  const auto bytes = dense_bytes(array.shape, array.dtype);
  if (!bytes) throw bad("its shape is too large to be true");
  if (*bytes != array.data.size()) throw bad(fmt::format("{} bytes for a shape that takes {}", array.data.size(), *bytes));
  return array;
}

}  // namespace wan::io
