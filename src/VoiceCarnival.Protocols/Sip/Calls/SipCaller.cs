namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>Who calls, and what the peer says of the call. What only an operator's peer can know is empty unless the peer is trusted.</summary>
public sealed record SipCaller
{
    private const int MaxHeaders = 32;
    private const int MaxLength = 1024;
    private const int MaxName = 128;

    /// <summary>The address in From: anybody can write anything there.</summary>
    public required string From { get; init; }

    /// <summary>The user or number in From.</summary>
    public required string User { get; init; }

    /// <summary>The name in From; null when there is none.</summary>
    public string? Name { get; init; }

    /// <summary>The user or number that was called.</summary>
    public required string Called { get; init; }

    /// <summary>Who authenticated, by digest; null when nobody did.</summary>
    public string? Account { get; init; }

    /// <summary>P-Asserted-Identity (RFC 3325), from trusted peers.</summary>
    public IReadOnlyList<string> AssertedIdentities { get; init; } = [];

    /// <summary>
    /// User-to-User (RFC 7433), X- headers, and from trusted peers Privacy, Remote-Party-ID, Diversion and History-Info as well.
    /// </summary>
    public IReadOnlyList<SipHeader> Headers { get; init; } = [];

    internal static SipCaller Of(SipMessage invite, bool isTrusted, string? account)
    {
        var from = invite.From;
        var identities = new List<string>();
        var headers = new List<SipHeader>();
        for (int i = 0; i < invite.HeaderCount && headers.Count < MaxHeaders; i++)
        {
            var header = invite.HeaderAt(i);
            if (header.Value.Length > MaxLength || !header.IsValid)
                continue;
            switch (invite.NameAt(i))
            {
                case SipHeaderName.PAssertedIdentity when isTrusted:
                    identities.Add(header.Value);
                    break;
                case SipHeaderName.Privacy or SipHeaderName.RemotePartyId or SipHeaderName.Diversion or SipHeaderName.HistoryInfo when isTrusted:
                case SipHeaderName.UserToUser:
                case SipHeaderName.Other when header.Name.StartsWith("X-", StringComparison.OrdinalIgnoreCase):
                    headers.Add(header);
                    break;
            }
        }

        return new SipCaller
        {
            From = System.Text.Encoding.UTF8.GetString(from.Uri.Text),
            User = from.Uri.UserText,
            Name = from.NameText is { Length: > MaxName } name ? name[..MaxName] : from.NameText,
            Called = SipRoute.UserOf(invite.Target),
            Account = account,
            AssertedIdentities = identities,
            Headers = headers,
        };
    }
}
