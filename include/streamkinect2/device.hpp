// device.hpp - sources of frames on the machine with the sensor: simulated ones, and the program itself.
#ifndef STREAMKINECT2_DEVICE_HPP
#define STREAMKINECT2_DEVICE_HPP

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "frame.hpp"
#include "handle.hpp"

namespace kinect2 {

namespace detail {
struct device_callbacks {
  callback_slot<const kinect2::frame &> frame;
};
}  // namespace detail

/// A source of frames. Servers and compressors take frames from it; destroying it takes it out of them.
class device : public detail::handle<kinect2_device_t, detail::device_callbacks, kinect2_device_destroy> {
 public:
  /// Starts it: servers do not. status::out_of_memory if there is no thread for it.
  void start() { try_start().value(); }
  result<void> try_start() { return detail::done(kinect2_device_start(get())); }

  /// Stops it and waits for its running callback, except inside of it. It can be started again, with sequence numbers
  /// from 0.
  void stop() { try_stop().value(); }
  result<void> try_stop() { return detail::done(kinect2_device_stop(get())); }

  /// The id by which clients know it.
  std::string id() const { return try_id().value(); }
  result<std::string> try_id() const {
    return detail::text([this](char *buffer, std::size_t capacity, std::size_t *length) {
      return kinect2_device_id(get(), buffer, capacity, length);
    });
  }

  /// Sets the callback that gets every frame, of every stream, as it leaves the device. Empty removes it.
  void on_frame(std::function<void(const frame &)> callback) { try_on_frame(std::move(callback)).value(); }
  result<void> try_on_frame(std::function<void(const frame &)> callback) {
    using slot = detail::callback_slot<const frame &>;
    return set(&detail::device_callbacks::frame, std::move(callback), kinect2_device_on_frame,
               [](kinect2_device_t *, kinect2_frame_t *came, void *user_data) {
                 slot::run(user_data, [&](auto &function) { function(frame::retain(came)); });
               });
  }

 protected:
  using handle::handle;
};

/// What a mock device shows.
enum class mock_mode : std::uint32_t {
  scene = KINECT2_MOCK_SCENE,          ///< a cone that moves before a wall
  realistic = KINECT2_MOCK_REALISTIC,  ///< a room with a person, as noisy as a real sensor's; has infrared too
};

/// How to make a mock device. What is not set is the library's default.
struct mock_options {
  mock_mode mode = static_cast<mock_mode>(library().mode);
  std::uint32_t width = library().width;                      ///< of depth, and of infrared; 512
  std::uint32_t height = library().height;                    ///< likewise; 424
  kinect2::stream streams = static_cast<kinect2::stream>(library().streams);  ///< depth; infrared in the realistic mode
  std::uint32_t seed = library().seed;                        ///< of the realistic mode's noise; 0
  double frame_rate = library().frame_rate;                   ///< frames a second; 30
  std::string id = {};                                        ///< 1 to 255 bytes; empty: one is made up

 private:
  static kinect2_mock_options_t library() noexcept { return detail::defaults(kinect2_mock_options_init); }
};

/// A device that shows a simulated scene.
class mock_device : public device {
 public:
  /// Not started. status::invalid_argument; unsupported for a mode or stream that this version does not have.
  explicit mock_device(const mock_options &options = {}) : mock_device(try_create(options).value()) {}
  static result<mock_device> try_create(const mock_options &options = {}) {
    auto to = detail::defaults(kinect2_mock_options_init);
    to.mode = detail::number(options.mode);
    to.width = options.width;
    to.height = options.height;
    to.streams = detail::number(options.streams);
    to.seed = options.seed;
    to.frame_rate = options.frame_rate;
    to.id = detail::text_or_null(options.id);
    kinect2_device_t *made = nullptr;
    const kinect2_result_t code = kinect2_device_create_mock(&to, &made);
    if (code != KINECT2_OK) return detail::last_failure(code);
    return mock_device(detail::adopt_t(), made);
  }

 private:
  mock_device(detail::adopt_t how, kinect2_device_t *made) : device(how, made) {}
};

/// A device whose frames the program supplies: the way to serve any source.
class push_device : public device {
 public:
  /// Not started. It offers 512x424 depth, and any other stream from its first frame or declare_stream() on. `id` has
  /// 1 to 255 bytes; without one, one is made up. status::invalid_argument.
  explicit push_device(const std::optional<std::string> &id = {}) : push_device(try_create(id).value()) {}
  static result<push_device> try_create(const std::optional<std::string> &id = {}) {
    kinect2_device_t *made = nullptr;
    const kinect2_result_t code = kinect2_device_create_push(detail::text_or_null(id), &made);
    if (code != KINECT2_OK) return detail::last_failure(code);
    return push_device(detail::adopt_t(), made);
  }

  /// Says what a stream is before its first frame. status::invalid_argument; unsupported for streams and formats that
  /// this version does not handle.
  void declare_stream(const stream_info &info) { try_declare_stream(info).value(); }
  result<void> try_declare_stream(const stream_info &info) {
    auto to = detail::sized<kinect2_stream_info_t>();
    to.stream = detail::number(info.stream);
    to.format = detail::number(info.format);
    to.codec = detail::number(info.codec);
    to.width = info.width;
    to.height = info.height;
    to.frame_rate = info.frame_rate;
    return detail::done(kinect2_device_declare_stream(get(), &to));
  }

  /// Gives it its next frame, a copy of `data`; `captured` is when it was captured, now if it is not given. Never
  /// waits for the network: the newest frame wins. status::bad_state if it is not started; invalid_argument if layout
  /// and data do not fit together; limit; unsupported.
  void push(const image_layout &layout, image_data data, time_point captured = {}) {
    try_push(layout, data, captured).value();
  }
  result<void> try_push(const image_layout &layout, image_data data, time_point captured = {}) {
    return detail::done(kinect2_device_push(get(), detail::number(layout.stream), detail::number(layout.format),
                                            layout.width, layout.height, layout.stride_bytes, data.bytes.data(),
                                            data.bytes.size(), detail::count(captured)));
  }
  /// Gives it its next frame without a copy; what leaves the device shares the pixels.
  void push(const frame &next) { try_push(next).value(); }
  result<void> try_push(const frame &next) { return detail::done(kinect2_device_push_frame(get(), next.get())); }

 private:
  push_device(detail::adopt_t how, kinect2_device_t *made) : device(how, made) {}
};

}  // namespace kinect2

#endif
