// span.hpp - kinect2::span: std::span where the language has one, else the little of it that is needed here.
#ifndef STREAMKINECT2_SPAN_HPP
#define STREAMKINECT2_SPAN_HPP

#include <cstddef>

#if defined(__has_include)
#if __has_include(<version>)
#include <version>
#endif
#endif

#if defined(__cpp_lib_span)
#include <span>

namespace kinect2 {
using std::as_bytes;
using std::span;
}  // namespace kinect2

#else
#include <iterator>
#include <type_traits>
#include <utility>

namespace kinect2 {

/// A view of values that lie one behind the other and belong to someone else: std::span of C++20, without extents.
/// (Its layout is std::span's, so that parts of a program may be compiled as C++17 and others as C++20.)
template <class T>
class span {
  // As std::span: `U` may become `T` by getting const, and not by being cut to a base class.
  template <class U>
  using if_fits = std::enable_if_t<std::is_convertible_v<U (*)[], T (*)[]>>;
  template <class Container>
  using value_of = std::remove_pointer_t<decltype(std::data(std::declval<Container &>()))>;

 public:
  using element_type = T;
  using value_type = std::remove_cv_t<T>;
  using iterator = T *;

  constexpr span() noexcept = default;
  constexpr span(T *data, std::size_t size) noexcept : data_(data), size_(size) {}
  /// Views arrays, std::array, std::vector and other spans.
  template <class Container, class = if_fits<value_of<Container>>>
  constexpr span(Container &&values) noexcept  // NOLINT: implicit, as std::span
      : data_(std::data(values)), size_(std::size(values)) {}

  constexpr T *data() const noexcept { return data_; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr std::size_t size_bytes() const noexcept { return size_ * sizeof(T); }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr T &operator[](std::size_t index) const { return data_[index]; }
  constexpr T &front() const { return data_[0]; }
  constexpr T &back() const { return data_[size_ - 1]; }
  constexpr T *begin() const noexcept { return data_; }
  constexpr T *end() const noexcept { return data_ + size_; }
  constexpr span first(std::size_t count) const { return {data_, count}; }
  constexpr span last(std::size_t count) const { return {data_ + (size_ - count), count}; }
  constexpr span subspan(std::size_t offset, std::size_t count) const { return {data_ + offset, count}; }
  constexpr span subspan(std::size_t offset) const { return {data_ + offset, size_ - offset}; }

 private:
  T *data_ = nullptr;
  std::size_t size_ = 0;
};

/// The bytes of the values.
template <class T>
span<const std::byte> as_bytes(span<T> values) noexcept {
  return {reinterpret_cast<const std::byte *>(values.data()), values.size_bytes()};
}

}  // namespace kinect2

#endif
#endif
