// types.hpp - the words of the library as C++ types: streams, formats, codecs, times, and what describes a frame
// or a stream.
#ifndef STREAMKINECT2_TYPES_HPP
#define STREAMKINECT2_TYPES_HPP

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>

#include "result.hpp"

namespace kinect2 {

// The enumerations have the library's numbers, which are those on the wire. Later versions may add some: have a
// `default:` where you switch over what comes from the network.

/// What a kinect sends. Streams are bits: a parameter `streams` takes several, `stream::depth | stream::infrared`.
enum class stream : std::uint32_t {
  none = 0,
  depth = KINECT2_STREAM_DEPTH,        ///< distance along the optical axis
  infrared = KINECT2_STREAM_INFRARED,
  color = KINECT2_STREAM_COLOR,
  all = KINECT2_STREAM_ALL,            ///< every stream, those of later versions too
};

/// All about the bytes of a frame but width, height and stride. Row 0 is the top one.
enum class format : std::uint32_t {
  as_it_comes = 0,                          ///< as a wish only
  depth16_mm = KINECT2_FORMAT_DEPTH16_MM,   ///< std::uint16_t, millimetres, 0 is invalid
  infrared16 = KINECT2_FORMAT_INFRARED16,   ///< std::uint16_t
  jpeg = KINECT2_FORMAT_JPEG,               ///< a JPEG file
  rgba8 = KINECT2_FORMAT_RGBA8,             ///< 4 bytes a pixel: red, green, blue, alpha
  bgra8 = KINECT2_FORMAT_BGRA8,             ///< 4 bytes a pixel: blue, green, red, alpha
  yuy2 = KINECT2_FORMAT_YUY2,               ///< 4 bytes for two pixels: Y0 U Y1 V
};

/// How frames travel.
enum class codec : std::uint32_t {
  automatic = KINECT2_CODEC_AUTO,          ///< the library chooses
  raw = KINECT2_CODEC_RAW,                 ///< little-endian values as they are
  lz4_packed = KINECT2_CODEC_LZ4_PACKED,   ///< the depth message of protocol version 1: 12 bits a pixel
  rvl = KINECT2_CODEC_RVL,                 ///< run length and variable length, lossless
  k2d = KINECT2_CODEC_K2D,                 ///< the project's own: lossless, or lossy within bounds
  jpeg = KINECT2_CODEC_JPEG,               ///< for colour
};

/// What codec::k2d spends its time on.
enum class profile : std::uint32_t {
  automatic = KINECT2_PROFILE_AUTO,
  speed = KINECT2_PROFILE_SPEED,
  ratio = KINECT2_PROFILE_RATIO,
};

/// How servers find and are found.
enum class discovery : std::uint32_t {
  automatic = KINECT2_DISCOVERY_AUTO,     ///< the system's service where it answers, else the library's own
  system = KINECT2_DISCOVERY_SYSTEM,      ///< the system's service only; status::unsupported in builds without it
  embedded = KINECT2_DISCOVERY_EMBEDDED,  ///< the library's own only
};

/// What an endpoint is for.
enum class endpoint_type : std::uint32_t {
  control = KINECT2_ENDPOINT_CONTROL,                  ///< of a server: where requests are answered
  depth = KINECT2_ENDPOINT_DEPTH,                      ///< of a kinect: depth as peers of version 1 know it
  frames_depth = KINECT2_ENDPOINT_FRAMES_DEPTH,        ///< of a kinect: depth with all that belongs to a frame
  frames_infrared = KINECT2_ENDPOINT_FRAMES_INFRARED,  ///< of a kinect: infrared
  frames_color = KINECT2_ENDPOINT_FRAMES_COLOR,        ///< of a kinect: colour
};

/// What a descriptor of a client tells: see client::poll_fd().
enum class poll_for : std::uint32_t {
  events = KINECT2_POLL_EVENTS,  ///< readable while an event waits
  frames = KINECT2_POLL_FRAMES,  ///< readable while a frame waits, of any kinect and stream
};

/// Flags of a frame, or'ed.
enum class frame_flags : std::uint32_t {
  none = 0,
  lossy = KINECT2_FRAME_LOSSY,          ///< its pixels may differ from the sensor's
  restarted = KINECT2_FRAME_RESTARTED,  ///< sequence or clocks begin anew
};

// Streams and flags are sets: with these operators they are bitmask types, as the standard library's own.

namespace detail {
template <class Enum>
using if_set = std::enable_if_t<std::is_same_v<Enum, stream> || std::is_same_v<Enum, frame_flags>, int>;
}  // namespace detail

template <class Set, detail::if_set<Set> = 0>
constexpr Set operator|(Set a, Set b) noexcept {
  return static_cast<Set>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
template <class Set, detail::if_set<Set> = 0>
constexpr Set operator&(Set a, Set b) noexcept {
  return static_cast<Set>(static_cast<std::uint32_t>(a) & static_cast<std::uint32_t>(b));
}
template <class Set, detail::if_set<Set> = 0>
constexpr Set operator^(Set a, Set b) noexcept {
  return static_cast<Set>(static_cast<std::uint32_t>(a) ^ static_cast<std::uint32_t>(b));
}
template <class Set, detail::if_set<Set> = 0>
constexpr Set operator~(Set a) noexcept {
  return static_cast<Set>(~static_cast<std::uint32_t>(a));
}
template <class Set, detail::if_set<Set> = 0>
constexpr Set &operator|=(Set &a, Set b) noexcept {
  return a = a | b;
}
template <class Set, detail::if_set<Set> = 0>
constexpr Set &operator&=(Set &a, Set b) noexcept {
  return a = a & b;
}
template <class Set, detail::if_set<Set> = 0>
constexpr Set &operator^=(Set &a, Set b) noexcept {
  return a = a ^ b;
}

/// Whether `streams` has one of those in `wanted`.
constexpr bool has(stream streams, stream wanted) noexcept { return (streams & wanted) != stream::none; }
/// Whether one of the flags in `wanted` is set.
constexpr bool has(frame_flags flags, frame_flags wanted) noexcept { return (flags & wanted) != frame_flags::none; }

/// This host's monotonic clock, in which all local times are; a Clock as those of <chrono>.
struct monotonic_clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<monotonic_clock>;
  static constexpr bool is_steady = true;

  static time_point now() noexcept { return time_point(duration(static_cast<rep>(kinect2_clock_ns()))); }
};

/// An instant on this host's monotonic clock.
using time_point = monotonic_clock::time_point;
/// An instant on a wall clock; the epoch is 1970.
using wall_time = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

/// As a timeout: until something comes or the object is destroyed.
inline constexpr std::chrono::milliseconds forever = (std::chrono::milliseconds::max)();

/// What a stream is, for those who choose among streams.
struct stream_info {
  kinect2::stream stream = kinect2::stream::none;      ///< one
  kinect2::format format = kinect2::format::as_it_comes;
  kinect2::codec codec = kinect2::codec::raw;          ///< on the wire; raw in a declaration
  std::uint32_t width = 0;                             ///< pixels in a row
  std::uint32_t height = 0;                            ///< rows
  double frame_rate = 0;                               ///< frames a second, nominal; 0: not known
};

/// What the bytes of an image are.
struct image_layout {
  kinect2::stream stream = kinect2::stream::none;
  kinect2::format format = kinect2::format::as_it_comes;
  std::uint32_t width = 0;         ///< pixels in a row
  std::uint32_t height = 0;        ///< rows
  std::uint32_t stride_bytes = 0;  ///< from one row to the next; 0: rows are tight

  static constexpr image_layout depth(std::uint32_t width, std::uint32_t height) noexcept {
    return {stream::depth, format::depth16_mm, width, height, 0};
  }
  static constexpr image_layout infrared(std::uint32_t width, std::uint32_t height) noexcept {
    return {stream::infrared, format::infrared16, width, height, 0};
  }
};

/// All about a frame but its pixels. Times that are not known (peers of version 1 tell none) are empty.
struct frame_info {
  kinect2::stream stream = kinect2::stream::none;
  kinect2::format format = kinect2::format::as_it_comes;
  std::uint32_t width = 0;                            ///< pixels in a row
  std::uint32_t height = 0;                           ///< rows
  std::uint32_t stride_bytes = 0;                     ///< from one row to the next; 0 for compressed formats
  kinect2::codec codec = kinect2::codec::raw;         ///< how it travelled; raw where it did not
  frame_flags flags = frame_flags::none;
  std::uint64_t sequence = 0;                         ///< the device's number, per stream; a gap is a frame that is lost
  std::optional<std::chrono::nanoseconds> capture_time;      ///< captured, on the producer's monotonic clock
  std::optional<time_point> capture_time_local;              ///< the same instant on this host's
  std::chrono::nanoseconds clock_error{0};                   ///< bound on the error of that conversion
  std::optional<wall_time> capture_wall_time;                ///< the same instant on the producer's wall clock
  std::optional<std::chrono::nanoseconds> device_time;       ///< the same instant on the sensor's own clock
  std::optional<time_point> receive_time;                    ///< when it was received; empty: it was not
  std::size_t size = 0;                                      ///< bytes of data
};

namespace detail {

template <class Enum>
constexpr std::uint32_t number(Enum value) noexcept {
  return static_cast<std::uint32_t>(value);
}

constexpr std::chrono::nanoseconds nanoseconds(std::uint64_t count) noexcept {
  return std::chrono::nanoseconds(static_cast<std::chrono::nanoseconds::rep>(count));
}

/// 0 is "not known" in the library's structures.
template <class Time>
std::optional<Time> known(std::uint64_t count) noexcept {
  if (count == 0) return std::nullopt;
  return Time(nanoseconds(count));
}

inline std::uint64_t count(time_point time) noexcept {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

/// Milliseconds as the library has them: what is negative is 0, what is too long is for ever.
constexpr std::uint32_t milliseconds(std::chrono::milliseconds duration) noexcept {
  if (duration.count() <= 0) return 0;
  return duration.count() >= KINECT2_WAIT_FOREVER ? KINECT2_WAIT_FOREVER : static_cast<std::uint32_t>(duration.count());
}

/// A structure that the library is to fill in.
template <class Struct>
Struct sized() noexcept {
  Struct value{};
  value.struct_size = sizeof value;
  return value;
}

/// Options with the library's defaults.
template <class Options>
Options defaults(void (*init)(Options *, std::size_t)) noexcept {
  Options options{};
  init(&options, sizeof options);
  return options;
}

/// What a callback got, which may come from a library that knows less of the structure, or more.
template <class Struct>
Struct copied(const Struct *given) noexcept {
  Struct value{};
  std::memcpy(&value, given, std::min<std::size_t>(given->struct_size, sizeof value));
  return value;
}

inline frame_info converted(const kinect2_frame_info_t &info) {
  frame_info to;
  to.stream = static_cast<stream>(info.stream);
  to.format = static_cast<format>(info.format);
  to.width = info.width;
  to.height = info.height;
  to.stride_bytes = info.stride_bytes;
  to.codec = static_cast<codec>(info.codec);
  to.flags = static_cast<frame_flags>(info.flags);
  to.sequence = info.sequence;
  to.capture_time = known<std::chrono::nanoseconds>(info.capture_time_ns);
  to.capture_time_local = known<time_point>(info.capture_time_local_ns);
  to.clock_error = nanoseconds(info.clock_error_ns);
  to.capture_wall_time = known<wall_time>(info.capture_unix_ns);
  to.device_time = known<std::chrono::nanoseconds>(info.device_time_ns);
  to.receive_time = known<time_point>(info.receive_time_ns);
  to.size = info.size;
  return to;
}

inline stream_info converted(const kinect2_stream_info_t &info) noexcept {
  return {static_cast<stream>(info.stream), static_cast<format>(info.format), static_cast<codec>(info.codec),
          info.width, info.height, info.frame_rate};
}

/// A text as the library takes it. One with a NUL in it would end there: instead the library gets what is not UTF-8, so
/// that each of its functions refuses it as status::invalid_argument, and its message says why.
inline const char *c_text(const std::string &text) noexcept {
  return text.find('\0') == std::string::npos ? text.c_str() : "\xff, since the text has a NUL in it";
}
/// The text, or NULL where there is none.
inline const char *text_or_null(const std::optional<std::string> &text) noexcept {
  return text ? c_text(*text) : nullptr;
}
/// Of options, in which an empty text is none.
inline const char *text_or_null(const std::string &text) noexcept { return text.empty() ? nullptr : c_text(text); }

}  // namespace detail
}  // namespace kinect2

#endif
