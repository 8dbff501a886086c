namespace VoiceCarnival.Interop.Tests.Phones;

/// <summary>sipp, a generator of calls, with one of its own scenarios or one of ours.</summary>
internal sealed class Sipp : PhoneProgram
{
    private Sipp(int port, string address = "127.0.0.1") => (Port, Address) = (port, address);

    /// <summary>Its port.</summary>
    public int Port { get; }

    /// <summary>Its address as a URI has it.</summary>
    public string Host => Address.Contains(':', StringComparison.Ordinal) ? $"[{Address}]" : Address;

    private string Address { get; }

    private string[] From => ["-i", Address, "-p", $"{Port}", "-mi", Address];

    /// <summary>Makes calls.</summary>
    public static Sipp Call(int serverPort, string transport, int calls, string? scenario = null, params string[] more) => CallFrom("127.0.0.1", serverPort, transport, calls, scenario, more);

    /// <summary>Makes calls from an address to a server there.</summary>
    public static Sipp CallFrom(string address, int serverPort, string transport, int calls, string? scenario = null, params string[] more)
    {
        Require("sipp");
        var sipp = new Sipp(FreePort(), address);
        string[] what = scenario is null ? ["-sn", "uac"] : ["-sf", sipp.Write(scenario)];
        sipp.Start("sipp", [$"{sipp.Host}:{serverPort}", .. what, "-t", transport, .. sipp.From, "-s", "agent", "-m", $"{calls}", "-r", "10",
            "-nostdin", "-timeout", "60", "-trace_err", "-trace_msg", "-message_file", Path.Combine(sipp.Folder, "messages"), .. more]);
        return sipp;
    }

    /// <summary>Is called, and sends back what it hears.</summary>
    public static Sipp Answer(string? scenario = null, params string[] more) => AnswerAt("127.0.0.1", scenario, more);

    /// <summary>Is called at an address.</summary>
    public static Sipp AnswerAt(string address, string? scenario = null, params string[] more)
    {
        Require("sipp");
        var sipp = new Sipp(FreePort(), address);
        string[] what = scenario is null ? ["-sn", "uas", "-rtp_echo"] : ["-sf", sipp.Write(scenario)];
        sipp.Start("sipp", [.. what, .. sipp.From, "-m", "1", "-nostdin", "-timeout", "60", "-trace_msg", "-message_file", Path.Combine(sipp.Folder, "messages"), .. more]);
        return sipp;
    }

    /// <summary>All messages, both ways.</summary>
    public string Messages => File.Exists(Path.Combine(Folder, "messages")) ? File.ReadAllText(Path.Combine(Folder, "messages")) : "";

    private string Write(string scenario)
    {
        string file = Path.Combine(Folder, "scenario.xml");
        File.WriteAllText(file, scenario);
        return file;
    }
}
