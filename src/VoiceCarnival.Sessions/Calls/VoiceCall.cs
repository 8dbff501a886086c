using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Sessions.Calls;

/// <summary>A session that is known by a call id, <c>rtc_…</c>: others can listen in on its events and act on it, wherever its media are.</summary>
/// <param name="id"><c>rtc_…</c></param>
/// <param name="transport">How its media travel, such as <c>webrtc-direct</c>.</param>
/// <param name="owner">Who started it.</param>
/// <param name="control">Power over it.</param>
public sealed class VoiceCall(string id, string transport, Caller owner, ICallControl control)
{
    private const int LongestId = 128;
    private volatile VoiceSession? _session;

    /// <summary><c>rtc_…</c></summary>
    public string Id => id;

    /// <summary>How its media travel, such as <c>webrtc-direct</c>.</summary>
    public string Transport => transport;

    /// <summary>Who started it.</summary>
    public Caller Owner => owner;

    /// <summary>Power over it.</summary>
    public ICallControl Control => control;

    /// <summary>Its conversation; null while it rings.</summary>
    public VoiceSession? Session
    {
        get => _session;
        internal set => _session = value;
    }

    /// <summary>True for the holder of the client secret, or the user, that started it: it may listen in and hang up, as on its own data channel.</summary>
    public bool IsOwnedBy(Caller caller) => HasOwner && caller.Kind is (CallerKind.ClientSecret or CallerKind.User) && caller.Name == owner.Name;

    /// <summary>It was started by somebody who can be told apart from others.</summary>
    internal bool HasOwner => owner.Kind is CallerKind.ClientSecret or CallerKind.User;

    /// <summary>True when the text can be a call id, so that it may go into a URL.</summary>
    public static bool IsId(string? text) =>
        text is { Length: > 0 and <= LongestId } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
