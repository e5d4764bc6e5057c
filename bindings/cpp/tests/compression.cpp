// Single images and a device's stream through the codecs, and how a server is told which to use.
#include <cmath>

#include "rig.hpp"

namespace {

std::vector<std::uint16_t> image() {
  std::vector<std::uint16_t> values(small_width * small_height);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint16_t>(i % 7 == 0 ? 0 : 800 + i % 3000);
  return values;
}

void every_codec_gives_back_what_it_got() {
  const std::vector<std::uint16_t> values = image();
  for (const auto with : {kinect2::codec::raw, kinect2::codec::lz4_packed, kinect2::codec::rvl, kinect2::codec::k2d}) {
    const std::vector<std::byte> data = kinect2::compress_depth(with, values, small_width, small_height);
    CHECK(!data.empty() && data.size() <= kinect2::compress_bound(with, small_width, small_height));
    std::vector<std::uint16_t> back(values.size());
    kinect2::decompress_depth(with, data, small_width, small_height, back);
    CHECK(back == values);
    // into the caller's own bytes: the exact size is enough, one less is not
    std::vector<std::byte> room(data.size());
    CHECK_EQUAL(kinect2::compress_depth(with, values, small_width, small_height, room), data.size());
    CHECK(room == data);
    room.pop_back();
    CHECK_THROWS(buffer_too_small, kinect2::compress_depth(with, values, small_width, small_height, room));
    CHECK_THROWS(corrupt, kinect2::decompress_depth(with, room, small_width, small_height, back));
  }
}

void what_does_not_fit_is_refused() {
  std::vector<std::uint16_t> values = image();
  CHECK_EQUAL(kinect2::compress_bound(kinect2::codec::jpeg, small_width, small_height), 0U);
  CHECK_THROWS(unsupported, kinect2::compress_depth(kinect2::codec::jpeg, values, small_width, small_height));
  CHECK_THROWS(invalid_argument, kinect2::compress_depth(kinect2::codec::rvl, values, small_width, small_height + 1));
  CHECK_THROWS(invalid_argument, kinect2::compress_depth(kinect2::codec::rvl, values, small_width, small_height - 1));
  const auto data = kinect2::compress_depth(kinect2::codec::rvl, values, small_width, small_height);
  values.pop_back();
  CHECK_THROWS(buffer_too_small,
               kinect2::decompress_depth(kinect2::codec::rvl, data, small_width, small_height, values));
}

void errors_stay_within_their_bound() {
  const std::vector<std::uint16_t> values = image();
  kinect2::encode_options options;
  options.codec = kinect2::codec::k2d;
  options.profile = kinect2::profile::speed;
  options.max_error_mm = 10;
  std::vector<std::byte> data(kinect2::compress_bound(kinect2::codec::k2d, small_width, small_height));
  data.resize(kinect2::compress_depth(options, values, small_width, small_height, data));
  std::vector<std::uint16_t> back(values.size());
  kinect2::decompress_depth(kinect2::codec::k2d, data, small_width, small_height, back);
  CHECK(back != values);
  for (std::size_t i = 0; i < values.size(); ++i)
    REQUIRE(std::abs(int{back[i]} - int{values[i]}) <= 10 && (back[i] == 0) == (values[i] == 0));
  options.codec = kinect2::codec::rvl;  // has no bounds
  CHECK_THROWS(unsupported, kinect2::compress_depth(options, values, small_width, small_height, data));
}

void a_compressor_compresses_a_stream() {
  auto device = small_push("compressed");
  device.start();
  kinect2::encode_options options;
  options.codec = kinect2::codec::rvl;
  kinect2::compressor compressor(device, kinect2::stream::depth, options);
  std::vector<std::uint16_t> back(small_width * small_height);
  std::atomic<int> calls{0};
  compressor.on_compressed_frame([&](kinect2::span<const std::byte> data, const kinect2::frame_info &info) {
    CHECK_EQUAL(info.codec, kinect2::codec::rvl);
    CHECK_EQUAL(info.sequence, 0U);
    CHECK(info.capture_time_local.has_value());
    kinect2::decompress_depth(info.codec, data, info.width, info.height, back);
    ++calls;
  });
  device.push(kinect2::image_layout::depth(small_width, small_height), image());
  CHECK_WITHIN(5s, calls == 1);
  compressor.on_compressed_frame(nullptr);
  CHECK(back == image());
  CHECK_EQUAL(compressor.dropped(), 0U);
  CHECK_THROWS(invalid_argument, kinect2::compressor(device, kinect2::stream::depth | kinect2::stream::infrared));
}

void a_server_compresses_as_it_is_told() {
  rig<kinect2::mock_device> rig(small_mock("told", 100));
  rig.client->enable_depth_frames();
  const auto arrives_as = [&](kinect2::codec wanted) {
    return check::within(5s, [&] {
      const auto frame = rig.client->take_frame(kinect2::stream::depth, 1s);
      return frame && frame->info().codec == wanted;
    });
  };
  kinect2::encode_options options;
  options.codec = kinect2::codec::raw;
  rig.server.set_encoding(kinect2::stream::depth, options);
  CHECK(arrives_as(kinect2::codec::raw));
  options.codec = kinect2::codec::k2d;
  rig.server.set_encoding(kinect2::stream::depth, options, &rig.device);
  CHECK(arrives_as(kinect2::codec::k2d));
  rig.server.set_encoding(kinect2::stream::depth, std::nullopt, &rig.device);
  CHECK(arrives_as(kinect2::codec::raw));
  CHECK_THROWS(invalid_argument, rig.server.set_encoding(kinect2::stream::none, options));
  const auto other = small_push("other");
  CHECK_THROWS(not_found, rig.server.set_encoding(kinect2::stream::depth, options, &other));
}

}  // namespace

int main() {
  RUN(every_codec_gives_back_what_it_got);
  RUN(what_does_not_fit_is_refused);
  RUN(errors_stay_within_their_bound);
  RUN(a_compressor_compresses_a_stream);
  RUN(a_server_compresses_as_it_is_told);
  return check::finish();
}
