// serving.hpp - what a server program prints: where it can be reached, and what happens to it.
#ifndef EXAMPLES_SUPPORT_SERVING_HPP
#define EXAMPLES_SUPPORT_SERVING_HPP

#include <string>
#include <utility>

#include "program.hpp"

/// The endpoints of a running server with one kinect, a line each. A kinect has the endpoints of its streams only, and
/// version 1's `depth` only where depth is 512x424.
inline void print_serving(const kinect2::server &server, const std::string &kinect_id) {
  using kinect2::endpoint_type;
  std::printf("serving \"%s\" at %s\n", server.name().c_str(), server.endpoint().c_str());
  std::printf("kinect %s\n", kinect_id.c_str());
  for (const auto &[type, name] : {std::pair(endpoint_type::depth, "depth"),
                                   std::pair(endpoint_type::frames_depth, "frames.depth"),
                                   std::pair(endpoint_type::frames_infrared, "frames.infrared"),
                                   std::pair(endpoint_type::frames_color, "frames.color")})
    if (const auto endpoint = server.try_endpoint(type, kinect_id)) std::printf("%s %s\n", name, endpoint->c_str());
}

/// Waits at most `timeout` for something to happen to the server, and says what.
inline void print_server_event(kinect2::server &server, std::chrono::milliseconds timeout) {
  const auto event = server.next_event(timeout);
  if (!event) return;
  switch (event->type) {
    case kinect2::event_type::subscribers:
      std::printf("subscribers %llu (kinect %s, stream %u)\n", static_cast<unsigned long long>(event->value),
                  event->id.c_str(), static_cast<unsigned>(event->stream));
      break;
    case kinect2::event_type::name:
      std::printf("renamed \"%s\": another server has the old name\n", event->id.c_str());
      break;
    case kinect2::event_type::error:
      print_error(*event);
      break;
    default:  // numbers may be added: a program ignores what it does not know
      break;
  }
}

#endif
