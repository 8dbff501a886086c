using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Phone calls of this server, for operators.</summary>
public interface IPhoneCalls
{
    /// <summary>Calls that run, and the last that have ended.</summary>
    IReadOnlyList<PhoneCallInfo> List();

    /// <summary>A call by its id.</summary>
    PhoneCallInfo? Find(string id);

    /// <summary>What happens to a call, from its beginning on; null when there is none.</summary>
    IAsyncEnumerable<PhoneCallEvent>? Watch(string id, CancellationToken cancellationToken);

    /// <summary>Its messages, without what is in them; null when there is no such call.</summary>
    SipLadder? LadderOf(string id);

    /// <summary>Ends a call, or takes back one that was not answered yet. False when there is none.</summary>
    bool HangUp(string id);

    /// <summary>Calls somebody.</summary>
    ValueTask<(PhoneCallInfo? Call, SessionRefusal? Refusal)> PlaceAsync(PhoneCallRequest request, CancellationToken cancellationToken);

    /// <summary>Where calls of ours go.</summary>
    IReadOnlyList<SipTrunkInfo> Trunks { get; }
}

/// <summary>A call to be made.</summary>
/// <param name="To">A number, or a SIP or tel URI.</param>
/// <param name="From">What we call ourselves: a number or name at the trunk, or a SIP URI; null for the trunk's own.</param>
/// <param name="Agent">Who is to speak; null for the first one.</param>
/// <param name="Headers">User-to-User and X- headers to send along.</param>
public sealed record PhoneCallRequest(string To, string? From, string? Agent, IReadOnlyList<(string Name, string Value)> Headers);

/// <summary>A phone call as operators see it.</summary>
/// <param name="Id"><c>rtc_…</c></param>
/// <param name="SessionId"><c>sess_…</c>; null before there is a session.</param>
/// <param name="Direction"><c>in</c> or <c>out</c>.</param>
/// <param name="From">Who calls.</param>
/// <param name="To">Who is called.</param>
/// <param name="Agent">Who speaks for us.</param>
/// <param name="State">As in <see cref="PhoneCallEvent.State"/>.</param>
/// <param name="Status">The last SIP status; 0 when there was none.</param>
/// <param name="Reason">Its phrase, or why it ended.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="SipCallId">What names it on the wire.</param>
/// <param name="IsEncrypted">Its audio is encrypted.</param>
/// <param name="Media">How its audio is doing.</param>
public sealed record PhoneCallInfo(
    string Id, string? SessionId, string Direction, string From, string To, string Agent, string State, int Status, string Reason, DateTimeOffset StartedAt, string SipCallId,
    bool IsEncrypted, MediaStatistics? Media);

/// <summary>A trunk as operators see it.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Address">Who we are there.</param>
/// <param name="Registers">We register there.</param>
/// <param name="IsRegistered">That holds now.</param>
/// <param name="LastStatus">What the registrar said last; 0 before that, 408 when it said nothing.</param>
public sealed record SipTrunkInfo(string Name, string Address, bool Registers, bool IsRegistered, int LastStatus);
