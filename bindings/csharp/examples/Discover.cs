// Discover.cs - lists servers as they come and go: a browser, polled.
using StreamKinect2;

internal sealed class Discover : Program
{
    private static int Main(string[] arguments) => new Discover().Execute(arguments);

    protected override string Describe()
    {
        Option("--seconds", "S", "end after S seconds (0: on Ctrl-C)", "0");
        Option("--address", "A", "listen on the interface with this address (all)", null);
        return "Lists the Kinect servers of the network as they come and go.";
    }

    protected override int Run()
    {
        int found = 0;
        using (var browser = new Browser(new BrowserOptions { Address = Text("--address") }))
        {
            browser.Start();
            while (Running(Number("--seconds")))
            {
                KinectEvent next = browser.NextEvent(TickMs);
                if (next == null) continue;
                switch (next.Type)
                {
                    case KinectEventType.AddServer:
                        found++;
                        Print($"+ {next.Id} {next.Text}");
                        break;
                    case KinectEventType.RemoveServer:
                        Print($"- {next.Id} {next.Text}");
                        break;
                    case KinectEventType.Error:
                        System.Console.Error.WriteLine(next);
                        break;
                }
            }
        }
        return found > 0 || Stopped ? Fine : Nothing;
    }
}
