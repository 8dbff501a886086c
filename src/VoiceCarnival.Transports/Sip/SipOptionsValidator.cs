using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Options;
using VoiceCarnival.Protocols.Sdp;

namespace VoiceCarnival.Transports.Sip;

/// <summary>What ranges cannot say.</summary>
internal sealed class SipOptionsValidator : IValidateOptions<SipOptions>
{
    public ValidateOptionsResult Validate(string? name, SipOptions options)
    {
        bool isAddress = IPAddress.TryParse(options.Address, out var address);
        if (!(options.Enabled ?? !isAddress || IPAddress.IsLoopback(address!)))
            return ValidateOptionsResult.Success;
        List<string> problems = [];
        if (!isAddress)
            problems.Add("VoiceCarnival:Sip:Address has to be an IP address, such as 127.0.0.1, 0.0.0.0 for all of IPv4, or :: for all of both");
        if (options.PublicAddress is { Length: > 0 } stated && (!IPAddress.TryParse(stated, out var global) || global.Equals(IPAddress.Any) || global.Equals(IPAddress.IPv6Any)))
            problems.Add("VoiceCarnival:Sip:PublicAddress has to be the IP address that peers reach this server at");
        problems.AddRange(options.Peers.Where(peer => !SipPeers.IsValid(peer)).Select(peer => $"VoiceCarnival:Sip:Peers has \"{peer}\", which is neither an IP address nor a network such as 192.0.2.0/24"));
        if (options.Accounts.Exists(account => account.User.Length == 0 || account.Password.IsEmpty))
            problems.Add("VoiceCarnival:Sip:Accounts has an entry without User or Password");
        if (isAddress && !IPAddress.IsLoopback(address!) && options.Peers.Count == 0 && options.Accounts.Count == 0)
            problems.Add($"VoiceCarnival:Sip:Address is {options.Address}, which strangers may reach: list the trunks and PBXs in VoiceCarnival:Sip:Peers, or phones in VoiceCarnival:Sip:Accounts");
        if (options.LastMediaPort <= options.FirstMediaPort)
            problems.Add("VoiceCarnival:Sip:LastMediaPort has to be above FirstMediaPort");
        if (options.Certificate is { Length: > 0 } file && !File.Exists(file))
            problems.Add($"VoiceCarnival:Sip:Certificate: there is no file {file}");
        if (options.Authorities is { Length: > 0 } authorities && !File.Exists(authorities))
            problems.Add($"VoiceCarnival:Sip:Authorities: there is no file {authorities}");
        problems.AddRange(options.NameServers.Where(server => SipHost.ToEndPoint(server, 53) is null).Select(server => $"VoiceCarnival:Sip:NameServers has \"{server}\", which is no IP address, such as 192.0.2.53"));
        problems.AddRange(Repeated("VoiceCarnival:Sip:Accounts", options.Accounts.Select(account => account.User)));
        problems.AddRange(Repeated("VoiceCarnival:Sip:Agents", options.Agents.Select(agent => agent.Name)));
        problems.AddRange(Repeated("VoiceCarnival:Sip:Trunks", options.Trunks.Select(trunk => trunk.Name)));
        problems.AddRange(options.Agents.SelectMany(ProblemsOf));
        problems.AddRange(options.Trunks.SelectMany(ProblemsOf));
        if (options.Srtp == SrtpUse.OverTls)
            problems.AddRange(options.Trunks.Where(trunk => trunk is { Encrypts: true, Transport: not "tls" }).Select(trunk => $"VoiceCarnival:Sip:Srtp is OverTls, so trunk '{trunk.Name}' cannot encrypt audio (Encrypts) over {trunk.Transport}"));
        problems.AddRange(ProblemsOf(options.Hosted));
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    /// <summary>Its tools, if any, are an array.</summary>
    internal static bool HasTools(SipAgentOptions agent) => agent.Tools is not { Length: > 0 } tools || IsArray(tools);

    // A second one of a name would never be asked.
    private static IEnumerable<string> Repeated(string key, IEnumerable<string> names) =>
        names.Where(name => name.Length > 0).GroupBy(name => name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1).Select(group => $"{key} has '{group.Key}' {group.Count()} times");

    private static IEnumerable<string> ProblemsOf(SipAgentOptions agent, int index)
    {
        string key = $"VoiceCarnival:Sip:Agents:{index}";
        if (agent.Name.Length == 0)
            yield return $"{key} has no Name";
        if (!HasTools(agent))
            yield return $"{key}:Tools has to be a JSON array of tools, as in the Realtime API";
    }

    private static IEnumerable<string> ProblemsOf(SipTrunkOptions trunk, int index)
    {
        string key = $"VoiceCarnival:Sip:Trunks:{index}";
        if (trunk.Name.Length == 0)
            yield return $"{key} has no Name";
        if (trunk.Hosts.Count == 0 || trunk.Hosts.Exists(host => !SipHost.TryParse(host, out _)))
            yield return $"{key}:Hosts has to list names or addresses, such as sip.example.com or 192.0.2.1:5060";
        if (trunk.Registers && trunk.User.Length == 0)
            yield return $"{key}:Registers needs a User";
    }

    private static IEnumerable<string> ProblemsOf(SipHostedOptions hosted)
    {
        if (hosted.Projects.Count == 0)
            yield break;
        if (!Uri.TryCreate(hosted.WebhookUrl, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            yield return "VoiceCarnival:Sip:Hosted:WebhookUrl has to be the http or https URL of the application that decides on calls to VoiceCarnival:Sip:Hosted:Projects";
        if (hosted.WebhookSecret.IsEmpty || WebhookSigner.TryCreate(hosted.WebhookSecret.Reveal()) is null)
            yield return "VoiceCarnival:Sip:Hosted:WebhookSecret has to be whsec_ and a key in base64, the same as the application's OPENAI_WEBHOOK_SECRET";
    }

    private static bool IsArray(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Array;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
