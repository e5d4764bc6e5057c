// mock_server.cpp - serves a simulated Kinect: a cone that moves before a wall, or a room as a real sensor would see it.
//
//     c++ -std=c++17 bindings/cpp/examples/mock_server.cpp -Iinclude -Ltarget/release -lstreamkinect2 -o mock_server
#include "support/options.hpp"
#include "support/program.hpp"
#include "support/serving.hpp"

int main(int argc, char **argv) {
  kinect2::server_options server_options;
  kinect2::mock_options mock_options;
  double seconds = 0;
  bool realistic = false, no_announce = false, verbose = false;
  parse({"mock_server",
         "Serves a simulated Kinect.",
         {{"--realistic", "", "a room with a person, depth and infrared, as noisy as a real Kinect's", &realistic},
          {"--seed", "N", "of the realistic noise (0)", &mock_options.seed},
          {"--name", "N", "name of the server (Kinect on HOST)", &server_options.name},
          {"--address", "A", "numeric address to serve on (all)", &server_options.address},
          {"--port", "P", "control port (any free one)", &server_options.port, 0, 65535},
          {"--data-port", "P", "first of the kinect's four frame ports (any free ones)", &server_options.data_port, 0,
           65535},
          {"--id", "ID", "id of the kinect (made up)", &mock_options.id},
          {"--rate", "HZ", "frames per second (30)", &mock_options.frame_rate, 0.1, 1000},
          {"--no-announce", "", "do not advertise over Zeroconf", &no_announce},
          {"--seconds", "S", "end after S seconds (0: on Ctrl-C)", &seconds},
          {"--verbose", "", "show the library's log", &verbose}}},
        argc, argv);
  server_options.announce = !no_announce;
  if (realistic) {
    mock_options.mode = kinect2::mock_mode::realistic;
    mock_options.streams = kinect2::stream::depth | kinect2::stream::infrared;
  }
  return run_program(verbose, [&] {
    kinect2::mock_device kinect(mock_options);
    kinect2::server server(server_options);
    server.add_kinect(kinect);
    server.start();
    kinect.start();
    print_serving(server, kinect.id());
    const auto limit = time_limit(seconds);
    while (running(limit)) print_server_event(server, tick);
    return EXIT_SUCCESS;
  });
}
