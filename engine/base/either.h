// For the lists of a struct's fields that serve readers and writers alike.
#pragma once

#include <concepts>
#include <type_traits>

namespace wan {

template <typename T, typename Struct>
concept Either = std::same_as<std::remove_const_t<T>, Struct>;  // const or not

}  // namespace wan
