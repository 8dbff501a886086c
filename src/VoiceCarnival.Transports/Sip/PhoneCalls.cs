using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Phone calls as the API has them.</summary>
internal sealed class PhoneCalls(SipCalls calls, SipTrunks trunks) : IPhoneCalls
{
    public IReadOnlyList<SipTrunkInfo> Trunks => [.. trunks.All.Select(trunk => trunk.Describe())];

    public IReadOnlyList<PhoneCallInfo> List() => [.. calls.All.Select(call => call.Describe())];

    public PhoneCallInfo? Find(string id) => calls.Find(id)?.Describe();

    public IAsyncEnumerable<PhoneCallEvent>? Watch(string id, CancellationToken cancellationToken) => calls.Find(id)?.Progress.WatchAsync(cancellationToken);

    public SipLadder? LadderOf(string id) => calls.Find(id) is { } call ? calls.Trace.LadderOf(call.SipCallIds) : null;

    public bool HangUp(string id)
    {
        var call = calls.Find(id);
        call?.HangUp();
        return call is not null;
    }

    public async ValueTask<(PhoneCallInfo? Call, SessionRefusal? Refusal)> PlaceAsync(PhoneCallRequest request, CancellationToken cancellationToken)
    {
        var (call, refusal) = await calls.PlaceAsync(request, cancellationToken);
        return (call?.Describe(), refusal);
    }
}
