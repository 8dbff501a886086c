namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>What an application is told.</summary>
public enum SipEventKind
{
    /// <summary>Somebody calls: ring, answer or refuse.</summary>
    Incoming,

    /// <summary>Our call rings, or is said to be under way; with a status.</summary>
    Progress,

    /// <summary>There is something to hear or to say, before the call is answered or after: <see cref="SipCall.Agreement"/> holds what.</summary>
    Media,

    /// <summary>Our call was answered, or our answer was acknowledged.</summary>
    Established,

    /// <summary>It is over; with a status.</summary>
    Ended,

    /// <summary>Something came by INFO, such as a key; with type and body.</summary>
    Info,

    /// <summary>The peer asks us to call somebody else; with the address.</summary>
    TransferRequested,

    /// <summary>How far the transfer is that we asked for; with a status, final from 200 up.</summary>
    TransferProgress,

    /// <summary>A registration began to hold, or does not any more; with a status.</summary>
    Registration,
}
