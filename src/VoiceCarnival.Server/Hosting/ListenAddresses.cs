using System.Net;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Server.Hosting;

/// <summary>Where the server is going to listen, known before it does, and what follows from that.</summary>
internal static class ListenAddresses
{
    /// <summary>Kestrel's own order: its section of the settings, then URLs, then ports, which are open on every address.</summary>
    public static IReadOnlyList<string> Of(IConfiguration configuration)
    {
        string[] endpoints = [.. configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>()];
        string[] urls = Split(configuration[WebHostDefaults.ServerUrlsKey]);
        bool urlsFirst = bool.TryParse(configuration[WebHostDefaults.PreferHostingUrlsKey], out bool preferred) && preferred;
        if (endpoints.Length > 0 && !(urlsFirst && urls.Length > 0))
            return endpoints;
        return urls.Length > 0
            ? urls
            : [
                .. Split(configuration[WebHostDefaults.HttpPortsKey]).Select(port => $"http://*:{port}"),
                .. Split(configuration[WebHostDefaults.HttpsPortsKey]).Select(port => $"https://*:{port}"),
            ];
    }

    /// <summary>What keeps the server from being reachable by others before somebody has said who may call; null when nothing does.</summary>
    public static string? FindProblem(IConfiguration configuration, AccessOptions access)
    {
        if (access.Authentication != AuthenticationMode.Auto || access.ApiKeys.Count > 0 || access.Jwt.IsConfigured)
            return null;
        return Of(configuration).FirstOrDefault(address => !IsLoopback(address)) is { } open
            ? $"VoiceCarnival:Access:Authentication has to be chosen, since other machines can reach {open}: set it to required and add VoiceCarnival:Access:ApiKeys "
                + "or VoiceCarnival:Access:Jwt, or set it to off to let everyone in; or listen on localhost only (ASPNETCORE_URLS)"
            : null;
    }

    /// <summary>The first address that is none, as a problem in words; null when all can be read. What they cannot be bound to is found later, by binding.</summary>
    public static string? FindUnreadable(IConfiguration configuration)
    {
        foreach (string address in Of(configuration))
        {
            try
            {
                BindingAddress.Parse(address);
            }
            catch (FormatException)
            {
                return $"'{address}' is no address to listen on; set ASPNETCORE_URLS to one such as {DefaultUrl.Value}";
            }
        }

        return null;
    }

    /// <summary>True when only this machine reaches the address. What is no address is left to the server, which cannot bind it.</summary>
    public static bool IsLoopback(string address)
    {
        BindingAddress binding;
        try
        {
            binding = BindingAddress.Parse(address);
        }
        catch (FormatException)
        {
            return true;
        }

        if (binding.IsUnixPipe || binding.IsNamedPipe)
            return true;
        string host = binding.Host.Trim('[', ']');
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
    }

    private static string[] Split(string? list) => list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
