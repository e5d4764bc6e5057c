// Frames: they arrive with the pixels that were pushed, are shared by copies, and outlive everything.
#include <array>

#include "rig.hpp"

namespace {

using kinect2::image_layout;
const image_layout small = image_layout::depth(small_width, small_height);

template <class Values>
bool equal(kinect2::span<const std::uint16_t> pixels, const Values &values) {
  return std::equal(pixels.begin(), pixels.end(), std::begin(values), std::end(values));
}

void pixels_arrive_as_they_were_pushed() {
  rig<kinect2::push_device> rig(small_push("pushed"));
  rig.client->enable_depth_frames();
  rig.wait_for_subscribers(1);
  for (std::uint16_t number = 0; number < 10; ++number) {
    const auto values = counting(static_cast<std::uint16_t>(number * 1000));
    const kinect2::time_point captured = kinect2::monotonic_clock::now();
    rig.device.push(small, values, captured);
    const auto frame = rig.client->take_frame(kinect2::stream::depth, check::stretched(5s), rig.id);
    REQUIRE(frame.has_value());
    CHECK(equal(frame->pixels(), values));
    CHECK(equal(frame->row(3), std::vector<std::uint16_t>(values.begin() + 3 * 64, values.begin() + 4 * 64)));
    CHECK_EQUAL(frame->kinect_id(), "pushed");
    CHECK_EQUAL(frame->sequence(), number);
    CHECK_EQUAL(frame->bytes().size(), values.size() * 2);
    const kinect2::frame_info &info = frame->info();
    CHECK_EQUAL(info.stream, kinect2::stream::depth);
    CHECK_EQUAL(info.format, kinect2::format::depth16_mm);
    CHECK_EQUAL(info.width, small_width);
    CHECK_EQUAL(info.stride_bytes, small_width * 2);
    CHECK(!has(info.flags, kinect2::frame_flags::lossy));
    // one host: its clocks are one, within the bound that is told
    REQUIRE(info.capture_time && info.capture_time_local && info.capture_wall_time && info.receive_time);
    CHECK_EQUAL(info.capture_time->count(), captured.time_since_epoch().count());
    CHECK(*info.capture_time_local >= captured - info.clock_error - 1ms);
    CHECK(*info.capture_time_local <= captured + info.clock_error + 1ms);
    CHECK(*info.receive_time >= captured && *info.receive_time <= kinect2::monotonic_clock::now());
    const auto age = std::chrono::system_clock::now() - *info.capture_wall_time;
    CHECK(age > -1s && age < check::stretched(10s));
    CHECK(!info.device_time);
  }
}

void depth_and_infrared_arrive_in_callbacks() {
  kinect2::mock_options options;
  options.mode = kinect2::mock_mode::realistic;
  options.streams = kinect2::stream::depth | kinect2::stream::infrared;
  options.seed = 7;
  options.id = "realistic";
  rig<kinect2::mock_device> rig{kinect2::mock_device(options)};
  kinect2::frame depth, infrared, sent;
  std::atomic<bool> all{false};
  rig.client->on_frame([&](const kinect2::frame &frame) {
    (frame.info().stream == kinect2::stream::depth ? depth : infrared) = frame;  // a copy keeps it
    if (depth && infrared) all = true;
  });
  CHECK_EQUAL(rig.client->streams("realistic"), options.streams);
  CHECK_EQUAL(rig.client->streams("nobody"), kinect2::stream::none);
  CHECK_EQUAL(rig.client->stream_info("realistic", kinect2::stream::infrared).format, kinect2::format::infrared16);
  CHECK_EQUAL(rig.client->stream_info("realistic", kinect2::stream::depth).width, 512U);
  rig.client->enable_stream(kinect2::stream::all);
  CHECK_WITHIN(10s, all);
  rig.client->on_frame(nullptr);
  CHECK_EQUAL(depth.height(), 424U);
  CHECK_EQUAL(infrared.pixels().size(), 512U * 424U);
  // the same mock makes the same frames: compare with what leaves a second one
  options.id = "again";
  kinect2::mock_device again(options);
  std::atomic<bool> found{false}, missed{false};
  again.on_frame([&](const kinect2::frame &frame) {
    if (frame.info().stream != kinect2::stream::depth || found) return;
    if (frame.sequence() > depth.sequence()) missed = true;  // a busy machine: once more from the beginning
    if (frame.sequence() != depth.sequence()) return;
    CHECK(equal(frame.pixels(), depth.pixels()));
    found = true;
  });
  for (int attempt = 0; attempt < 5 && !found; ++attempt) {
    missed = false;
    again.start();
    check::within(10s, [&] { return found || missed; });
    again.stop();
  }
  CHECK(found);
}

void frames_outlive_everything() {
  kinect2::frame kept, first;
  {
    rig<kinect2::push_device> rig(small_push("gone"));
    rig.client->enable_depth_frames("gone");
    rig.wait_for_subscribers(1);
    rig.device.push(small, counting(7));
    kept = *rig.client->take_frame(kinect2::stream::all, check::stretched(5s));
    first = kept;
  }
  kinect2::shutdown();
  CHECK_EQUAL(kinect2::live_objects(), 2U);  // each copy is a reference
  CHECK(equal(kept.pixels(), counting(7)));
  CHECK(kept.pixels().data() == first.pixels().data());  // shared
  kinect2::frame moved = std::move(kept);
  CHECK(!kept && moved);  // NOLINT: that is what is tested
  first = {};
  CHECK_EQUAL(moved.kinect_id(), "gone");
  kinect2::frame &self = moved;
  moved = self;
  CHECK(moved && moved.pixels()[0] == 7);
  std::thread([last = std::move(moved)]() mutable { last = {}; }).join();
  CHECK_EQUAL(kinect2::live_objects(), 0U);
}

void frames_are_made_of_the_programs_own_pixels() {
  const auto captured = kinect2::time_point(5s);
  const std::array<std::uint16_t, 4> values{1, 2, 3, 4};
  const kinect2::frame copy = kinect2::frame::copy(image_layout::depth(2, 2), values, captured, 9ns);
  CHECK(equal(copy.pixels(), values));
  CHECK(copy.info().capture_time_local == captured && copy.info().device_time == 9ns && !copy.info().receive_time);
  CHECK_THROWS(not_found, copy.kinect_id());
  CHECK_THROWS(invalid_argument, copy.row(2));

  // where they lie, with a gap between the rows
  auto owner = std::make_shared<std::vector<std::uint16_t>>(std::vector<std::uint16_t>{1, 2, 0, 3, 4, 0});
  const std::weak_ptr<void> seen = owner;
  image_layout strided = image_layout::infrared(2, 2);
  strided.stride_bytes = 6;
  kinect2::frame shared = kinect2::frame::share(strided, *owner, owner);
  CHECK(static_cast<const void *>(shared.bytes().data()) == owner->data());
  owner.reset();
  CHECK_THROWS(unsupported, shared.pixels());
  CHECK(equal(shared.row(1), std::vector<std::uint16_t>{3, 4}));
  kinect2::frame second = shared;
  shared = {};
  CHECK(!seen.expired());
  second = {};
  CHECK(seen.expired());

  // one that is not made lets its owner go
  owner = std::make_shared<std::vector<std::uint16_t>>(3);
  CHECK_THROWS(invalid_argument, kinect2::frame::share(image_layout::depth(2, 2), *owner, owner));
  CHECK_EQUAL(owner.use_count(), 1);
  CHECK_THROWS(invalid_argument, kinect2::frame::copy(image_layout::depth(2, 2), *owner));
  const std::array<std::uint8_t, 8> bytes{1, 0, 2, 0, 3, 0, 4, 0};
  CHECK(kinect2::frame::copy(image_layout::depth(2, 2), bytes).bytes()[4] == std::byte{3});
  std::vector<std::uint16_t> writable(values.begin(), values.end());
  CHECK(equal(kinect2::frame::copy(image_layout::depth(2, 2), kinect2::span(writable.data(), 4)).pixels(), values));
  kinect2::image_layout color;
  color.stream = kinect2::stream::color;
  color.format = kinect2::format::rgba8;
  color.width = 2;
  color.height = 1;
  CHECK_THROWS(unsupported, kinect2::frame::copy(color, bytes));
}

void a_pushed_frame_is_shared_not_copied() {
  auto device = small_push("shared");
  CHECK_THROWS(bad_state, device.push(small, counting(0)));  // not started
  device.start();
  CHECK_THROWS(invalid_argument, device.push(small, std::vector<std::uint16_t>(3)));
  kinect2::frame left;
  std::atomic<bool> came{false};
  device.on_frame([&](const kinect2::frame &frame) {
    left = frame;
    came = true;
  });
  const kinect2::frame made = kinect2::frame::copy(small, counting(3));
  device.push(made);
  CHECK_WITHIN(5s, came);
  device.stop();
  CHECK(left.pixels().data() == made.pixels().data());
  CHECK_EQUAL(left.kinect_id(), "shared");
  CHECK_THROWS(bad_handle, device.push(kinect2::frame()));
}

void frames_of_the_c_library_are_taken_over_or_retained() {
  const kinect2::frame made = kinect2::frame::copy(small, counting(3));
  {
    const kinect2::frame more = kinect2::frame::retain(made.get());
    const kinect2::frame given = kinect2::frame::adopt(kinect2_frame_retain(made.get()));
    CHECK(equal(more.pixels(), given.pixels()));
  }
  CHECK_EQUAL(made.pixels()[1], 4);
  CHECK(!kinect2::frame::retain(nullptr));
}

}  // namespace

int main() {
  RUN(pixels_arrive_as_they_were_pushed);
  RUN(depth_and_infrared_arrive_in_callbacks);
  RUN(frames_outlive_everything);
  RUN(frames_are_made_of_the_programs_own_pixels);
  RUN(a_pushed_frame_is_shared_not_copied);
  RUN(frames_of_the_c_library_are_taken_over_or_retained);
  return check::finish();
}
