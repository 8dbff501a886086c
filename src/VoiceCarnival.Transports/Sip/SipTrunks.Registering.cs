using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Registrations, kept where the trunks are now, and the ways by which their calls come.</summary>
internal sealed partial class SipTrunks
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(1);

    // RFC 5626, section 4.4: translators forget ways of datagrams after half a minute, and connections much later.
    private static readonly TimeSpan BetweenDatagrams = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan BetweenPings = TimeSpan.FromSeconds(90);

    /// <summary>Registers, and makes the trunks' addresses known as peers; looks again every minute where they are.</summary>
    public void Begin(SipServer server, CancellationToken stopping)
    {
        foreach (var trunk in _trunks)
        {
            _ = BeginAsync(trunk, server, stopping);
            if (trunk.Options.Registers)
                _ = KeepOpenAsync(trunk, server, stopping);
        }
    }

    /// <summary>Removes the registrations.</summary>
    public void Stop(TimeSpan now)
    {
        foreach (var trunk in _trunks)
            trunk.Registration?.Stop(now);
    }

    public void On(SipEvent next)
    {
        var trunk = Array.Find(_trunks, trunk => trunk.Registration == next.Registration);
        if (next.Registration?.IsRegistered == true)
            Log.Registered(_logger, trunk?.Options.Name ?? "");
        else if (next.Status is >= 200 and < 300)
            Log.Left(_logger, trunk?.Options.Name ?? "");
        else
            Log.NotRegistered(_logger, trunk?.Options.Name ?? "", next.Status, next.Text);
    }

    private async Task BeginAsync(SipTrunk trunk, SipServer server, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await LookAsync(trunk, server, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // What went wrong now may go well in a minute.
                Log.Failed(_logger, trunk.Options.Name, exception);
            }

            await Task.Delay(LookAgain, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Where is the trunk now? Its addresses are those of peers, and of its registrars.
    private async Task LookAsync(SipTrunk trunk, SipServer server, CancellationToken stopping)
    {
        var places = await trunk.ResolveAsync(stopping);
        foreach (var (endPoint, _) in places)
            server.Peers.Add(endPoint.Address);
        if (places.Count == 0)
            Log.NotFound(_logger, trunk.Options.Name);
        else if (trunk.Options.Registers)
            Register(trunk, [.. places.Select(place => server.PathTo(trunk.Transport, place.EndPoint, place.Name))], server);
    }

    private static void Register(SipTrunk trunk, IReadOnlyList<SipPath> registrars, SipServer server) => server.Do((agent, now) =>
    {
        if (trunk.Registration is { } registration)
        {
            registration.MoveTo(registrars, now);
            return;
        }

        trunk.Registration = agent.Register(
            new SipRegistrationOptions
            {
                Address = trunk.Options.Address,
                Registrars = registrars,
                Credentials = trunk.Credentials,
                Expires = TimeSpan.FromSeconds(trunk.Options.ExpiresSeconds),
            },
            now);
    });

    // A translator between forgets a way that nothing goes by, and then no call comes in.
    private async Task KeepOpenAsync(SipTrunk trunk, SipServer server, CancellationToken stopping)
    {
        var every = trunk.Transport == SipTransport.Udp ? BetweenDatagrams : BetweenPings;
        while (true)
        {
            await Task.Delay(every, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stopping.IsCancellationRequested)
                return;
            SipPath? registrar = null;
            server.Do((_, _) => registrar = trunk.Registration is { IsRegistered: true } registration ? registration.Registrar : null);
            if (registrar is not null)
                server.KeepOpen(registrar);
        }
    }
}
