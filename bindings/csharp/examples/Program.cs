// Program.cs - what the examples have in common: options, Ctrl-C, time limits, exit codes.
//
// Each example is a class with this one as its base: compile this file along with it.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Threading;
using StreamKinect2;

/// <summary>Ends a program with a message and an exit code.</summary>
internal sealed class ExitException : Exception
{
    public readonly int Code;

    public ExitException(int code, string message) : base(message)
    {
        Code = code;
    }
}

internal abstract class Program
{
    // Exit codes: those of the examples in C.
    protected const int Fine = 0, Failed = 1, Usage = 2, Nothing = 3;

    /// <summary>How long one wait in a main loop takes at most: Ctrl-C ends no wait, so the loop looks again.</summary>
    protected const int TickMs = 100;

    private readonly Dictionary<string, string> values = new Dictionary<string, string>();
    private readonly List<string> help = new List<string>();
    private readonly List<string> flags = new List<string>();
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private volatile bool stopped;

    /// <summary>Whether Ctrl-C was pressed.</summary>
    protected bool Stopped => stopped;

    /// <summary>What is not an option; null: nothing.</summary>
    protected string Operand { get; private set; }

    /// <summary>Makes the options known with Option and Flag, and says what the program does.</summary>
    protected abstract string Describe();

    protected abstract int Run();

    protected void Option(string name, string argument, string text, string value)
    {
        values[name] = value;
        help.Add(("  " + name + " " + argument).PadRight(20) + " " + text);
    }

    protected void Flag(string name, string text)
    {
        values[name] = null;
        flags.Add(name);
        help.Add(("  " + name).PadRight(20) + " " + text);
    }

    protected string Text(string name) => values[name];

    protected bool IsSet(string name) => values[name] != null;

    protected double Number(string name)
    {
        if (double.TryParse(values[name], NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= 0) return number;
        throw new ExitException(Usage, name + " wants a number from 0, not \"" + values[name] + "\" (see --help)");
    }

    /// <summary>Whether to go on: not after Ctrl-C, and not after so many seconds since the start; 0: no limit.</summary>
    protected bool Running(double seconds = 0) => !stopped && (seconds <= 0 || clock.Elapsed.TotalSeconds < seconds);

    protected static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    protected static string Milliseconds(long ns) => (ns * 1e-6).ToString("F2", CultureInfo.InvariantCulture) + " ms";

    public int Execute(string[] arguments)
    {
        string about = Describe();
        Flag("--verbose", "show the library's log");
        try
        {
            if (Array.IndexOf(arguments, "--help") >= 0)
            {
                Console.WriteLine(about + "\n\n" + string.Join("\n", help) + "\n" + "  --help".PadRight(20) + " show this and exit");
                return Fine;
            }
            Parse(arguments);
            Console.CancelKeyPress += (sender, e) =>
            {
                stopped = true;
                e.Cancel = true; // the main loop ends, and disposes what it made
            };
            if (IsSet("--verbose")) KinectLibrary.SetLog(LogLevel.Debug, (level, message) => Console.Error.WriteLine("[" + level + "] " + message));
            return Run();
        }
        catch (ExitException exception)
        {
            if (!stopped) Console.Error.WriteLine(exception.Message);
            return stopped ? Fine : exception.Code;
        }
        catch (KinectException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return Failed;
        }
    }

    private void Parse(string[] arguments)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            string name = arguments[i];
            if (!name.StartsWith("--", StringComparison.Ordinal) && Operand == null) Operand = name;
            else if (!values.ContainsKey(name)) throw new ExitException(Usage, "unknown option \"" + name + "\" (see --help)");
            else if (flags.Contains(name)) values[name] = "set";
            else if (++i < arguments.Length) values[name] = arguments[i];
            else throw new ExitException(Usage, name + " wants a value (see --help)");
        }
    }
}
