// Numbers.cs - the constants of streamkinect2.h as enumerations. Later versions may add numbers: ignore those without a name.
using System;

namespace StreamKinect2
{
    /// <summary>How something ended: 0 success, negative an error, positive "no value (now)".</summary>
    public enum ResultCode
    {
        /// <summary>Success.</summary>
        Ok = 0,
        /// <summary>Nothing came within the timeout.</summary>
        Timeout = 1,
        /// <summary>Nothing more will come.</summary>
        Closed = 2,
        /// <summary>A defect of the library. Please report it with the exception's text.</summary>
        Internal = -1,
        /// <summary>A parameter is outside of what is accepted.</summary>
        InvalidArgument = -2,
        /// <summary>The object was disposed, or the library was shut down.</summary>
        BadHandle = -3,
        /// <summary>Not possible now: not started, not running, inside a callback.</summary>
        BadState = -4,
        /// <summary>No such kinect, server, stream or index.</summary>
        NotFound = -5,
        /// <summary>The buffer is too small for what goes into it.</summary>
        BufferTooSmall = -6,
        /// <summary>The operating system or the network failed.</summary>
        Io = -7,
        /// <summary>The peer does not keep to the protocol.</summary>
        Protocol = -8,
        /// <summary>Known, but not offered by this version, build, stream or codec.</summary>
        Unsupported = -9,
        /// <summary>Data does not decode.</summary>
        Corrupt = -10,
        /// <summary>A port that is taken, an id that is there already.</summary>
        InUse = -11,
        /// <summary>Memory or a thread could not be had.</summary>
        OutOfMemory = -12,
        /// <summary>Larger or more than is accepted.</summary>
        Limit = -13,
        /// <summary>Keys or permissions.</summary>
        Refused = -14
    }

    /// <summary>Streams of a kinect. They are bits: parameters in the plural take several.</summary>
    [Flags]
    public enum Streams : uint
    {
        /// <summary>None in particular.</summary>
        None = 0,
        /// <summary>Distance along the optical axis in millimetres; 0 is invalid.</summary>
        Depth = 1,
        /// <summary>Infrared, 16 bits a pixel.</summary>
        Infrared = 2,
        /// <summary>Colour.</summary>
        Color = 4,
        /// <summary>Every stream, those of later versions too.</summary>
        All = uint.MaxValue
    }

    /// <summary>What the bytes of a frame are. Row 0 is the top one.</summary>
    public enum PixelFormat : uint
    {
        /// <summary>In options: as it comes.</summary>
        AsItComes = 0,
        /// <summary>Depth: 16 bits a pixel in the host's byte order, millimetres, 0 is invalid.</summary>
        Depth16Mm = 1,
        /// <summary>Infrared: 16 bits a pixel in the host's byte order.</summary>
        Infrared16 = 2,
        /// <summary>Colour: a JPEG file.</summary>
        Jpeg = 3,
        /// <summary>Colour: red, green, blue, alpha.</summary>
        Rgba8 = 4,
        /// <summary>Colour: blue, green, red, alpha.</summary>
        Bgra8 = 5,
        /// <summary>Colour: 4 bytes for two pixels, Y0 U Y1 V.</summary>
        Yuy2 = 6
    }

    /// <summary>How frames travel.</summary>
    public enum Codec : uint
    {
        /// <summary>The library chooses.</summary>
        Auto = 0,
        /// <summary>Little-endian values as they are.</summary>
        Raw = 1,
        /// <summary>The depth message of protocol version 1: 12 bits a pixel, LZ4.</summary>
        Lz4Packed = 2,
        /// <summary>Run length and variable length (Wilson 2017): lossless, 16 bits.</summary>
        Rvl = 3,
        /// <summary>The project's own: lossless, or lossy within bounds.</summary>
        K2d = 4,
        /// <summary>JPEG, for colour.</summary>
        Jpeg = 5
    }

    /// <summary>What K2D aims at.</summary>
    public enum CodecProfile : uint
    {
        /// <summary>Ratio where the processor makes it cheap, else speed.</summary>
        Auto = 0,
        /// <summary>Least time.</summary>
        Speed = 1,
        /// <summary>Fewest bytes.</summary>
        Ratio = 2
    }

    /// <summary>What is to be said of a frame.</summary>
    [Flags]
    public enum FrameFlags : uint
    {
        /// <summary>Nothing.</summary>
        None = 0,
        /// <summary>Pixels may differ from the sensor's.</summary>
        Lossy = 1,
        /// <summary>Sequence or clocks begin anew.</summary>
        Restarted = 2
    }

    /// <summary>Where things are answered or sent.</summary>
    public enum EndpointType : uint
    {
        /// <summary>Of a server: requests.</summary>
        Control = 1,
        /// <summary>Of a kinect: depth as peers of version 1 know it.</summary>
        Depth = 2,
        /// <summary>Of a kinect: depth with all that belongs to a frame.</summary>
        FramesDepth = 3,
        /// <summary>Of a kinect: infrared.</summary>
        FramesInfrared = 4,
        /// <summary>Of a kinect: colour.</summary>
        FramesColor = 5
    }

    /// <summary>Who does Zeroconf.</summary>
    public enum Discovery : uint
    {
        /// <summary>The system's service where there is one, else the library.</summary>
        Auto = 0,
        /// <summary>The system's service only.</summary>
        System = 1,
        /// <summary>The library itself only.</summary>
        Embedded = 2
    }

    /// <summary>How important a log message is.</summary>
    public enum LogLevel : uint
    {
        /// <summary>No messages.</summary>
        Off = 0,
        /// <summary>Something failed.</summary>
        Error = 1,
        /// <summary>Something is odd, and the library goes on.</summary>
        Warn = 2,
        /// <summary>What happens in the large.</summary>
        Info = 3,
        /// <summary>What happens in detail.</summary>
        Debug = 4
    }

    /// <summary>What a mock device shows.</summary>
    public enum MockMode : uint
    {
        /// <summary>The scene of 2014.</summary>
        Scene = 0,
        /// <summary>A room in which a person walks, with the noise of a real sensor; depth and infrared.</summary>
        Realistic = 1
    }

    /// <summary>What a poll descriptor is asked for.</summary>
    public enum PollKind : uint
    {
        /// <summary>Readable while an event waits.</summary>
        Events = 1,
        /// <summary>Readable while a frame waits, of any kinect and stream.</summary>
        Frames = 2
    }

    /// <summary>What happened.</summary>
    public enum KinectEventType : uint
    {
        /// <summary>Older events had to go; Value: how many. Read the state anew.</summary>
        Overflow = 1,
        /// <summary>Something failed on its own; Result, Text.</summary>
        Error = 2,
        /// <summary>The server answers.</summary>
        Connect = 3,
        /// <summary>The server is lost; Result: the reason.</summary>
        Disconnect = 4,
        /// <summary>A kinect came; Id.</summary>
        AddKinect = 5,
        /// <summary>A kinect went; Id.</summary>
        RemoveKinect = 6,
        /// <summary>A ping ended; Result, Value: round trip in ns.</summary>
        Pong = 7,
        /// <summary>A server came; Id: its name, Text: its endpoint.</summary>
        AddServer = 8,
        /// <summary>A server went; likewise.</summary>
        RemoveServer = 9,
        /// <summary>The server has a new name because another one had the old; Id: the new one.</summary>
        Name = 10,
        /// <summary>Subscribers of a kinect's stream came or went; Id, Stream, Value: how many now.</summary>
        Subscribers = 11
    }
}
