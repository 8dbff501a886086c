using System.Net;
using System.Text.Json;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Sessions.Calls;

/// <summary>Starts WebRTC calls from an SDP offer, <c>POST /v1/realtime/calls</c>. Whoever takes the media registers it; without one that endpoint says what is missing.</summary>
public interface ICallExchange
{
    /// <summary>Where the media go, a transport id such as <c>webrtc</c> or <c>webrtc-direct</c>.</summary>
    string Transport { get; }

    /// <summary>Whether this caller may come in this way at all. Where several ways are open, the first that is preferred, or else the first, is taken.</summary>
    bool IsOpenTo(Caller caller) => true;

    /// <summary>Calls can come back to a session here.</summary>
    bool TakesReturning => false;

    /// <summary>The operator prefers this way for callers who do not choose.</summary>
    bool IsPreferred => false;

    /// <summary>Answers the offer, or says why not. The call is in the <see cref="CallDirectory"/> and its session runs when this returns.</summary>
    ValueTask<CallOpening> OpenAsync(CallOffer offer, CancellationToken cancellationToken);
}

/// <summary>A caller's wish to talk.</summary>
/// <param name="Sdp">The offer, UTF-8, as it came.</param>
/// <param name="Session">Session fields of this call, over those bound to the caller; undefined when there are none. The policy was asked.</param>
/// <param name="Model">The model named in the query, if any.</param>
/// <param name="Caller">Who calls.</param>
/// <param name="RemoteAddress">Where from.</param>
/// <param name="ResumeToken">Token of a session to come back to; null for a new one.</param>
public sealed record CallOffer(ReadOnlyMemory<byte> Sdp, JsonElement Session, string? Model, Caller Caller, IPAddress? RemoteAddress, string? ResumeToken = null);

/// <summary>Outcome of an offer: a call with the SDP answer, or a refusal, never both.</summary>
/// <param name="Call">The call.</param>
/// <param name="Answer">SDP, UTF-8.</param>
/// <param name="Refusal">Why there is none.</param>
public readonly record struct CallOpening(VoiceCall? Call, ReadOnlyMemory<byte> Answer, SessionRefusal? Refusal)
{
    /// <summary>There is no call.</summary>
    public static implicit operator CallOpening(SessionRefusal refusal) => new(null, default, refusal);
}
