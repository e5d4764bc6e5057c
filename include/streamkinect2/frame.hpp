// frame.hpp - an image with its times and numbers.
#ifndef STREAMKINECT2_FRAME_HPP
#define STREAMKINECT2_FRAME_HPP

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "span.hpp"
#include "types.hpp"

namespace kinect2 {

/// The bytes of an image that the program has: any container of std::uint16_t, std::uint8_t or std::byte that lie one
/// behind the other. It is not kept.
struct image_data {
  template <class Container,
            class Value = std::remove_const_t<std::remove_pointer_t<decltype(std::data(std::declval<const Container &>()))>>,
            class = std::enable_if_t<std::is_same_v<Value, std::uint16_t> || std::is_same_v<Value, std::uint8_t> ||
                                     std::is_same_v<Value, std::byte>>>
  image_data(const Container &values) noexcept  // NOLINT: implicit, so that containers can be passed
      : bytes(as_bytes(span<const Value>(std::data(values), std::size(values)))) {}

  span<const std::byte> bytes;
};

/// An immutable image. Copies share it: a copy is one more reference, and the pixels are there as long as one of them
/// is, however long device, client and server are gone. May be copied, read and destroyed on any thread.
class frame {
 public:
  /// Empty: no pixels, info() is all zero.
  frame() noexcept = default;
  frame(const frame &other) noexcept
      : handle_(other.handle_ ? kinect2_frame_retain(other.handle_) : nullptr), data_(other.data_), info_(other.info_) {}
  frame(frame &&other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)),
        data_(std::exchange(other.data_, nullptr)),
        info_(std::exchange(other.info_, {})) {}
  frame &operator=(frame other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(data_, other.data_);
    std::swap(info_, other.info_);
    return *this;
  }
  ~frame() { kinect2_frame_release(handle_); }

  explicit operator bool() const noexcept { return handle_ != nullptr; }

  const frame_info &info() const noexcept { return info_; }
  std::uint32_t width() const noexcept { return info_.width; }
  std::uint32_t height() const noexcept { return info_.height; }
  /// The device's number of the frame: a gap is a frame that is lost.
  std::uint64_t sequence() const noexcept { return info_.sequence; }

  /// All bytes, whatever the format: rows info().stride_bytes apart, or the file of a compressed format.
  span<const std::byte> bytes() const noexcept { return {data_, info_.size}; }

  /// The values of a depth (millimetres, 0 is invalid) or infrared frame: width x height, the top row first.
  /// status::unsupported for other formats, and for rows with a gap, which frames that were received never have.
  span<const std::uint16_t> pixels() const { return try_pixels().value(); }
  result<span<const std::uint16_t>> try_pixels() const {
    if (!is_16_bit()) return failure{status::unsupported, "the frame has no 16-bit values: read its bytes()"};
    if (info_.stride_bytes != info_.width * sizeof(std::uint16_t))
      return failure{status::unsupported, "the rows of the frame do not follow each other: read each by row()"};
    return span<const std::uint16_t>(values(), std::size_t{info_.width} * info_.height);
  }

  /// One row of a depth or infrared frame; row 0 is the top one. status::unsupported for other formats,
  /// status::invalid_argument beyond the height.
  span<const std::uint16_t> row(std::uint32_t y) const { return try_row(y).value(); }
  result<span<const std::uint16_t>> try_row(std::uint32_t y) const {
    if (!is_16_bit()) return failure{status::unsupported, "the frame has no 16-bit values: read its bytes()"};
    if (y >= info_.height) return failure{status::invalid_argument, "the frame has no such row"};
    return span<const std::uint16_t>(values(std::size_t{y} * info_.stride_bytes), info_.width);
  }

  /// The id of the kinect that it came from; status::not_found for one that was made here.
  std::string kinect_id() const { return try_kinect_id().value(); }
  result<std::string> try_kinect_id() const {
    return detail::text([this](char *buffer, std::size_t capacity, std::size_t *length) {
      return kinect2_frame_kinect_id(handle_, buffer, capacity, length);
    });
  }

  /// Makes a frame with a copy of `data`, for push_device::push(). `captured` is when it was captured, now if it is not
  /// given; `device_time` the same instant on the sensor's own clock. status::invalid_argument if layout and data do
  /// not fit together; limit beyond 64 MiB.
  static frame copy(const image_layout &layout, image_data data, time_point captured = {},
                    std::chrono::nanoseconds device_time = {}) {
    return try_copy(layout, data, captured, device_time).value();
  }
  static result<frame> try_copy(const image_layout &layout, image_data data, time_point captured = {},
                                std::chrono::nanoseconds device_time = {}) {
    return create(options(layout, data, captured, device_time));
  }

  /// Makes a frame of `data` where it lies. `owner` keeps it there, and is let go, on any thread, when the last
  /// reference to the frame goes. The data must not change meanwhile.
  static frame share(const image_layout &layout, image_data data, std::shared_ptr<const void> owner,
                     time_point captured = {}, std::chrono::nanoseconds device_time = {}) {
    return try_share(layout, data, std::move(owner), captured, device_time).value();
  }
  static result<frame> try_share(const image_layout &layout, image_data data, std::shared_ptr<const void> owner,
                                 time_point captured = {}, std::chrono::nanoseconds device_time = {}) {
    auto kept = std::make_unique<std::shared_ptr<const void>>(std::move(owner));
    kinect2_frame_options_t wanted = options(layout, data, captured, device_time);
    wanted.release = [](void *user_data) { delete static_cast<std::shared_ptr<const void> *>(user_data); };
    wanted.user_data = kept.get();
    result<frame> made = create(wanted);
    if (made) kept.release();  // the library's now
    return made;
  }

  /// The handle, for functions of the C library. The reference stays this object's.
  kinect2_frame_t *get() const noexcept { return handle_; }
  /// Takes over a reference that a function of the C library gave.
  static frame adopt(kinect2_frame_t *handle) noexcept { return frame(handle); }
  /// One more reference to a frame of the C library, such as one that a C callback was given.
  static frame retain(kinect2_frame_t *handle) noexcept { return frame(kinect2_frame_retain(handle)); }

 private:
  explicit frame(kinect2_frame_t *handle) noexcept : handle_(handle) {
    auto about = detail::sized<kinect2_frame_info_t>();
    if (kinect2_frame_info(handle, &about) != KINECT2_OK) {
      handle_ = nullptr;
      return;
    }
    data_ = static_cast<const std::byte *>(kinect2_frame_data(handle));
    info_ = detail::converted(about);
  }

  bool is_16_bit() const noexcept {
    return info_.format == format::depth16_mm || info_.format == format::infrared16;
  }
  const std::uint16_t *values(std::size_t offset_bytes = 0) const noexcept {
    return static_cast<const std::uint16_t *>(static_cast<const void *>(data_ + offset_bytes));
  }

  static kinect2_frame_options_t options(const image_layout &layout, image_data data, time_point captured,
                                         std::chrono::nanoseconds device_time) noexcept {
    auto to = detail::defaults(kinect2_frame_options_init);
    to.stream = detail::number(layout.stream);
    to.format = detail::number(layout.format);
    to.width = layout.width;
    to.height = layout.height;
    to.stride_bytes = layout.stride_bytes;
    to.capture_time_ns = detail::count(captured);
    to.device_time_ns = static_cast<std::uint64_t>(device_time.count());
    to.data = data.bytes.data();
    to.size = data.bytes.size();
    return to;
  }

  static result<frame> create(const kinect2_frame_options_t &wanted) {
    kinect2_frame_t *made = nullptr;
    const kinect2_result_t code = kinect2_frame_create(&wanted, &made);
    if (code != KINECT2_OK) return detail::last_failure(code);
    return adopt(made);
  }

  kinect2_frame_t *handle_ = nullptr;
  const std::byte *data_ = nullptr;  // asked for once: neither changes
  frame_info info_;
};

}  // namespace kinect2

#endif
