/* streamkinect2.h - streams a Kinect v2 to other machines: servers, browsers and clients.
 *
 * A first program: prints the distance in the middle of the picture, of the first server that is found.
 *
 *     #include <stdio.h>
 *     #include "streamkinect2.h"
 *
 *     int main(void) {
 *       kinect2_client_options_t options;
 *       kinect2_client_options_init(&options, sizeof options);
 *       options.server_name = "*";
 *       kinect2_client_t *client;
 *       if (kinect2_client_create(NULL, &options, &client) != KINECT2_OK) return 1;
 *       kinect2_client_enable_depth_frames(client, NULL);
 *       kinect2_client_connect(client);
 *       kinect2_frame_t *frame;
 *       if (kinect2_client_take_frame(client, NULL, KINECT2_STREAM_DEPTH, 10000, &frame) == KINECT2_OK) {
 *         kinect2_frame_info_t info = {.struct_size = sizeof info};
 *         kinect2_frame_info(frame, &info);
 *         const uint16_t *depth = kinect2_frame_data(frame);
 *         printf("%u mm\n", depth[info.height / 2 * info.width + info.width / 2]);
 *         kinect2_frame_release(frame);
 *       }
 *       kinect2_client_destroy(client);
 *     }
 *
 * The things in it
 *   device      a source of frames on the machine with the sensor: the sensor, a mock, or the host program itself (push)
 *   server      offers devices to the network
 *   browser     finds servers
 *   client      a connection to one server: its kinects, their frames
 *   compressor  a device's stream, compressed for other uses
 *   frame       an immutable image with its times and numbers
 *
 * Guarantees
 *
 *  1 Results. kinect2_result_t is an int32_t: 0 is success, negative numbers are errors, positive ones say that there is no value
 *    (now). Later versions may add numbers, so test for the sign. Functions that return something else return 0 or NULL when they
 *    fail. In both cases kinect2_last_error() tells the calling thread why; successes and positive results do not touch that text.
 *  2 Parameters. The handle comes first, then inputs, then outputs. Text and structures that are passed in are copied before the call
 *    returns. A handle that is an output is NULL unless the result is KINECT2_OK; other outputs are written with KINECT2_OK only. Where
 *    nothing else is said, pointers to outputs must not be NULL.
 *  3 Text that comes out goes to (buffer, capacity, length): UTF-8 with a NUL, and the length without it; `length` may be NULL. If the
 *    buffer is too small the result is KINECT2_ERROR_BUFFER_TOO_SMALL, `length` is set, and the buffer has an empty text.
 *    (NULL, 0, &length) asks for the length, with KINECT2_OK. Text that goes in and is not UTF-8 is KINECT2_ERROR_INVALID_ARGUMENT.
 *  4 Structures begin with their size, so that old programs work with new libraries and the other way round. Options are set up by
 *    their _init function, which writes struct_size bytes: all of them and none behind. For other structures that the library fills in,
 *    the caller sets struct_size = sizeof first; it is not changed, and members that this library does not know become 0. A struct_size
 *    that is too small is KINECT2_ERROR_INVALID_ARGUMENT. In structures that callbacks get, there are no members beyond struct_size. 0
 *    in a member of a later version means what was before there was such a member. A member that is set and that this library does not
 *    know is KINECT2_ERROR_UNSUPPORTED. Reserved members are 0.
 *  5 Handles are tokens and not addresses. None is NULL or all ones, and a number comes again as late as possible. NULL, handles of
 *    destroyed things, of other kinds and invented ones are KINECT2_ERROR_BAD_HANDLE and never undefined behaviour. The only memory
 *    of the library's that a program looks at are pixels, by kinect2_frame_data(), and what callbacks are given.
 *  6 Threads. Every function may be called on every handle from every thread, also by several at once; `const` says nothing about
 *    that. After fork() the child must not use handles of its parent.
 *  7 Callbacks of one handle run one at a time, with no lock of the library held, and not on the thread that does the handle's network
 *    work: a slow one delays callbacks of its own handle, and nothing else. Of frames at most one a kinect and stream waits, the newest.
 *    Other calls are not dropped; but a change and its undoing that both wait (add and remove of one id, connect and disconnect) cancel
 *    out, and on_event is bounded as the queue of events is. What a callback is given is valid until it returns; a frame is kept by
 *    kinect2_frame_retain(). Callbacks must not throw or longjmp out. Their calling convention is C's.
 *  8 Setting callbacks. A handle has one callback of each kind. Setting replaces it and NULL removes it, at any time; the call returns
 *    when a running call of the replaced one has ended, so that its user_data may be freed. on_connect, on_add_kinect and on_add_server
 *    are called for what is there already when they are set: before or after the start is the same.
 *  9 stop, disconnect and destroy return when the last callback of what they end has returned. destroy is silent: from its beginning on
 *    no callback starts. Destroying a handle a second time is KINECT2_ERROR_BAD_HANDLE, at once.
 * 10 Inside a callback of the same handle, 8 and 9 do not wait for that callback itself (free its user_data when it has returned), and
 *    every timeout counts as 0. Destroying the handle there is allowed. Two callbacks that each destroy the handle of the other wait for
 *    ever, and so does who destroys while holding a lock that the callback wants.
 * 11 Callbacks and polling may be used side by side: each frame and event goes to the callbacks and to the poller.
 * 12 Before the first call nothing happens: no threads, no signal handlers, no look at the environment, no log. A defect of the library
 *    is KINECT2_ERROR_INTERNAL and not the end of the program.
 * 13 Constants may be added: ignore streams, formats, codecs and types of events that you do not know. Their numbers are those on the
 *    wire.
 * 14 "kinect" and "device" name one thing: on the server's side a kinect2_device_t, on the client's side an id, kinect2_device_id()'s.
 *    Ids are 1 to 255 bytes long.
 *
 * Threads
 *
 * Servers, browsers and clients have a worker thread, which owns their sockets and never runs code of the host. A handle's thread for
 * callbacks starts with the first one that is set. Servers also have one thread for each stream of a device, which encodes it, and mock
 * devices one that makes the frames. Between network and callbacks waits the newest frame of each stream and a bounded queue of events,
 * so a callback that sleeps for a minute costs old frames and nothing else. Every function may be called inside a callback, except
 * kinect2_shutdown(), which then is KINECT2_ERROR_BAD_STATE.
 *
 * Ownership
 *
 * Who creates something destroys it, in any order. Frames are counted: kinect2_frame_create(), kinect2_frame_retain() and
 * kinect2_client_take_frame() give a reference, kinect2_frame_release() takes one back, and a frame outlives the device or client it
 * came from. Callbacks borrow what they are given. Text and structures that are passed in stay the caller's. Nothing else is to be freed.
 * kinect2_live_objects() tells what is still out.
 *
 * Compatibility
 *
 * Functions are not taken away and do not change; constants keep their values; structures grow at their end only. A program that was
 * compiled with an older header runs with a newer library of the same soname, and learns by kinect2_version() what it got. Below version
 * 1.0 a new minor version may break this, and has a soname of its own: libstreamkinect2.so.0.<minor>. */


#ifndef STREAMKINECT2_H
#define STREAMKINECT2_H

/* Generated from src/ffi by cbindgen: do not edit, run KINECT2_BLESS=1 cargo test --test header */

#include <stddef.h>
#include <stdint.h>

/**
 * Major version of this header. A change of it breaks programs; below 1.0 a change of the minor version may.
 */
#define KINECT2_VERSION_MAJOR 0

/**
 * Minor version of this header.
 */
#define KINECT2_VERSION_MINOR 1

/**
 * Patch version of this header.
 */
#define KINECT2_VERSION_PATCH 0

/**
 * As `timeout_ms`: wait until something comes or the handle is destroyed.
 */
#define KINECT2_WAIT_FOREVER UINT32_MAX

/**
 * A buffer of so many bytes holds every kinect id with its NUL.
 */
#define KINECT2_ID_CAPACITY 256

/**
 * A buffer of so many bytes holds every server name, endpoint and address with its NUL, and most messages.
 */
#define KINECT2_TEXT_CAPACITY 512

/**
 * As `max_level`: no messages.
 */
#define KINECT2_LOG_OFF 0

/**
 * Something failed.
 */
#define KINECT2_LOG_ERROR 1

/**
 * Something is odd, and the library goes on.
 */
#define KINECT2_LOG_WARN 2

/**
 * What happens in the large: started, connected, stopped.
 */
#define KINECT2_LOG_INFO 3

/**
 * What happens in detail.
 */
#define KINECT2_LOG_DEBUG 4

/**
 * An endpoint of a server: where requests are answered.
 */
#define KINECT2_ENDPOINT_CONTROL 1

/**
 * An endpoint of a kinect: depth as peers of version 1 know it.
 */
#define KINECT2_ENDPOINT_DEPTH 2

/**
 * An endpoint of a kinect: depth with all that belongs to a frame.
 */
#define KINECT2_ENDPOINT_FRAMES_DEPTH 3

/**
 * An endpoint of a kinect: infrared.
 */
#define KINECT2_ENDPOINT_FRAMES_INFRARED 4

/**
 * An endpoint of a kinect: colour.
 */
#define KINECT2_ENDPOINT_FRAMES_COLOR 5

/**
 * Zeroconf by the system's service where this build knows it and it answers; else, and from the moment that it goes away, by the responder
 * in the library. What is bound to one address, server or browser, always uses the latter.
 */
#define KINECT2_DISCOVERY_AUTO 0

/**
 * Zeroconf by the system's service (Avahi, Bonjour) only, on all interfaces. With an address, and in builds without it:
 * KINECT2_ERROR_UNSUPPORTED.
 */
#define KINECT2_DISCOVERY_SYSTEM 1

/**
 * Zeroconf by the library itself only.
 */
#define KINECT2_DISCOVERY_EMBEDDED 2

/**
 * The depth stream: distance along the optical axis. Streams are bits; a parameter `streams` takes several, or'ed.
 */
#define KINECT2_STREAM_DEPTH 1

/**
 * The infrared stream.
 */
#define KINECT2_STREAM_INFRARED 2

/**
 * The colour stream.
 */
#define KINECT2_STREAM_COLOR 4

/**
 * Every stream, those of later versions too.
 */
#define KINECT2_STREAM_ALL UINT32_MAX

/**
 * Depth: 16 bits a pixel in the host's byte order, millimetres, 0 is invalid.
 *
 * A format tells all about the bytes but width, height and stride. Row 0 is the top one. Several planes follow each other without a
 * gap. Compressed formats have stride_bytes 0.
 */
#define KINECT2_FORMAT_DEPTH16_MM 1

/**
 * Infrared: 16 bits a pixel in the host's byte order.
 */
#define KINECT2_FORMAT_INFRARED16 2

/**
 * Colour: a JPEG file; stride_bytes is 0.
 */
#define KINECT2_FORMAT_JPEG 3

/**
 * Colour: 4 bytes a pixel, red, green, blue, alpha.
 */
#define KINECT2_FORMAT_RGBA8 4

/**
 * Colour: 4 bytes a pixel, blue, green, red, alpha, as Microsoft's SDK and libfreenect2 give it.
 */
#define KINECT2_FORMAT_BGRA8 5

/**
 * Colour: 4 bytes for two pixels, Y0 U Y1 V, the sensor's own.
 */
#define KINECT2_FORMAT_YUY2 6

/**
 * The library chooses the codec.
 */
#define KINECT2_CODEC_AUTO 0

/**
 * Little-endian values as they are.
 */
#define KINECT2_CODEC_RAW 1

/**
 * The depth message of protocol version 1: 12 bits a pixel, LZ4.
 */
#define KINECT2_CODEC_LZ4_PACKED 2

/**
 * Run length and variable length (Wilson 2017): lossless, 16 bits.
 */
#define KINECT2_CODEC_RVL 3

/**
 * The project's own depth codec: lossless, or lossy within bounds.
 */
#define KINECT2_CODEC_K2D 4

/**
 * JPEG, for colour.
 */
#define KINECT2_CODEC_JPEG 5

/**
 * The codec's own choice: ratio where the processor makes it cheap (AVX-512), else speed.
 */
#define KINECT2_PROFILE_AUTO 0

/**
 * Least time.
 */
#define KINECT2_PROFILE_SPEED 1

/**
 * Fewest bytes.
 */
#define KINECT2_PROFILE_RATIO 2

/**
 * What kinect2_*_poll_fd() is asked for: something that is readable while an event waits.
 */
#define KINECT2_POLL_EVENTS 1

/**
 * Likewise while a frame waits, of any kinect and stream.
 */
#define KINECT2_POLL_FRAMES 2

/**
 * A flag of a frame: its pixels may differ from the sensor's.
 */
#define KINECT2_FRAME_LOSSY 1

/**
 * A flag of a frame: sequence or clocks begin anew; the first frame after device or server was started again.
 */
#define KINECT2_FRAME_RESTARTED 2

/**
 * Older events had to go; `value`: how many. The poller reads the state anew.
 */
#define KINECT2_EVENT_OVERFLOW 1

/**
 * Something failed on its own; `result`, `text`. Never fatal to the handle.
 */
#define KINECT2_EVENT_ERROR 2

/**
 * The server answers.
 */
#define KINECT2_EVENT_CONNECT 3

/**
 * The server is lost; `result`: the reason.
 */
#define KINECT2_EVENT_DISCONNECT 4

/**
 * A kinect came; `id`.
 */
#define KINECT2_EVENT_ADD_KINECT 5

/**
 * A kinect went; `id`.
 */
#define KINECT2_EVENT_REMOVE_KINECT 6

/**
 * A ping ended; `result`, `value`: round trip in ns.
 */
#define KINECT2_EVENT_PONG 7

/**
 * A server came; `id`: its name, `text`: its endpoint.
 */
#define KINECT2_EVENT_ADD_SERVER 8

/**
 * A server went; likewise.
 */
#define KINECT2_EVENT_REMOVE_SERVER 9

/**
 * The server has a new name because another one had the old; `id`: the new one.
 */
#define KINECT2_EVENT_NAME 10

/**
 * Subscribers of a kinect's stream came or went; `id`, `stream`, `value`: how many now. A host can switch a sensor on and off by it.
 */
#define KINECT2_EVENT_SUBSCRIBERS 11

/**
 * The mock device's documented scene: a cone that moves before a wall.
 */
#define KINECT2_MOCK_SCENE 0

/**
 * The mock device's imitation of a real room and sensor: depth and infrared of a furnished room in which a person walks, with the noise,
 * the invalid pixels and the flicker of a Kinect v2. The pixels of a frame depend on width, height, seed, frame_rate and the frame's
 * sequence number alone, on every machine; depth and infrared with one number are of one instant.
 */
#define KINECT2_MOCK_REALISTIC 1

/**
 * Finds servers on the network by Zeroconf and keeps a list of those that answer.
 */
typedef struct kinect2_browser_t kinect2_browser_t;

/**
 * A connection to one server, which it keeps over the server's absence: reports its kinects and receives their frames.
 */
typedef struct kinect2_client_t kinect2_client_t;

/**
 * Compresses one stream of a device while a callback is set; drops frames when it is overloaded.
 */
typedef struct kinect2_compressor_t kinect2_compressor_t;

/**
 * A kinect on the producer's side: a source of frames. Servers and compressors take frames from it.
 */
typedef struct kinect2_device_t kinect2_device_t;

/**
 * An image with its times and numbers: immutable, reference counted. It outlives the device or client that it came from.
 */
typedef struct kinect2_frame_t kinect2_frame_t;

/**
 * Offers kinects to the network: answers clients, sends them frames, and announces itself over Zeroconf.
 */
typedef struct kinect2_server_t kinect2_server_t;

/**
 * How a call ended: 0 success, negative an error, positive "no value (now)". New numbers may appear in later versions, so test for
 * the sign.
 */
typedef int32_t kinect2_result_t;

/**
 * Receives log messages.
 *
 * May run on any thread, also on several at once: the one exception to guarantee 7.
 *
 * @param level KINECT2_LOG_ERROR to KINECT2_LOG_DEBUG.
 * @param message UTF-8 text without a newline at its end, valid until the callback returns.
 * @param user_data what was given with the callback.
 */
typedef void (*kinect2_log_fn)(uint32_t level, const char *message, void *user_data);

/**
 * Tells the owner of pixels that the last reference to their frame has gone. Called once, on any thread, and may call any function.
 *
 * @param user_data what was given with the pixels.
 */
typedef void (*kinect2_release_fn)(void *user_data);

/**
 * What a frame is made from. Set it up with kinect2_frame_options_init().
 *
 * With `release` NULL the data is copied and rows become tight. Else it is used where it lies and must not change; release(user_data)
 * is called once, on any thread, when the last reference has gone, and not at all if the frame was not made.
 */
typedef struct {
  /**
   * Size of this structure in bytes.
   */
  uint32_t struct_size;
  /**
   * KINECT2_STREAM_*, one bit.
   */
  uint32_t stream;
  /**
   * KINECT2_FORMAT_*, one of the stream's.
   */
  uint32_t format;
  /**
   * Pixels in a row.
   */
  uint32_t width;
  /**
   * Rows.
   */
  uint32_t height;
  /**
   * Bytes from one row to the next; 0: rows are tight.
   */
  uint32_t stride_bytes;
  /**
   * When it was captured, in kinect2_clock_ns(); 0: now.
   */
  uint64_t capture_time_ns;
  /**
   * The same instant on the sensor's own clock; 0: none.
   */
  uint64_t device_time_ns;
  /**
   * The bytes, aligned for their values.
   */
  const void *data;
  /**
   * Bytes of `data`: at least what stride and height need; of a JPEG exactly its own.
   */
  size_t size;
  /**
   * NULL: copy the data.
   */
  kinect2_release_fn release;
  /**
   * Is passed to `release`.
   */
  void *user_data;
} kinect2_frame_options_t;

/**
 * All about a frame but its pixels. Times are in nanoseconds; 0 is unknown (peers of version 1 tell none).
 */
typedef struct {
  /**
   * Size of this structure in bytes: set it before the call. In callbacks members beyond it do not exist.
   */
  uint32_t struct_size;
  /**
   * KINECT2_STREAM_*, one bit.
   */
  uint32_t stream;
  /**
   * KINECT2_FORMAT_* of the bytes in kinect2_frame_data().
   */
  uint32_t format;
  /**
   * Pixels in a row.
   */
  uint32_t width;
  /**
   * Rows.
   */
  uint32_t height;
  /**
   * Bytes from one row to the next; 0 for compressed formats.
   */
  uint32_t stride_bytes;
  /**
   * KINECT2_CODEC_*: how it travelled; RAW where it did not.
   */
  uint32_t codec;
  /**
   * KINECT2_FRAME_*, or'ed.
   */
  uint32_t flags;
  /**
   * The device's number of the frame: per stream, from 0 at its start. A gap is a frame that was dropped or lost on its way. From
   * peers of version 1: counted where it was received.
   */
  uint64_t sequence;
  /**
   * When it was captured, on the producer's monotonic clock.
   */
  uint64_t capture_time_ns;
  /**
   * The same instant in kinect2_clock_ns().
   */
  uint64_t capture_time_local_ns;
  /**
   * Bound on the error of that conversion.
   */
  uint64_t clock_error_ns;
  /**
   * The same instant on the producer's wall clock, since 1970.
   */
  uint64_t capture_unix_ns;
  /**
   * The same instant on the sensor's own clock.
   */
  uint64_t device_time_ns;
  /**
   * When it was received, in kinect2_clock_ns(); 0: it was not.
   */
  uint64_t receive_time_ns;
  /**
   * Bytes of data.
   */
  size_t size;
} kinect2_frame_info_t;

/**
 * How to make a mock device. Set it up with kinect2_mock_options_init().
 */
typedef struct {
  /**
   * Size of this structure in bytes.
   */
  uint32_t struct_size;
  /**
   * KINECT2_MOCK_*; default SCENE.
   */
  uint32_t mode;
  /**
   * Pixels in a row of depth, and of infrared; default 512. Other sizes see the same field of view.
   */
  uint32_t width;
  /**
   * Rows of depth, and of infrared; default 424.
   */
  uint32_t height;
  /**
   * KINECT2_STREAM_*, or'ed; default DEPTH. The realistic mode has INFRARED too.
   */
  uint32_t streams;
  /**
   * Seed of the realistic mode's noise; default 0.
   */
  uint32_t seed;
  /**
   * Frames a second; default 30.
   */
  double frame_rate;
  /**
   * The device's id, 1 to 255 bytes; default NULL: one is made up, the same when the same program runs again on this machine.
   */
  const char *id;
} kinect2_mock_options_t;

/**
 * What a stream is, for those who choose among streams.
 */
typedef struct {
  /**
   * Size of this structure in bytes: set it before the call.
   */
  uint32_t struct_size;
  /**
   * KINECT2_STREAM_*, one bit.
   */
  uint32_t stream;
  /**
   * KINECT2_FORMAT_* of its frames.
   */
  uint32_t format;
  /**
   * KINECT2_CODEC_* on the wire; RAW in a declaration.
   */
  uint32_t codec;
  /**
   * Pixels in a row.
   */
  uint32_t width;
  /**
   * Rows.
   */
  uint32_t height;
  /**
   * Frames a second, nominal; 0: not known.
   */
  double frame_rate;
} kinect2_stream_info_t;

/**
 * Gets every frame of a device, as it leaves the device.
 *
 * Runs on the device's callback thread. If it takes longer than a frame lasts, it gets the newest one next.
 *
 * @param device the handle that the callback was set on.
 * @param frame valid until the callback returns; keep it with kinect2_frame_retain().
 * @param user_data what was given with the callback.
 */
typedef void (*kinect2_device_frame_fn)(kinect2_device_t *device, kinect2_frame_t *frame, void *user_data);

/**
 * How to make a server. Set it up with kinect2_server_options_init().
 */
typedef struct {
  /**
   * Size of this structure in bytes.
   */
  uint32_t struct_size;
  /**
   * Whether to advertise over Zeroconf: 1 (default) or 0.
   */
  uint32_t announce;
  /**
   * KINECT2_DISCOVERY_*; default AUTO.
   */
  uint32_t discovery;
  /**
   * Control port; default 0: any free one, chosen at each start.
   */
  uint32_t port;
  /**
   * Name for people; default NULL: one is made up.
   */
  const char *name;
  /**
   * Numeric IPv4 or IPv6 address to bind; default NULL: all interfaces.
   */
  const char *address;
  /**
   * First port for frames, for firewalls and containers; default 0: any free ones. Each kinect takes four, from
   * data_port + 4 * its slot, where it takes the lowest free slot when it is added and keeps it.
   */
  uint32_t data_port;
  /**
   * 0.
   */
  uint32_t reserved;
} kinect2_server_options_t;

/**
 * What happened. Each event is what the callback of the same name gets; a queue keeps the last 256.
 *
 * Text is in the structure itself, UTF-8 with a NUL: nothing is to be freed.
 */
typedef struct {
  /**
   * Size of this structure in bytes: set it before the call. In callbacks members beyond it do not exist.
   */
  uint32_t struct_size;
  /**
   * KINECT2_EVENT_*. Ignore those that you do not know.
   */
  uint32_t type;
  /**
   * How it ended, where the type says so; else KINECT2_OK.
   */
  int32_t result;
  /**
   * KINECT2_STREAM_*; 0: none in particular.
   */
  uint32_t stream;
  /**
   * When it happened, in kinect2_clock_ns().
   */
  uint64_t time_ns;
  /**
   * A number; see the type.
   */
  uint64_t value;
  /**
   * An id or a name; see the type.
   */
  char id[256];
  /**
   * A text; see the type. Cut where it is longer.
   */
  char text[512];
} kinect2_event_t;

/**
 * Gets the events of a server: what kinect2_server_next_event() gives.
 *
 * @param server the handle that the callback was set on.
 * @param event valid until the callback returns.
 * @param user_data what was given with the callback.
 */
typedef void (*kinect2_server_event_fn)(kinect2_server_t *server, const kinect2_event_t *event, void *user_data);

/**
 * How to compress: chosen by who sends. Set it up with kinect2_encode_options_init().
 */
typedef struct {
  /**
   * Size of this structure in bytes.
   */
  uint32_t struct_size;
  /**
   * KINECT2_CODEC_*; default AUTO.
   */
  uint32_t codec;
  /**
   * KINECT2_PROFILE_*, of K2D only; default AUTO.
   */
  uint32_t profile;
  /**
   * Largest error of a pixel in millimetres (infrared: in units), of K2D only; default 0. With max_error_ppm 0 too: lossless. With
   * both set, the larger of the two errors is allowed. Pixels that are 0, invalid, stay so, and no other one becomes 0.
   */
  uint32_t max_error_mm;
  /**
   * Largest error of a pixel in millionths of its distance, of K2D only; default 0.
   */
  uint32_t max_error_ppm;
} kinect2_encode_options_t;

/**
 * Figures of one stream of one kinect, since it was added.
 */
typedef struct {
  /**
   * Size of this structure in bytes: set it before the call.
   */
  uint32_t struct_size;
  /**
   * How many there are now; of depth: at both its endpoints.
   */
  uint32_t subscribers;
  /**
   * Frames that came from the device.
   */
  uint64_t frames_in;
  /**
   * Frames that were encoded, in however many codecs. `bytes` and `encode_time_ns` sum over these codecs.
   */
  uint64_t encoded;
  /**
   * Frames that were sent: once each, however many subscribers there are.
   */
  uint64_t sent;
  /**
   * Frames that were wanted, but a newer one came first. frames_in - encoded - dropped: nobody wanted them.
   */
  uint64_t dropped;
  /**
   * Encoded bytes in all.
   */
  uint64_t bytes;
  /**
   * Time spent on encoding in all.
   */
  uint64_t encode_time_ns;
} kinect2_server_stats_t;

/**
 * How to make a browser. Set it up with kinect2_browser_options_init().
 */
typedef struct {
  /**
   * Size of this structure in bytes.
   */
  uint32_t struct_size;
  /**
   * KINECT2_DISCOVERY_*; default AUTO.
   */
  uint32_t discovery;
  /**
   * Numeric address of the interface to listen on; default NULL: all interfaces.
   */
  const char *address;
} kinect2_browser_options_t;

/**
 * A server that was found.
 */
typedef struct {
  /**
   * Size of this structure in bytes: members beyond it do not exist.
   */
  uint32_t struct_size;
  /**
   * 0.
   */
  uint32_t reserved;
  /**
   * Its name for people, unique among the servers listed.
   */
  const char *name;
  /**
   * Where it answers: pass it to kinect2_client_create().
   */
  const char *endpoint;
} kinect2_server_info_t;

/**
 * Gets a server that came or went. A server whose endpoint changes is removed and added.
 *
 * @param browser the handle that the callback was set on.
 * @param server valid until the callback returns.
 * @param user_data what was given with the callback.
 */
typedef void (*kinect2_browser_fn)(kinect2_browser_t *browser, const kinect2_server_info_t *server, void *user_data);

/**
 * How to make a client. Set it up with kinect2_client_options_init().
 */
typedef struct {
  /**
   * Size of this structure in bytes.
   */
  uint32_t struct_size;
  /**
   * How often the server is asked whether it is there; default 10000. Servers that speak the extension are asked once a second at
   * least.
   */
  uint32_t heartbeat_period_ms;
  /**
   * How long an answer may take before the server is lost; default 5000.
   */
  uint32_t response_timeout_ms;
  /**
   * Whether to keep trying while there is no answer: 1 (default) or 0.
   */
  uint32_t reconnect;
  /**
   * KINECT2_DISCOVERY_*: how to find `server_name`; default AUTO.
   */
  uint32_t discovery;
  /**
   * 0.
   */
  uint32_t reserved;
  /**
   * Follow the server of this name to any endpoint; "*": the first server that is found; default NULL: stay at the endpoint.
   */
  const char *server_name;
} kinect2_client_options_t;

/**
 * The server has answered.
 *
 * @param client the handle that the callback was set on.
 * @param user_data what was given with the callback.
 */
typedef void (*kinect2_client_fn)(kinect2_client_t *client, void *user_data);

/**
 * The server is gone, or did not answer in the first place. Called once, however often it is tried again.
 *
 * @param client the handle that the callback was set on.
 * @param reason KINECT2_OK after kinect2_client_disconnect(); KINECT2_TIMEOUT: no answer; else an error.
 * @param user_data what was given with the callback.
 */
typedef void (*kinect2_client_lost_fn)(kinect2_client_t *client, kinect2_result_t reason, void *user_data);

/**
 * A kinect came or went.
 *
 * @param client the handle that the callback was set on.
 * @param kinect_id its id, valid until the callback returns.
 * @param user_data what was given with the callback.
 */
typedef void (*kinect2_client_kinect_fn)(kinect2_client_t *client, const char *kinect_id, void *user_data);

/**
 * A frame came, decoded.
 *
 * @param client the handle that the callback was set on.
 * @param kinect_id the kinect that it is from, valid until the callback returns.
 * @param frame valid until the callback returns; keep it with kinect2_frame_retain().
 * @param user_data what was given with the callback.
 */
typedef void (*kinect2_client_frame_fn)(kinect2_client_t *client,
                                        const char *kinect_id,
                                        kinect2_frame_t *frame,
                                        void *user_data);

/**
 * Gets the events of a client: what kinect2_client_next_event() gives.
 *
 * @param client the handle that the callback was set on.
 * @param event valid until the callback returns.
 * @param user_data what was given with the callback.
 */
typedef void (*kinect2_client_event_fn)(kinect2_client_t *client, const kinect2_event_t *event, void *user_data);

/**
 * A ping ended.
 *
 * @param client the handle that was pinged with.
 * @param result KINECT2_OK; KINECT2_TIMEOUT: no answer; KINECT2_CLOSED: disconnected first; else an error.
 * @param round_trip_ns the time from ping to pong; 0 without one.
 * @param user_data what was given with the callback.
 */
typedef void (*kinect2_client_pong_fn)(kinect2_client_t *client,
                                       kinect2_result_t result,
                                       uint64_t round_trip_ns,
                                       void *user_data);

/**
 * How a client wants a stream. Set it up with kinect2_stream_options_init().
 */
typedef struct {
  /**
   * Size of this structure in bytes.
   */
  uint32_t struct_size;
  /**
   * KINECT2_FORMAT_*; default 0: as it comes (depth and infrared: 16 bits; colour: JPEG or pixels).
   */
  uint32_t format;
} kinect2_stream_options_t;

/**
 * Figures of one stream of one kinect, since it was enabled.
 */
typedef struct {
  /**
   * Size of this structure in bytes: set it before the call.
   */
  uint32_t struct_size;
  /**
   * 0.
   */
  uint32_t reserved;
  /**
   * Frames that came and decoded: delivered + dropped + those that wait.
   */
  uint64_t received;
  /**
   * Frames that did not come, by gaps in the sequence.
   */
  uint64_t lost;
  /**
   * Frames that were replaced by a newer one before anyone got them.
   */
  uint64_t dropped;
  /**
   * Messages that did not decode.
   */
  uint64_t corrupt;
  /**
   * Bytes of all messages that came, their headers included.
   */
  uint64_t bytes;
  /**
   * Median time from capture to delivery, of the last few seconds; 0: unknown.
   */
  uint64_t latency_p50_ns;
  /**
   * The same, of which one frame in a hundred takes longer.
   */
  uint64_t latency_p99_ns;
  /**
   * Frames that reached a callback or a poller.
   */
  uint64_t delivered;
  /**
   * Of these, by kinect2_client_take_frame().
   */
  uint64_t taken;
  /**
   * Time spent decoding. Of frames that come together only the newest is decoded.
   */
  uint64_t decode_time_ns;
} kinect2_client_stats_t;

/**
 * Gets a compressed frame.
 *
 * @param compressor the handle that the callback was set on.
 * @param data what kinect2_compress_depth() gives, valid until the callback returns.
 * @param size bytes of `data`.
 * @param frame the frame before compression, but for `codec` and `flags`; valid until the callback returns.
 * @param user_data what was given with the callback.
 */
typedef void (*kinect2_compressed_fn)(kinect2_compressor_t *compressor,
                                      const void *data,
                                      size_t size,
                                      const kinect2_frame_info_t *frame,
                                      void *user_data);

/**
 * Success.
 */
#define KINECT2_OK 0

/**
 * Nothing came within the timeout: no error, ask again.
 */
#define KINECT2_TIMEOUT 1

/**
 * Nothing more will come.
 */
#define KINECT2_CLOSED 2

/**
 * A defect of the library, such as a caught panic. Please report it with the text of kinect2_last_error().
 */
#define KINECT2_ERROR_INTERNAL -1

/**
 * A parameter is outside of what the function accepts.
 */
#define KINECT2_ERROR_INVALID_ARGUMENT -2

/**
 * The handle is NULL, was destroyed, is of another kind or never was one.
 */
#define KINECT2_ERROR_BAD_HANDLE -3

/**
 * Not possible now: not started, not running, inside a callback.
 */
#define KINECT2_ERROR_BAD_STATE -4

/**
 * No such kinect, server, stream or index.
 */
#define KINECT2_ERROR_NOT_FOUND -5

/**
 * The caller's buffer is too small for what goes into it.
 */
#define KINECT2_ERROR_BUFFER_TOO_SMALL -6

/**
 * The operating system or the network failed.
 */
#define KINECT2_ERROR_IO -7

/**
 * The peer does not keep to the protocol.
 */
#define KINECT2_ERROR_PROTOCOL -8

/**
 * Known, but not offered by this version, build, stream or codec.
 */
#define KINECT2_ERROR_UNSUPPORTED -9

/**
 * Data does not decode.
 */
#define KINECT2_ERROR_CORRUPT -10

/**
 * A port that is taken, an id that is there already.
 */
#define KINECT2_ERROR_IN_USE -11

/**
 * Memory or a thread could not be had.
 */
#define KINECT2_ERROR_OUT_OF_MEMORY -12

/**
 * Larger or more than is accepted.
 */
#define KINECT2_ERROR_LIMIT -13

/**
 * Keys or permissions.
 */
#define KINECT2_ERROR_REFUSED -14

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The name of a result, such as "KINECT2_ERROR_BAD_HANDLE", for messages.
 *
 * @param result any number.
 * @return static text, never NULL; for numbers that this version does not know one that says so.
 *
 * Allowed in callbacks. Never fails.
 */
const char *kinect2_result_name(int32_t result);

/**
 * Why this thread's last failed call failed: what was wrong and what to do about it, in English, for people.
 *
 * Every thread has its own text, empty until a call fails. Success and positive results leave it alone. Unlike other text it is
 * cut to the buffer, at a character's border, so that a buffer of any size will do; KINECT2_TEXT_CAPACITY suits most.
 *
 * @param buffer receives UTF-8 with a NUL.
 * @param capacity bytes that fit into `buffer`.
 * @param length receives the length of what is in `buffer`, without the NUL; may be NULL. With `buffer` NULL and `capacity` 0 it
 * receives the length of the whole text.
 * @return KINECT2_OK, or KINECT2_ERROR_INVALID_ARGUMENT if `buffer` is NULL and `capacity` is not 0.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_last_error(char *buffer,
                                    size_t capacity,
                                    size_t *length);

/**
 * The version of the library that runs: major << 16 | minor << 8 | patch. Compare it with the KINECT2_VERSION_* of the header that a
 * program was compiled with.
 *
 * @return the version; never fails. Allowed in callbacks.
 */
uint32_t kinect2_version(void);

/**
 * The version of the library that runs, as text, such as "0.1.0".
 *
 * @return static text; never fails. Allowed in callbacks.
 */
const char *kinect2_version_string(void);

/**
 * How much of the library the host still holds: handles and frame references that it has to give back, and destroyed handles whose
 * threads still run (because a callback that destroyed its own handle has not returned yet).
 *
 * A program that expects 0 at its end finds its leaks. A frame in a callback counts when it is retained.
 *
 * @return the number; never fails. Allowed in callbacks.
 */
uint32_t kinect2_live_objects(void);

/**
 * This host's monotonic clock in nanoseconds: CLOCK_MONOTONIC, QueryPerformanceCounter or the like. All members named *_local_ns,
 * receive times, and capture times that are passed in, are in it.
 *
 * @return the time; never fails. Allowed in callbacks.
 */
uint64_t kinect2_clock_ns(void);

/**
 * Destroys every compressor, client, browser, server and device in the process, removes the log callback, and returns when no
 * callback can run any more.
 *
 * For a host program whose code is about to go (domain reload, unloading a plug-in), not for a library in it that does not know who
 * else uses this one. Frames stay, with the references to them. The library can be used again at once.
 *
 * @return KINECT2_OK; KINECT2_ERROR_BAD_STATE inside a callback, which it would wait for.
 */
kinect2_result_t kinect2_shutdown(void);

/**
 * Sets the log callback: one for the process, which is silent without it.
 *
 * Replacing and removing follow guarantee 8. What the library would log about calls made inside the callback is not logged.
 *
 * @param max_level the least important level wanted, KINECT2_LOG_*; KINECT2_LOG_OFF is silence.
 * @param callback may be NULL: silence.
 * @param user_data is passed to the callback.
 * @return KINECT2_OK. Allowed in callbacks.
 */
kinect2_result_t kinect2_set_log_callback(uint32_t max_level,
                                          kinect2_log_fn callback,
                                          void *user_data);

/**
 * Sets up options with their defaults: all 0, so stream, format, size and data are to be set.
 *
 * @param options receives exactly struct_size bytes.
 * @param struct_size sizeof(kinect2_frame_options_t) of the caller.
 *
 * Allowed in callbacks. Fails only if `options` is NULL, and then does nothing.
 */
void kinect2_frame_options_init(kinect2_frame_options_t *options, size_t struct_size);

/**
 * Makes a frame of the caller's pixels, for kinect2_device_push_frame().
 *
 * @param options what it is made from.
 * @param out receives the frame, with one reference that the caller gives back by kinect2_frame_release().
 * @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT if stream, format, sizes, stride and data do not fit together;
 * KINECT2_ERROR_LIMIT for more than 64 MiB of pixels; KINECT2_ERROR_UNSUPPORTED for formats that this version does not handle.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_frame_create(const kinect2_frame_options_t *options,
                                      kinect2_frame_t **out);

/**
 * One more reference to a frame, which lives until each is given back. This is how to keep a frame that a callback was given.
 *
 * @param frame a frame, also one that a callback was given.
 * @return the same handle; NULL if it is none.
 *
 * Allowed in callbacks.
 */
kinect2_frame_t *kinect2_frame_retain(kinect2_frame_t *frame);

/**
 * Gives one reference to a frame back. With the last one the handle is bad and the pixels are gone.
 *
 * @param frame a frame; NULL is fine.
 * @return KINECT2_OK; KINECT2_ERROR_BAD_HANDLE if it is none, or the caller holds no reference: the one that a callback runs with is
 * not the callback's to give back.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_frame_release(kinect2_frame_t *frame);

/**
 * All about a frame but its pixels.
 *
 * @param frame a frame.
 * @param info set its struct_size; receives the rest.
 * @return KINECT2_OK.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_frame_info(const kinect2_frame_t *frame, kinect2_frame_info_t *info);

/**
 * The pixels of a frame: kinect2_frame_info_t's `size` bytes, rows `stride_bytes` apart. Frames that the library made begin at a
 * multiple of 64 bytes and have tight rows.
 *
 * @param frame a frame.
 * @return the bytes, not to be changed, valid while the caller holds a reference (in a callback: until it returns); NULL if `frame`
 * is none.
 *
 * Allowed in callbacks.
 */
const void *kinect2_frame_data(const kinect2_frame_t *frame);

/**
 * The id of the kinect that a frame came from.
 *
 * @param frame a frame.
 * @param buffer receives the text, KINECT2_ID_CAPACITY bytes are enough.
 * @param capacity bytes that fit into `buffer`.
 * @param length receives the text's length without the NUL; may be NULL.
 * @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND for a frame that was made by kinect2_frame_create() and not pushed;
 * KINECT2_ERROR_BUFFER_TOO_SMALL.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_frame_kinect_id(const kinect2_frame_t *frame, char *buffer, size_t capacity, size_t *length);

/**
 * Sets up options with their defaults, which are said at each member.
 *
 * @param options receives exactly struct_size bytes.
 * @param struct_size sizeof(kinect2_mock_options_t) of the caller.
 *
 * Allowed in callbacks. Fails only if `options` is NULL, and then does nothing.
 */
void kinect2_mock_options_init(kinect2_mock_options_t *options, size_t struct_size);

/**
 * Makes a device that shows a simulated scene.
 *
 * @param options NULL: defaults.
 * @param out receives the device, not started; end it with kinect2_device_destroy().
 * @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_UNSUPPORTED for a mode or stream that this version does not have.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_device_create_mock(const kinect2_mock_options_t *options,
                                            kinect2_device_t **out);

/**
 * Makes a device whose frames the caller supplies by kinect2_device_push() or kinect2_device_push_frame().
 *
 * It offers 512x424 depth from its creation and any other stream from its first frame on; kinect2_device_declare_stream() says it
 * before the first frame, and which size.
 *
 * @param id 1 to 255 bytes; NULL: one is made up, the same when the same program runs again on this machine.
 * @param out receives the device, not started; end it with kinect2_device_destroy().
 * @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_device_create_push(const char *id,
                                            kinect2_device_t **out);

/**
 * Says what a push device's stream is before its first frame.
 *
 * A frame unlike its declaration (or unlike the last frame) changes the stream, it is not refused.
 *
 * @param device a push device.
 * @param info all members set; `codec` KINECT2_CODEC_RAW.
 * @return KINECT2_OK; KINECT2_ERROR_BAD_STATE if it is not a push device; KINECT2_ERROR_INVALID_ARGUMENT;
 * KINECT2_ERROR_UNSUPPORTED for streams and formats that this version does not handle.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_device_declare_stream(kinect2_device_t *device, const kinect2_stream_info_t *info);

/**
 * Gives a push device its next frame, whose bytes are copied. Never waits for the network: the newest frame wins.
 *
 * @param device a push device that was started.
 * @param stream KINECT2_STREAM_*, one bit.
 * @param format KINECT2_FORMAT_*, one of the stream's.
 * @param width pixels in a row.
 * @param height rows.
 * @param stride_bytes bytes from one row to the next; 0: rows are tight.
 * @param data the bytes, only used during the call.
 * @param size bytes of `data`: at least what stride and height need.
 * @param capture_time_ns when it was captured, in kinect2_clock_ns(); 0: now.
 * @return KINECT2_OK; KINECT2_ERROR_BAD_STATE if the device is not started or not a push device; KINECT2_ERROR_INVALID_ARGUMENT;
 * KINECT2_ERROR_LIMIT; KINECT2_ERROR_UNSUPPORTED.
 *
 * Allowed in callbacks and from any thread.
 */
kinect2_result_t kinect2_device_push(kinect2_device_t *device,
                                     uint32_t stream,
                                     uint32_t format,
                                     uint32_t width,
                                     uint32_t height,
                                     uint32_t stride_bytes,
                                     const void *data,
                                     size_t size,
                                     uint64_t capture_time_ns);

/**
 * Gives a push device its next frame without a copy. The frame stays as it is and the caller's; what leaves the device shares its
 * pixels, with a sequence number and the device's id.
 *
 * @param device a push device that was started.
 * @param frame any frame.
 * @return as kinect2_device_push().
 *
 * Allowed in callbacks and from any thread.
 */
kinect2_result_t kinect2_device_push_frame(kinect2_device_t *device,
                                           kinect2_frame_t *frame);

/**
 * Starts a device. Servers do not do it: the host starts and stops its devices.
 *
 * @param device a device. One that was started already stays so, with a logged warning.
 * @return KINECT2_OK; KINECT2_ERROR_OUT_OF_MEMORY if there is no thread for it.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_device_start(kinect2_device_t *device);

/**
 * Stops a device and waits for its running callback, except inside of it. It can be started again: its sequence numbers then begin
 * anew.
 *
 * @param device a device. One that is not started stays so, with a logged warning.
 * @return KINECT2_OK.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_device_stop(kinect2_device_t *device);

/**
 * The id of a device, by which clients know it.
 *
 * @param device a device.
 * @param buffer receives the text, KINECT2_ID_CAPACITY bytes are enough.
 * @param capacity bytes that fit into `buffer`.
 * @param length receives the text's length without the NUL; may be NULL.
 * @return KINECT2_OK; KINECT2_ERROR_BUFFER_TOO_SMALL.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_device_id(const kinect2_device_t *device, char *buffer, size_t capacity, size_t *length);

/**
 * Sets the callback that gets every frame of a device, of every stream.
 *
 * Replacing and removing follow guarantee 8. At most one frame a stream waits for the callback: the newest.
 *
 * @param device a device.
 * @param callback NULL removes it.
 * @param user_data is passed to the callback; may be freed when the callback was replaced or removed, or the device destroyed.
 * @return KINECT2_OK; KINECT2_ERROR_OUT_OF_MEMORY if there is no thread for callbacks.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_device_on_frame(kinect2_device_t *device,
                                         kinect2_device_frame_fn callback,
                                         void *user_data);

/**
 * Destroys a device: stops it, lets go of the sensor and takes it out of every server and compressor, which stay. Returns when its
 * last callback has returned, except inside of it.
 *
 * @param device a device; NULL is fine. The handle is bad from the beginning of the call on.
 * @return KINECT2_OK; KINECT2_ERROR_BAD_HANDLE, at once, the second time.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_device_destroy(kinect2_device_t *device);

/**
 * Sets up options with their defaults, which are said at each member.
 *
 * @param options receives exactly struct_size bytes.
 * @param struct_size sizeof(kinect2_server_options_t) of the caller.
 *
 * Allowed in callbacks. Fails only if `options` is NULL, and then does nothing.
 */
void kinect2_server_options_init(kinect2_server_options_t *options, size_t struct_size);

/**
 * Makes a server.
 *
 * @param options NULL: defaults.
 * @param out receives the server, not started; end it with kinect2_server_destroy().
 * @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_UNSUPPORTED for a kind of discovery that this build does not have.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_server_create(const kinect2_server_options_t *options,
                                       kinect2_server_t **out);

/**
 * Starts a server: it is bound and answers when this returns. Announcing goes on by itself and fails as an event.
 *
 * @param server a server. One that runs already goes on, with a logged warning.
 * @return KINECT2_OK; KINECT2_ERROR_IN_USE if a port is taken; KINECT2_ERROR_IO.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_server_start(kinect2_server_t *server);

/**
 * Stops a server: its ports are free and its last callback has returned when this returns. Its kinects and settings stay.
 *
 * @param server a server. One that does not run stays so, with a logged warning.
 * @return KINECT2_OK.
 *
 * Allowed in callbacks: there it does not wait for the callback that is running.
 */
kinect2_result_t kinect2_server_stop(kinect2_server_t *server);

/**
 * Whether a server runs.
 *
 * @param server a server.
 * @return 1 or 0; a bad handle is 0.
 *
 * Allowed in callbacks.
 */
int32_t kinect2_server_is_running(const kinect2_server_t *server);

/**
 * The name of a server, as it is announced now.
 *
 * @param server a server.
 * @param buffer receives the text, KINECT2_TEXT_CAPACITY bytes are enough.
 * @param capacity bytes that fit into `buffer`.
 * @param length receives the text's length without the NUL; may be NULL.
 * @return KINECT2_OK; KINECT2_ERROR_BUFFER_TOO_SMALL.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_server_name(const kinect2_server_t *server, char *buffer, size_t capacity, size_t *length);

/**
 * The address of a server, as it is bound.
 *
 * @param server a server.
 * @param buffer receives the text, KINECT2_TEXT_CAPACITY bytes are enough.
 * @param capacity bytes that fit into `buffer`.
 * @param length receives the text's length without the NUL; may be NULL.
 * @return KINECT2_OK; KINECT2_ERROR_BAD_STATE if it does not run; KINECT2_ERROR_BUFFER_TOO_SMALL.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_server_address(const kinect2_server_t *server, char *buffer, size_t capacity, size_t *length);

/**
 * An endpoint of a server, such as "tcp://192.168.1.4:40001". It is never a wildcard: where the server is bound to all interfaces it
 * has the address that a client on another host would use (the first that is not loopback; loopback where there is no other).
 *
 * @param server a server that runs.
 * @param kinect_id NULL: the server's own endpoints; else that kinect's.
 * @param endpoint KINECT2_ENDPOINT_*.
 * @param buffer receives the text, KINECT2_TEXT_CAPACITY bytes are enough.
 * @param capacity bytes that fit into `buffer`.
 * @param length receives the text's length without the NUL; may be NULL.
 * @return KINECT2_OK; KINECT2_ERROR_BAD_STATE if it does not run; KINECT2_ERROR_NOT_FOUND if there is no such kinect or it has no such
 * endpoint; KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_BUFFER_TOO_SMALL.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_server_endpoint(const kinect2_server_t *server,
                                         const char *kinect_id,
                                         uint32_t endpoint,
                                         char *buffer,
                                         size_t capacity,
                                         size_t *length);

/**
 * Sets the callback that gets a server's events, from now on.
 *
 * Replacing and removing follow guarantee 8. At most 256 events wait for the callback.
 *
 * @param server a server.
 * @param callback NULL removes it.
 * @param user_data is passed to the callback; may be freed when the callback was replaced or removed, or the server destroyed.
 * @return KINECT2_OK; KINECT2_ERROR_OUT_OF_MEMORY if there is no thread for callbacks.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_server_on_event(kinect2_server_t *server,
                                         kinect2_server_event_fn callback,
                                         void *user_data);

/**
 * Takes the next event of a server. Each is given out once, whoever asks; callbacks get it too.
 *
 * @param server a server.
 * @param timeout_ms how long to wait; KINECT2_WAIT_FOREVER; counts as 0 inside a callback of this server.
 * @param event set its struct_size; receives the rest.
 * @return KINECT2_OK; KINECT2_TIMEOUT: none came; KINECT2_CLOSED: destroyed meanwhile.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_server_next_event(kinect2_server_t *server, uint32_t timeout_ms, kinect2_event_t *event);

/**
 * Something to wait on in the host's own loop while there is no event: a file descriptor for poll() and the like, on Windows an event
 * HANDLE.
 *
 * It is readable (signalled), level-triggered, exactly while there is an event to take: whoever leaves one is told again at once. It is
 * the same for the server's whole life, over stop and start. It is the library's: wait on it, in several loops if need be; do not read,
 * write or close it, and take it out of the loop before the server is destroyed.
 *
 * When it is readable, take with a timeout of 0; another thread may have been faster (KINECT2_TIMEOUT). A loop that is told of changes
 * only (EPOLLET, EV_CLEAR) takes until there is no more: what comes to something that waits already is no change. That nothing will come
 * any more (KINECT2_CLOSED) is not signalled. docs/conventions.md has the lines for some loops.
 *
 * @param server a server.
 * @param what KINECT2_POLL_EVENTS.
 * @param fd receives it.
 * @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_IO if the system has none left.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_server_poll_fd(const kinect2_server_t *server,
                                        uint32_t what,
                                        intptr_t *fd);

/**
 * Destroys a server: stops it and waits for its last callback, except inside of it. Its kinects go on.
 *
 * @param server a server; NULL is fine. The handle is bad from the beginning of the call on.
 * @return KINECT2_OK; KINECT2_ERROR_BAD_HANDLE, at once, the second time.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_server_destroy(kinect2_server_t *server);

/**
 * Adds a kinect to a server, before or after its start. A device may be in several servers.
 *
 * @param server a server.
 * @param device a device, started or not.
 * @return KINECT2_OK; KINECT2_ERROR_IN_USE if this device or one with its id is there already, or a fixed port is taken;
 * KINECT2_ERROR_LIMIT if there are no ports left above data_port.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_server_add_kinect(kinect2_server_t *server,
                                           kinect2_device_t *device);

/**
 * Takes a kinect out of a server. The device goes on.
 *
 * @param server a server.
 * @param device a device that was added.
 * @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND if it is not there.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_server_remove_kinect(kinect2_server_t *server, kinect2_device_t *device);

/**
 * Says how a server compresses, from the next frame on.
 *
 * @param server a server.
 * @param device NULL: all that have no setting of their own, now and later; else this one.
 * @param streams KINECT2_STREAM_*, or'ed.
 * @param options NULL: back to the default.
 * @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND if the device is not there; KINECT2_ERROR_INVALID_ARGUMENT if no stream is named;
 * KINECT2_ERROR_UNSUPPORTED for a codec that does not carry such streams or is not built.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_server_set_encoding(kinect2_server_t *server,
                                             kinect2_device_t *device,
                                             uint32_t streams,
                                             const kinect2_encode_options_t *options);

/**
 * How many kinects a server has.
 *
 * @param server a server.
 * @return the number; 0 for a bad handle.
 *
 * Allowed in callbacks.
 */
uint32_t kinect2_server_kinect_count(const kinect2_server_t *server);

/**
 * The id of one of a server's kinects, in the order of their coming. A removal moves later ones down.
 *
 * @param server a server.
 * @param index 0 to kinect2_server_kinect_count() - 1.
 * @param buffer receives the text, KINECT2_ID_CAPACITY bytes are enough.
 * @param capacity bytes that fit into `buffer`.
 * @param length receives the text's length without the NUL; may be NULL.
 * @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND if the index is too large; KINECT2_ERROR_BUFFER_TOO_SMALL.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_server_kinect_id(const kinect2_server_t *server,
                                          uint32_t index,
                                          char *buffer,
                                          size_t capacity,
                                          size_t *length);

/**
 * Figures of one stream of one kinect, since it was added.
 *
 * @param server a server.
 * @param kinect_id a kinect of the server's.
 * @param stream KINECT2_STREAM_*, one bit.
 * @param stats set its struct_size; receives the rest.
 * @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND; KINECT2_ERROR_INVALID_ARGUMENT.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_server_stats(const kinect2_server_t *server,
                                      const char *kinect_id,
                                      uint32_t stream,
                                      kinect2_server_stats_t *stats);

/**
 * Sets up options with their defaults, which are said at each member.
 *
 * @param options receives exactly struct_size bytes.
 * @param struct_size sizeof(kinect2_browser_options_t) of the caller.
 *
 * Allowed in callbacks. Fails only if `options` is NULL, and then does nothing.
 */
void kinect2_browser_options_init(kinect2_browser_options_t *options, size_t struct_size);

/**
 * Makes a browser.
 *
 * @param options NULL: defaults.
 * @param out receives the browser, not started; end it with kinect2_browser_destroy().
 * @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_UNSUPPORTED for a kind of discovery that this build does not have.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_browser_create(const kinect2_browser_options_t *options,
                                        kinect2_browser_t **out);

/**
 * Sets the callback that gets the servers that come, those already listed first.
 *
 * Replacing and removing follow guarantee 8. The add and the remove of one server that both wait for callbacks cancel out.
 *
 * @param browser a browser.
 * @param callback NULL removes it.
 * @param user_data is passed to the callback; may be freed when the callback was replaced or removed, or the browser destroyed.
 * @return KINECT2_OK; KINECT2_ERROR_OUT_OF_MEMORY if there is no thread for callbacks.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_browser_on_add_server(kinect2_browser_t *browser,
                                               kinect2_browser_fn callback,
                                               void *user_data);

/**
 * Sets the callback that gets the servers that go, as they were listed.
 *
 * @param browser a browser.
 * @param callback NULL removes it.
 * @param user_data as for kinect2_browser_on_add_server().
 * @return as kinect2_browser_on_add_server().
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_browser_on_remove_server(kinect2_browser_t *browser,
                                                  kinect2_browser_fn callback,
                                                  void *user_data);

/**
 * Starts looking for servers.
 *
 * @param browser a browser. One that was started already goes on, with a logged warning.
 * @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT if no interface of this host has the address; KINECT2_ERROR_IO if the network
 * cannot be asked.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_browser_start(kinect2_browser_t *browser);

/**
 * Stops looking for servers. All are forgotten, without a call; its last callback has returned when this returns.
 *
 * @param browser a browser. One that is not started stays so, with a logged warning.
 * @return KINECT2_OK.
 *
 * Allowed in callbacks: there it does not wait for the callback that is running.
 */
kinect2_result_t kinect2_browser_stop(kinect2_browser_t *browser);

/**
 * Takes the next event of a browser: ADD_SERVER, REMOVE_SERVER, ERROR, OVERFLOW. Each is given out once, whoever asks; callbacks get
 * it too.
 *
 * @param browser a browser.
 * @param timeout_ms how long to wait; KINECT2_WAIT_FOREVER; counts as 0 inside a callback of this browser.
 * @param event set its struct_size; receives the rest.
 * @return KINECT2_OK; KINECT2_TIMEOUT: none came; KINECT2_CLOSED: stopped and none left, or destroyed meanwhile.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_browser_next_event(kinect2_browser_t *browser,
                                            uint32_t timeout_ms,
                                            kinect2_event_t *event);

/**
 * Something to wait on while there is no event: see kinect2_server_poll_fd(). It is the same over stop and start; events that were not
 * taken before a stop can be taken after it.
 *
 * @param browser a browser.
 * @param what KINECT2_POLL_EVENTS.
 * @param fd receives it; it is the library's.
 * @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_IO if the system has none left.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_browser_poll_fd(const kinect2_browser_t *browser,
                                         uint32_t what,
                                         intptr_t *fd);

/**
 * How many servers are listed now.
 *
 * @param browser a browser.
 * @return the number; 0 for a bad handle.
 *
 * Allowed in callbacks.
 */
uint32_t kinect2_browser_server_count(const kinect2_browser_t *browser);

/**
 * The name of one of the servers that are listed now, in the order of their coming.
 *
 * @param browser a browser.
 * @param index 0 to kinect2_browser_server_count() - 1.
 * @param buffer receives the text, KINECT2_TEXT_CAPACITY bytes are enough.
 * @param capacity bytes that fit into `buffer`.
 * @param length receives the text's length without the NUL; may be NULL.
 * @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND if the index is too large; KINECT2_ERROR_BUFFER_TOO_SMALL.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_browser_server_name(const kinect2_browser_t *browser,
                                             uint32_t index,
                                             char *buffer,
                                             size_t capacity,
                                             size_t *length);

/**
 * The endpoint of a server that is listed now. A name is unique, so this is safe to ask however the list changes.
 *
 * @param browser a browser.
 * @param name a server's name.
 * @param buffer receives the text, KINECT2_TEXT_CAPACITY bytes are enough.
 * @param capacity bytes that fit into `buffer`.
 * @param length receives the text's length without the NUL; may be NULL.
 * @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND if no such server is listed; KINECT2_ERROR_BUFFER_TOO_SMALL.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_browser_server_endpoint(const kinect2_browser_t *browser,
                                                 const char *name,
                                                 char *buffer,
                                                 size_t capacity,
                                                 size_t *length);

/**
 * Destroys a browser: stops it and waits for its last callback, except inside of it.
 *
 * @param browser a browser; NULL is fine. The handle is bad from the beginning of the call on.
 * @return KINECT2_OK; KINECT2_ERROR_BAD_HANDLE, at once, the second time.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_browser_destroy(kinect2_browser_t *browser);

/**
 * Sets up options with their defaults, which are said at each member.
 *
 * @param options receives exactly struct_size bytes.
 * @param struct_size sizeof(kinect2_client_options_t) of the caller.
 *
 * Allowed in callbacks. Fails only if `options` is NULL, and then does nothing.
 */
void kinect2_client_options_init(kinect2_client_options_t *options, size_t struct_size);

/**
 * Makes a client. Nothing is sent before kinect2_client_connect().
 *
 * @param control_endpoint where the server answers, such as "tcp://192.168.1.4:40001"; may be NULL if the options name a server.
 * @param options NULL: defaults.
 * @param out receives the client; end it with kinect2_client_destroy().
 * @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT if the endpoint is not tcp://host:port, or neither endpoint nor name is given;
 * KINECT2_ERROR_UNSUPPORTED for a kind of discovery that this build does not have.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_create(const char *control_endpoint,
                                       const kinect2_client_options_t *options,
                                       kinect2_client_t **out);

/**
 * Begins to connect and returns at once. What comes of it is told by callbacks and events.
 *
 * @param client a client. One that connects or is connected goes on, with a logged warning.
 * @return KINECT2_OK; KINECT2_ERROR_IO if sockets cannot be had; KINECT2_ERROR_OUT_OF_MEMORY if there is no thread for it.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_connect(kinect2_client_t *client);

/**
 * Disconnects, or ends trying to connect. Frames that were not taken are dropped. Enabled streams stay enabled for the next connect.
 * Its last callback, on_disconnect with KINECT2_OK, has returned when this returns.
 *
 * @param client a client. One that is not connected and not trying stays so, with a logged warning.
 * @return KINECT2_OK.
 *
 * Allowed in callbacks: there it does not wait for the callback that is running.
 */
kinect2_result_t kinect2_client_disconnect(kinect2_client_t *client);

/**
 * Whether the server answers.
 *
 * @param client a client.
 * @return 1 or 0; a bad handle is 0.
 *
 * Allowed in callbacks.
 */
int32_t kinect2_client_is_connected(const kinect2_client_t *client);

/**
 * The name of the server, as its last answer said.
 *
 * @param client a client.
 * @param buffer receives the text, KINECT2_TEXT_CAPACITY bytes are enough.
 * @param capacity bytes that fit into `buffer`.
 * @param length receives the text's length without the NUL; may be NULL.
 * @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND before the first answer; KINECT2_ERROR_BUFFER_TOO_SMALL.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_server_name(const kinect2_client_t *client,
                                            char *buffer,
                                            size_t capacity,
                                            size_t *length);

/**
 * An endpoint of the server, as its last answer said.
 *
 * @param client a client.
 * @param kinect_id NULL: the server's own endpoints; else that kinect's.
 * @param endpoint KINECT2_ENDPOINT_*.
 * @param buffer receives the text, KINECT2_TEXT_CAPACITY bytes are enough.
 * @param capacity bytes that fit into `buffer`.
 * @param length receives the text's length without the NUL; may be NULL.
 * @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND if it is not known; KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_BUFFER_TOO_SMALL.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_endpoint(const kinect2_client_t *client,
                                         const char *kinect_id,
                                         uint32_t endpoint,
                                         char *buffer,
                                         size_t capacity,
                                         size_t *length);

/**
 * Takes the newest frame: an alternative to callbacks, or beside them. For each kinect and stream the newest frame waits; it is given
 * out once, whoever asks. Where several wait, the one that waits longest is taken, so that none starves.
 *
 * @param client a client; what it shall receive is enabled by kinect2_client_enable_stream() or kinect2_client_enable_depth_frames().
 * @param kinect_id NULL: any kinect.
 * @param streams KINECT2_STREAM_*, or'ed: any of them.
 * @param timeout_ms how long to wait; KINECT2_WAIT_FOREVER; counts as 0 inside a callback of this client.
 * @param out receives the frame, with a reference that the caller gives back by kinect2_frame_release().
 * @return KINECT2_OK; KINECT2_TIMEOUT: none came, also while the server is lost; KINECT2_CLOSED: not connected and not trying, or
 * destroyed meanwhile; KINECT2_ERROR_INVALID_ARGUMENT.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_take_frame(kinect2_client_t *client,
                                           const char *kinect_id,
                                           uint32_t streams,
                                           uint32_t timeout_ms,
                                           kinect2_frame_t **out);

/**
 * Takes the next event of a client. Each is given out once, whoever asks; callbacks get it too.
 *
 * @param client a client.
 * @param timeout_ms how long to wait; KINECT2_WAIT_FOREVER; counts as 0 inside a callback of this client.
 * @param event set its struct_size; receives the rest.
 * @return KINECT2_OK; KINECT2_TIMEOUT: none came; KINECT2_CLOSED: not connected, not trying and none left, or destroyed meanwhile.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_next_event(kinect2_client_t *client,
                                           uint32_t timeout_ms,
                                           kinect2_event_t *event);

/**
 * Something to wait on while there is no event, or no frame of any kinect and stream: see kinect2_server_poll_fd(). It is the same
 * for the client's whole life, over reconnects, disconnect and connect.
 *
 * KINECT2_POLL_FRAMES: readable exactly while kinect2_client_take_frame() with kinect_id NULL and KINECT2_STREAM_ALL would get a frame at
 * once. Take that way, or disable what is not taken: a frame that is left keeps it readable. Frames that are dropped (the stream is
 * disabled, the kinect or the server goes, the process did not run for long) make it unreadable, perhaps between the loop's wait and the
 * call. That the server is lost, or given up, is an event: wait for KINECT2_POLL_EVENTS as well.
 *
 * @param client a client.
 * @param what KINECT2_POLL_EVENTS or KINECT2_POLL_FRAMES: one of the two.
 * @param fd receives it; it is the library's.
 * @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_IO if the system has none left.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_poll_fd(const kinect2_client_t *client,
                                        uint32_t what,
                                        intptr_t *fd);

/**
 * Destroys a client: disconnects it without a word and waits for its last callback, except inside of it. Frames that were taken or
 * retained stay.
 *
 * @param client a client; NULL is fine. The handle is bad from the beginning of the call on.
 * @return KINECT2_OK; KINECT2_ERROR_BAD_HANDLE, at once, the second time.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_destroy(kinect2_client_t *client);

/**
 * Sets the callback for an answering server. If it answers already, the callback is called for that.
 *
 * The order of callbacks is on_connect, on_add_kinect, that kinect's frames, on_remove_kinect for each there is, on_disconnect.
 * Replacing and removing follow guarantee 8, here and below.
 *
 * @param client a client.
 * @param callback NULL removes it.
 * @param user_data is passed to the callback; may be freed when the callback was replaced or removed, or the client destroyed.
 * @return KINECT2_OK; KINECT2_ERROR_OUT_OF_MEMORY if there is no thread for callbacks.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_on_connect(kinect2_client_t *client,
                                           kinect2_client_fn callback,
                                           void *user_data);

/**
 * Sets the callback for a server that is gone.
 *
 * @param client a client.
 * @param callback NULL removes it.
 * @param user_data as for kinect2_client_on_connect().
 * @return as kinect2_client_on_connect().
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_on_disconnect(kinect2_client_t *client,
                                              kinect2_client_lost_fn callback,
                                              void *user_data);

/**
 * Sets the callback for kinects that come, those already there first.
 *
 * @param client a client.
 * @param callback NULL removes it.
 * @param user_data as for kinect2_client_on_connect().
 * @return as kinect2_client_on_connect().
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_on_add_kinect(kinect2_client_t *client,
                                              kinect2_client_kinect_fn callback,
                                              void *user_data);

/**
 * Sets the callback for kinects that go.
 *
 * @param client a client.
 * @param callback NULL removes it.
 * @param user_data as for kinect2_client_on_connect().
 * @return as kinect2_client_on_connect().
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_on_remove_kinect(kinect2_client_t *client,
                                                 kinect2_client_kinect_fn callback,
                                                 void *user_data);

/**
 * Sets the callback for depth frames. A depth frame goes to it first, then to kinect2_client_on_frame()'s.
 *
 * Frames come when the stream is enabled, too. At most one a kinect waits for the callback: the newest.
 *
 * @param client a client.
 * @param callback NULL removes it.
 * @param user_data as for kinect2_client_on_connect().
 * @return as kinect2_client_on_connect().
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_on_depth_frame(kinect2_client_t *client,
                                               kinect2_client_frame_fn callback,
                                               void *user_data);

/**
 * Sets the callback for frames of every stream.
 *
 * Frames come when their stream is enabled, too. At most one a kinect and stream waits for the callback: the newest.
 *
 * @param client a client.
 * @param callback NULL removes it.
 * @param user_data as for kinect2_client_on_connect().
 * @return as kinect2_client_on_connect().
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_on_frame(kinect2_client_t *client, kinect2_client_frame_fn callback, void *user_data);

/**
 * Sets the callback that gets a client's events, from now on: what kinect2_client_next_event() gives, errors too.
 *
 * At most 256 events wait for the callback.
 *
 * @param client a client.
 * @param callback NULL removes it.
 * @param user_data as for kinect2_client_on_connect().
 * @return as kinect2_client_on_connect().
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_on_event(kinect2_client_t *client, kinect2_client_event_fn callback, void *user_data);

/**
 * Asks the server for a sign of life, once. Possible from connect on, also before the server has answered.
 *
 * @param client a client.
 * @param callback called once: KINECT2_OK, KINECT2_TIMEOUT, an error, or KINECT2_CLOSED by disconnect; not if the client is destroyed
 * first. May be NULL: then there is only the event PONG.
 * @param user_data is passed to the callback.
 * @return KINECT2_OK; KINECT2_ERROR_BAD_STATE if not connected and not trying; KINECT2_ERROR_LIMIT if 64 wait already.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_ping(kinect2_client_t *client,
                                     kinect2_client_pong_fn callback,
                                     void *user_data);

/**
 * Sets up options with their defaults, which are said at each member.
 *
 * @param options receives exactly struct_size bytes.
 * @param struct_size sizeof(kinect2_stream_options_t) of the caller.
 *
 * Allowed in callbacks. Fails only if `options` is NULL, and then does nothing.
 */
void kinect2_stream_options_init(kinect2_stream_options_t *options, size_t struct_size);

/**
 * How many kinects a client sees.
 *
 * @param client a client.
 * @return the number; 0 for a bad handle.
 *
 * Allowed in callbacks.
 */
uint32_t kinect2_client_kinect_count(const kinect2_client_t *client);

/**
 * The id of one of the kinects that a client sees, in the order of their coming. A removal moves later ones down.
 *
 * @param client a client.
 * @param index 0 to kinect2_client_kinect_count() - 1.
 * @param buffer receives the text, KINECT2_ID_CAPACITY bytes are enough.
 * @param capacity bytes that fit into `buffer`.
 * @param length receives the text's length without the NUL; may be NULL.
 * @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND if the index is too large; KINECT2_ERROR_BUFFER_TOO_SMALL.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_kinect_id(const kinect2_client_t *client,
                                          uint32_t index,
                                          char *buffer,
                                          size_t capacity,
                                          size_t *length);

/**
 * The streams that a kinect offers.
 *
 * @param client a client.
 * @param kinect_id a kinect that the client sees.
 * @return KINECT2_STREAM_*, or'ed; 0 if there is no such kinect.
 *
 * Allowed in callbacks.
 */
uint32_t kinect2_client_streams(const kinect2_client_t *client, const char *kinect_id);

/**
 * What a stream of a kinect is. From a server of version 1: depth, 512x424, frame rate 0, codec LZ4_PACKED.
 *
 * @param client a client.
 * @param kinect_id a kinect that the client sees.
 * @param stream KINECT2_STREAM_*, one bit.
 * @param info set its struct_size; receives the rest.
 * @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND if there is no such kinect; KINECT2_ERROR_UNSUPPORTED if it lacks the stream.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_stream_info(const kinect2_client_t *client,
                                            const char *kinect_id,
                                            uint32_t stream,
                                            kinect2_stream_info_t *info);

/**
 * Enables depth frames: kinect2_client_enable_stream() with KINECT2_STREAM_DEPTH and no options.
 *
 * @param client a client.
 * @param kinect_id NULL: every kinect, now and later.
 * @return as kinect2_client_enable_stream().
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_enable_depth_frames(kinect2_client_t *client, const char *kinect_id);

/**
 * Disables depth frames: kinect2_client_disable_stream() with KINECT2_STREAM_DEPTH.
 *
 * @param client a client.
 * @param kinect_id NULL: every kinect, now and later.
 * @return as kinect2_client_disable_stream().
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_disable_depth_frames(kinect2_client_t *client, const char *kinect_id);

/**
 * Enables streams, whose frames then go to callbacks and to kinect2_client_take_frame(). Enabling twice is enabling once.
 *
 * It lasts until it is disabled, also over the loss and return of kinect or server, and over disconnect and connect.
 *
 * @param client a client.
 * @param kinect_id NULL: every kinect, now and later, allowed before connect too; else one that the client sees.
 * @param streams KINECT2_STREAM_*, or'ed.
 * @param options NULL: defaults.
 * @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND if there is no such kinect; KINECT2_ERROR_UNSUPPORTED for a stream that the kinect lacks,
 * or a format that this version cannot make of it; KINECT2_ERROR_INVALID_ARGUMENT.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_enable_stream(kinect2_client_t *client,
                                              const char *kinect_id,
                                              uint32_t streams,
                                              const kinect2_stream_options_t *options);

/**
 * Disables streams. Frames of them that wait are dropped.
 *
 * @param client a client.
 * @param kinect_id NULL: every kinect, now and later; else one kinect.
 * @param streams KINECT2_STREAM_*, or'ed. Those that are not enabled stay so.
 * @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_disable_stream(kinect2_client_t *client, const char *kinect_id, uint32_t streams);

/**
 * Figures of one stream of one kinect, since it was enabled.
 *
 * @param client a client.
 * @param kinect_id a kinect that the client sees.
 * @param stream KINECT2_STREAM_*, one bit.
 * @param stats set its struct_size; receives the rest.
 * @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND; KINECT2_ERROR_UNSUPPORTED if the kinect has no such stream;
 * KINECT2_ERROR_INVALID_ARGUMENT.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_client_stats(const kinect2_client_t *client,
                                      const char *kinect_id,
                                      uint32_t stream,
                                      kinect2_client_stats_t *stats);

/**
 * Sets up options with their defaults, which are said at each member.
 *
 * @param options receives exactly struct_size bytes.
 * @param struct_size sizeof(kinect2_encode_options_t) of the caller.
 *
 * Allowed in callbacks. Fails only if `options` is NULL, and then does nothing.
 */
void kinect2_encode_options_init(kinect2_encode_options_t *options, size_t struct_size);

/**
 * How many bytes kinect2_compress_depth() may need for an image.
 *
 * @param codec KINECT2_CODEC_*, one for 16-bit images.
 * @param width pixels in a row.
 * @param height rows.
 * @return the bytes; 0 for an unknown codec or an image that is too large or not to its liking.
 *
 * Allowed in callbacks.
 */
size_t kinect2_compress_bound(uint32_t codec, uint32_t width, uint32_t height);

/**
 * Compresses one 16-bit image, lossless as far as the codec can.
 *
 * RAW: little-endian values. LZ4_PACKED: a whole depth message of protocol version 1, its length word included; an even number of
 * pixels of 12 bits, larger values become 0. RVL: the bare little-endian words. K2D: that of docs/k2d.md, in its
 * ratio profile.
 *
 * @param codec KINECT2_CODEC_*, one for 16-bit images.
 * @param depth width x height values, tight rows, the top one first.
 * @param width pixels in a row.
 * @param height rows.
 * @param out receives the data.
 * @param capacity bytes that fit into `out`; kinect2_compress_bound() always suffices.
 * @param size receives the bytes written.
 * @return KINECT2_OK; KINECT2_ERROR_BUFFER_TOO_SMALL; KINECT2_ERROR_UNSUPPORTED for other codecs;
 * KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_LIMIT.
 *
 * Allowed in callbacks and from any thread.
 */
kinect2_result_t kinect2_compress_depth(uint32_t codec,
                                        const uint16_t *depth,
                                        uint32_t width,
                                        uint32_t height,
                                        void *out,
                                        size_t capacity,
                                        size_t *size);

/**
 * kinect2_compress_depth() with profile and error bound.
 *
 * @param options the codec AUTO is K2D.
 * @param depth width x height values, tight rows, the top one first.
 * @param width pixels in a row.
 * @param height rows.
 * @param out receives the data.
 * @param capacity bytes that fit into `out`.
 * @param size receives the bytes written.
 * @return as kinect2_compress_depth(); KINECT2_ERROR_UNSUPPORTED also for a profile or error bound that the codec does not have.
 *
 * Allowed in callbacks and from any thread.
 */
kinect2_result_t kinect2_compress_depth_with(const kinect2_encode_options_t *options,
                                             const uint16_t *depth,
                                             uint32_t width,
                                             uint32_t height,
                                             void *out,
                                             size_t capacity,
                                             size_t *size);

/**
 * Decompresses one 16-bit image. Whatever does not decode to exactly width x height values is refused: data may come from anyone.
 *
 * @param codec KINECT2_CODEC_*, one for 16-bit images; data of K2D may be of any profile.
 * @param data the compressed bytes.
 * @param size bytes of `data`.
 * @param width pixels in a row.
 * @param height rows.
 * @param out receives the values, tight rows; after an error it may hold anything.
 * @param capacity_values values, not bytes, that fit into `out`.
 * @return KINECT2_OK; KINECT2_ERROR_CORRUPT; KINECT2_ERROR_BUFFER_TOO_SMALL; KINECT2_ERROR_UNSUPPORTED for other codecs;
 * KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_LIMIT.
 *
 * Allowed in callbacks and from any thread.
 */
kinect2_result_t kinect2_decompress_depth(uint32_t codec,
                                          const void *data,
                                          size_t size,
                                          uint32_t width,
                                          uint32_t height,
                                          uint16_t *out,
                                          size_t capacity_values);

/**
 * Makes a compressor for one stream of a device.
 *
 * @param device a device, started or not. The compressor stays when it is destroyed.
 * @param stream KINECT2_STREAM_*, one bit.
 * @param options NULL: defaults.
 * @param out receives the compressor; end it with kinect2_compressor_destroy().
 * @return KINECT2_OK; KINECT2_ERROR_UNSUPPORTED for a stream or codec that this version does not compress;
 * KINECT2_ERROR_INVALID_ARGUMENT.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_compressor_create(kinect2_device_t *device,
                                           uint32_t stream,
                                           const kinect2_encode_options_t *options,
                                           kinect2_compressor_t **out);

/**
 * Sets the callback that gets the compressed frames; without one nothing is compressed.
 *
 * Replacing and removing follow guarantee 8. At most one frame waits: the newest.
 *
 * @param compressor a compressor.
 * @param callback NULL removes it.
 * @param user_data is passed to the callback; may be freed when the callback was replaced or removed, or the compressor destroyed.
 * @return KINECT2_OK; KINECT2_ERROR_OUT_OF_MEMORY if there is no thread for it.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_compressor_on_compressed_frame(kinect2_compressor_t *compressor,
                                                        kinect2_compressed_fn callback,
                                                        void *user_data);

/**
 * How many frames a compressor dropped because newer ones came first.
 *
 * @param compressor a compressor.
 * @return the number; 0 for a bad handle.
 *
 * Allowed in callbacks.
 */
uint64_t kinect2_compressor_dropped(const kinect2_compressor_t *compressor);

/**
 * Destroys a compressor and waits for its last callback, except inside of it. The device goes on.
 *
 * @param compressor a compressor; NULL is fine. The handle is bad from the beginning of the call on.
 * @return KINECT2_OK; KINECT2_ERROR_BAD_HANDLE, at once, the second time.
 *
 * Allowed in callbacks.
 */
kinect2_result_t kinect2_compressor_destroy(kinect2_compressor_t *compressor);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* STREAMKINECT2_H */
