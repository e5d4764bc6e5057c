// streamkinect2.hpp - streams a Kinect v2 to other machines: the C++ interface, header-only over streamkinect2.h.
//
// A first program: prints the distance in the middle of the picture, of the first server that is found.
//
//     #include <iostream>
//     #include <streamkinect2.hpp>
//
//     int main() {
//       kinect2::client_options options;
//       options.server_name = "*";
//       kinect2::client client(options);
//       client.enable_depth_frames();
//       client.connect();
//       if (auto frame = client.take_frame(kinect2::stream::depth, std::chrono::seconds(10)))
//         std::cout << frame->row(frame->height() / 2)[frame->width() / 2] << " mm\n";
//     }
//
// The things in it
//   mock_device, push_device   sources of frames (device.hpp)
//   server                     offers devices to the network (server.hpp)
//   browser                    finds servers (browser.hpp)
//   client                     a connection to one server: its kinects, their frames (client.hpp)
//   frame                      an immutable image with its times and numbers (frame.hpp)
//   compressor                 a device's stream, compressed for other uses (compress.hpp)
//
// What holds for all of them
//
//   Errors. A function that fails throws kinect2::error, with code() and the library's text. Each has a twin that begins
//   with try_ and returns a result<T> instead; try_create() is that of constructors. With -fno-exceptions there are only
//   these (the others end the program). "No value now" (status::timeout, status::closed) is never thrown.
//
//   Ownership. Objects own what they are and may be moved, not copied; frames may be copied, which shares them. All may
//   be destroyed in any order, on any thread, and inside callbacks.
//
//   Threads. What streamkinect2.h guarantees: every function, on every object, from every thread, at once. While an
//   object is moved or destroyed no other thread may use it, as usual; but its own callbacks may while it is destroyed.
//
//   Callbacks are std::functions, called one at a time for each object, on a thread of the library's (the log: on any).
//   A function lives until it has been replaced or its object destroyed, and has run for the last time; moving the object
//   changes nothing. What a callback is given is there until it returns: copy what is to stay, frames too. An exception
//   that leaves a callback ends there, and goes to on_callback_exception().
//
//   Times are std::chrono's: monotonic_clock is this host's clock in the library. Waits take milliseconds, or
//   kinect2::forever.
//
// C++17 or newer; where there is std::span, kinect2::span is that.
#ifndef STREAMKINECT2_HPP
#define STREAMKINECT2_HPP

#include "streamkinect2/browser.hpp"
#include "streamkinect2/client.hpp"
#include "streamkinect2/compress.hpp"
#include "streamkinect2/device.hpp"
#include "streamkinect2/frame.hpp"
#include "streamkinect2/library.hpp"
#include "streamkinect2/server.hpp"

#endif
