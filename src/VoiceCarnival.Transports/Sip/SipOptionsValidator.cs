using System.Net;
using Microsoft.Extensions.Options;

namespace VoiceCarnival.Transports.Sip;

/// <summary>What ranges cannot say.</summary>
internal sealed class SipOptionsValidator : IValidateOptions<SipOptions>
{
    public ValidateOptionsResult Validate(string? name, SipOptions options)
    {
        if (!options.Enabled)
            return ValidateOptionsResult.Success;
        List<string> problems = [];
        bool isAddress = IPAddress.TryParse(options.Address, out var address);
        if (!isAddress)
            problems.Add("VoiceCarnival:Sip:Address has to be an IP address, such as 127.0.0.1, or 0.0.0.0 for all");
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
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
