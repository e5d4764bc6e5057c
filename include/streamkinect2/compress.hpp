// compress.hpp - the library's depth codecs: for single images, and for a device's stream.
#ifndef STREAMKINECT2_COMPRESS_HPP
#define STREAMKINECT2_COMPRESS_HPP

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "server.hpp"

namespace kinect2 {

// Images are width x height 16-bit values, row by row, the top one first. A span of another size is
// status::invalid_argument.

namespace detail {
inline result<void> check_size(std::size_t values, std::uint32_t width, std::uint32_t height) {
  if (values == std::uint64_t{width} * height) return {};
  return failure{status::invalid_argument, "the image has not width x height values"};
}
}  // namespace detail

/// How many bytes compressing an image may need; 0 for an unknown codec or an image that is too large or not to its
/// liking.
inline std::size_t compress_bound(codec with, std::uint32_t width, std::uint32_t height) noexcept {
  return kinect2_compress_bound(detail::number(with), width, height);
}

/// Compresses one 16-bit image into `out`, lossless as far as the codec can; gives the bytes written.
/// status::buffer_too_small (compress_bound() always suffices); unsupported for other codecs; limit.
inline result<std::size_t> try_compress_depth(codec with, span<const std::uint16_t> depth, std::uint32_t width,
                                              std::uint32_t height, span<std::byte> out) {
  if (auto fits = detail::check_size(depth.size(), width, height); !fits) return failure{fits.code(), fits.text()};
  std::size_t size = 0;
  const kinect2_result_t code =
      kinect2_compress_depth(detail::number(with), depth.data(), width, height, out.data(), out.size(), &size);
  if (code != KINECT2_OK) return detail::last_failure(code);
  return size;
}
inline std::size_t compress_depth(codec with, span<const std::uint16_t> depth, std::uint32_t width,
                                  std::uint32_t height, span<std::byte> out) {
  return try_compress_depth(with, depth, width, height, out).value();
}

/// The same with profile and error bound; codec::automatic is k2d. status::unsupported also for a profile or bound that
/// the codec does not have.
inline result<std::size_t> try_compress_depth(const encode_options &options, span<const std::uint16_t> depth,
                                              std::uint32_t width, std::uint32_t height, span<std::byte> out) {
  if (auto fits = detail::check_size(depth.size(), width, height); !fits) return failure{fits.code(), fits.text()};
  const auto to = detail::converted(options);
  std::size_t size = 0;
  const kinect2_result_t code =
      kinect2_compress_depth_with(&to, depth.data(), width, height, out.data(), out.size(), &size);
  if (code != KINECT2_OK) return detail::last_failure(code);
  return size;
}
inline std::size_t compress_depth(const encode_options &options, span<const std::uint16_t> depth, std::uint32_t width,
                                  std::uint32_t height, span<std::byte> out) {
  return try_compress_depth(options, depth, width, height, out).value();
}

/// The same into a vector of its own.
inline std::vector<std::byte> compress_depth(codec with, span<const std::uint16_t> depth, std::uint32_t width,
                                             std::uint32_t height) {
  std::vector<std::byte> data(compress_bound(with, width, height));
  data.resize(compress_depth(with, depth, width, height, data));
  return data;
}

/// Decompresses one 16-bit image into `out`. What does not decode to exactly such an image is refused: data may come
/// from anyone. status::corrupt; unsupported for other codecs; limit. After an error `out` may hold anything.
inline result<void> try_decompress_depth(codec with, span<const std::byte> data, std::uint32_t width,
                                         std::uint32_t height, span<std::uint16_t> out) {
  return detail::done(kinect2_decompress_depth(detail::number(with), data.data(), data.size(), width, height,
                                               out.data(), out.size()));
}
inline void decompress_depth(codec with, span<const std::byte> data, std::uint32_t width, std::uint32_t height,
                             span<std::uint16_t> out) {
  try_decompress_depth(with, data, width, height, out).value();
}

namespace detail {
struct compressor_callbacks {
  callback_slot<span<const std::byte>, const frame_info &> compressed_frame;
};
}  // namespace detail

/// Compresses one stream of a device while a callback is set; drops frames when it is overloaded.
class compressor
    : public detail::handle<kinect2_compressor_t, detail::compressor_callbacks, kinect2_compressor_destroy> {
 public:
  /// Of one stream of a device, started or not, which it may outlive. status::unsupported for a stream or codec that
  /// this version does not compress; invalid_argument.
  compressor(const device &source, stream which, const encode_options &options = {})
      : compressor(try_create(source, which, options).value()) {}
  static result<compressor> try_create(const device &source, stream which, const encode_options &options = {}) {
    const auto to = detail::converted(options);
    kinect2_compressor_t *made = nullptr;
    const kinect2_result_t code = kinect2_compressor_create(source.get(), detail::number(which), &to, &made);
    if (code != KINECT2_OK) return detail::last_failure(code);
    return compressor(detail::adopt_t(), made);
  }

  /// Sets the callback that gets compressed frames: the bytes, there until it returns, and what the frame was before,
  /// but for codec and flags. Empty removes it; without one nothing is compressed.
  void on_compressed_frame(std::function<void(span<const std::byte>, const frame_info &)> callback) {
    try_on_compressed_frame(std::move(callback)).value();
  }
  result<void> try_on_compressed_frame(std::function<void(span<const std::byte>, const frame_info &)> callback) {
    using slot = detail::callback_slot<span<const std::byte>, const frame_info &>;
    return set(&detail::compressor_callbacks::compressed_frame, std::move(callback),
               kinect2_compressor_on_compressed_frame,
               [](kinect2_compressor_t *, const void *data, std::size_t size, const kinect2_frame_info_t *info,
                  void *user_data) {
                 slot::run(user_data, [&](auto &function) {
                   function(span<const std::byte>(static_cast<const std::byte *>(data), size),
                            detail::converted(detail::copied(info)));
                 });
               });
  }

  /// How many frames it dropped because newer ones came first.
  std::uint64_t dropped() const noexcept { return kinect2_compressor_dropped(get()); }

 private:
  compressor(detail::adopt_t how, kinect2_compressor_t *made) : handle(how, made) {}
};

}  // namespace kinect2

#endif
