using VoiceCarnival.Protocols.Stun;

namespace VoiceCarnival.Protocols.Ice;

/// <summary>USERNAME of a check: the receiver's fragment, a colon, the sender's (RFC 8445, section 7.2.2).</summary>
public static class IceUsername
{
    private const int Longest = 513;

    /// <summary>Takes a username apart: says which peer a check is for before anything else is spent on it.</summary>
    /// <returns>False when there is none or it has no colon.</returns>
    public static bool TryRead(in StunMessage message, out ReadOnlySpan<byte> receiver, out ReadOnlySpan<byte> sender)
    {
        receiver = sender = default;
        if (!message.TryGet(StunAttributeType.Username, out var username) || username.Length > Longest)
            return false;
        int colon = username.IndexOf((byte)':');
        if (colon <= 0)
            return false;
        receiver = username[..colon];
        sender = username[(colon + 1)..];
        return true;
    }
}
