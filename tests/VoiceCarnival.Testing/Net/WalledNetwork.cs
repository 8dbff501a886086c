using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace VoiceCarnival.Testing.Net;

/// <summary>
/// A network of its own for a server, and a firewall on the way there that can be told to swallow UDP: two network namespaces of the kernel, joined to this machine by pairs of
/// virtual cards. Needs root and the programs <c>ip</c> and <c>nft</c>. What a run that was killed left behind is taken away by the next.
/// </summary>
public sealed class WalledNetwork : IDisposable
{
    // RFC 2544's addresses for measurements, which no network of anybody's uses.
    private const string Near = "198.18.91.1", NearWall = "198.18.91.2", FarWall = "198.18.91.5";
    private const string Prefix = "vc-";
    private static int _count;
    private readonly string _wall;
    private readonly string _far;
    private readonly string _card;

    private WalledNetwork()
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");
        (_wall, _far, _card) = ($"{Prefix}{id}-wall", $"{Prefix}{id}-far", $"{Prefix}{id}");
    }

    /// <summary>The address of what is behind the wall.</summary>
    public IPAddress Inside { get; } = IPAddress.Parse("198.18.91.6");

    /// <summary>Begins the command line of a program that is to run there.</summary>
    public string[] Launcher => ["ip", "netns", "exec", _far];

    /// <summary>Builds it.</summary>
    /// <returns>Null where this machine does not let it be built; <paramref name="problem"/> says why.</returns>
    public static WalledNetwork? TryCreate(out string problem)
    {
        problem = "";
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            problem = "Network namespaces need Linux and root.";
            return null;
        }

        var network = new WalledNetwork();
        try
        {
            RemoveLeftovers();
            network.Build();
            return network;
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            problem = $"This machine lets no network namespaces with a firewall be made, or lacks the programs (Debian: apt-get install iproute2 nftables): {exception.Message}";
            network.Dispose();
            return null;
        }
    }

    /// <summary>Swallows UDP from and to these ports, without a word to either side.</summary>
    public void Block(params IEnumerable<int> ports) => Wall($"add element inet wall blocked {{ {string.Join(", ", ports)} }}");

    /// <summary>Swallows all UDP.</summary>
    public void BlockUdp() => Wall("add element inet wall blocked { 0-65535 }");

    /// <summary>Lets everything through again.</summary>
    public void Open() => Wall("flush set inet wall blocked");

    /// <inheritdoc/>
    public void Dispose()
    {
        // The card first, and with it the route: namespaces take their time to go.
        Remove("link", _card);
        Remove("netns", _far);
        Remove("netns", _wall);
    }

    private static void Remove(string what, string name)
    {
        try
        {
            Run("ip", what, "del", name);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // Never made.
        }
    }

    private static void RemoveLeftovers()
    {
        foreach (string name in Run("ip", "netns", "list").Split('\n').Select(line => line.Split(' ')[0]).Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            if (int.TryParse(name.Split('-')[1], CultureInfo.InvariantCulture, out int id) && !Directory.Exists($"/proc/{id}"))
                Remove("netns", name);
        }
    }

    private void Build()
    {
        Run("ip", "netns", "add", _wall);
        Run("ip", "netns", "add", _far);
        // 1. This machine to the wall. 2. The wall to the far side. 3. Who is where. 4. The wall passes on what it is not told to swallow.
        Run("ip", "link", "add", _card, "type", "veth", "peer", "name", "near", "netns", _wall);
        Run("ip", "-n", _wall, "link", "add", "far", "type", "veth", "peer", "name", "card", "netns", _far);
        // An address of IPv6 would come by itself, seconds later, which programs take for a change of networks.
        Run("ip", "link", "set", _card, "addrgenmode", "none");
        Run("ip", "addr", "add", Near + "/30", "dev", _card);
        Run("ip", "-n", _wall, "addr", "add", NearWall + "/30", "dev", "near");
        Run("ip", "-n", _wall, "addr", "add", FarWall + "/30", "dev", "far");
        Run("ip", "-n", _far, "addr", "add", Inside + "/30", "dev", "card");
        Run("ip", "link", "set", _card, "up");
        foreach (var (name, card) in (ReadOnlySpan<(string, string)>)[(_wall, "near"), (_wall, "far"), (_far, "card"), (_far, "lo")])
            Run("ip", "-n", name, "link", "set", card, "up");
        Run("ip", "route", "add", Inside + "/32", "via", NearWall);
        Run("ip", "-n", _wall, "route", "add", "default", "via", Near);
        Run("ip", "-n", _far, "route", "add", "default", "via", FarWall);
        Run("ip", "netns", "exec", _wall, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
        Wall("""
            add table inet wall
            add set inet wall blocked { type inet_service; flags interval; auto-merge; }
            add chain inet wall way { type filter hook forward priority 0; }
            add rule inet wall way udp sport @blocked drop
            add rule inet wall way udp dport @blocked drop
            """);
    }

    private void Wall(string commands) => Run("ip", "netns", "exec", _wall, "nft", commands);

    private static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {error.Result.Trim()}");
    }
}
