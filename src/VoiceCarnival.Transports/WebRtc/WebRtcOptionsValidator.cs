using System.Net;
using Microsoft.Extensions.Options;

namespace VoiceCarnival.Transports.WebRtc;

/// <summary>What attributes cannot say about <see cref="WebRtcOptions"/>: addresses and URLs.</summary>
internal sealed class WebRtcOptionsValidator : IValidateOptions<WebRtcOptions>
{
    private const string Path = "VoiceCarnival:WebRtc";
    private static readonly string[] Schemes = ["stun:", "stuns:", "turn:", "turns:"];

    public ValidateOptionsResult Validate(string? name, WebRtcOptions options)
    {
        var problems = new List<string>();
        if (!TryReadAddresses(options.PublicAddress, out _))
            problems.Add($"{Path}:PublicAddress must be an IP address, or an IPv4 and an IPv6 address with a comma between them (is '{options.PublicAddress}')");
        for (int i = 0; i < options.Addresses.Length; i++)
        {
            if (!IPAddress.TryParse(options.Addresses[i], out var address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
                problems.Add($"{Path}:Addresses:{i} must be an IP address of this machine; leave the list empty for all of them (is '{options.Addresses[i]}')");
        }

        for (int i = 0; i < options.IceServers.Count; i++)
            Check(options.IceServers[i], $"{Path}:IceServers:{i}", problems);
        if (options.OutputHardLimitKilobytes < options.OutputSoftLimitKilobytes)
            problems.Add($"{Path}:OutputHardLimitKilobytes must not be less than OutputSoftLimitKilobytes");
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    /// <summary>Reads a list of addresses with commas between them; empty is fine and none.</summary>
    public static bool TryReadAddresses(string? text, out List<IPAddress> addresses)
    {
        addresses = [];
        foreach (string part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!IPAddress.TryParse(part, out var address))
                return false;
            addresses.Add(address);
        }

        return addresses.Count <= 2;
    }

    private static void Check(IceServerOptions server, string path, List<string> problems)
    {
        if (server.Urls.Length == 0)
            problems.Add($"{path}:Urls is empty; give at least one stun:, turn: or turns: URL");
        foreach (string url in server.Urls)
        {
            if (!Array.Exists(Schemes, scheme => url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && url.Length > scheme.Length))
                problems.Add($"{path}:Urls has '{url}', which is no stun:, turn: or turns: URL");
        }

        bool relays = Array.Exists(server.Urls, url => url.StartsWith("turn", StringComparison.OrdinalIgnoreCase));
        if (!server.Credential.IsEmpty && !server.SharedSecret.IsEmpty)
            problems.Add($"{path} has both Credential and SharedSecret; give one");
        else if (relays && server.SharedSecret.IsEmpty && (server.Credential.IsEmpty || string.IsNullOrEmpty(server.Username)))
            problems.Add($"{path} is a TURN server and needs Username and Credential, or SharedSecret");
    }
}
