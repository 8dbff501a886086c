namespace VoiceCarnival.Transports.Sip;

/// <summary>Somebody who answers phones, one of <c>VoiceCarnival:Sip:Agents</c>.</summary>
public sealed class SipAgentOptions
{
    /// <summary>What it is called, for people and the API.</summary>
    public string Name { get; set; } = "";

    /// <summary>User parts or numbers that it answers, with <c>*</c> and <c>?</c>; none: those called like its <see cref="Name"/>. The first agent that fits answers.</summary>
    public List<string> Users { get; set; } = [];

    /// <summary>The model; none: the engine's own.</summary>
    public string? Model { get; set; }

    /// <summary>The voice; none: the engine's own.</summary>
    public string? Voice { get; set; }

    /// <summary>What it is told to be; none: what <c>VoiceCarnival:Policy:Instructions</c> says.</summary>
    public string? Instructions { get; set; }

    /// <summary>Its own tools, a JSON array as text.</summary>
    public string? Tools { get; set; }

    /// <summary>What it thinks with, where the engine has several brains.</summary>
    public string? Brain { get; set; }

    /// <summary>It speaks first; none: as <see cref="SipOptions.Greets"/> says.</summary>
    public bool? Greets { get; set; }

    /// <summary>What to say first, as instructions for the first answer.</summary>
    public string? Greeting { get; set; }

    /// <summary>It may end the call (<c>hang_up</c>).</summary>
    public bool MayHangUp { get; set; }

    /// <summary>It may press keys (<c>send_digits</c>).</summary>
    public bool MaySendDigits { get; set; }

    /// <summary>Whom it may hand callers to (<c>transfer_call</c>): numbers and addresses, with <c>*</c> and <c>?</c>. None: nobody.</summary>
    public List<string> Transfers { get; set; } = [];

    /// <summary>It is told what trusted peers say of the caller: names, numbers, User-to-User and X- headers.</summary>
    public bool KnowsCaller { get; set; } = true;
}
