using System.ComponentModel.DataAnnotations;

namespace VoiceCarnival.Engines.OpenAIRealtime.Calls;

/// <summary>Calls whose media are at the service, <c>VoiceCarnival:OpenAI:Calls</c>.</summary>
public sealed class CallsOptions
{
    /// <summary>How long the service is given to know a call that was just made or accepted, seconds.</summary>
    [Range(1, 120)]
    public int AttachSeconds { get; set; } = 30;

    /// <summary>After this long without an event it is checked whether the call is still there, seconds.</summary>
    [Range(5, 3600)]
    public int SilenceSeconds { get; set; } = 60;

    /// <summary>Calls that one client secret may have at a time.</summary>
    [Range(1, 10_000)]
    public int MaxPerSecret { get; set; } = 8;

    /// <summary>Instructions of a response that tells the caller, a minute before a limit ends the call, that it must end; empty for none.</summary>
    public string? Warning { get; set; } = "Tell the caller in one short sentence, in the language of the conversation, that this call has to end in a moment.";

    /// <summary>What happens to phone calls that no route matches.</summary>
    public CallAction DefaultAction { get; set; } = CallAction.Accept;

    /// <summary>How long a phone call waits to be accepted over the API where a route says so, seconds; then it is rejected with 480.</summary>
    [Range(1, 300)]
    public int WaitSeconds { get; set; } = 25;

    /// <summary>What to do with phone calls; the first route that matches counts.</summary>
    public List<CallRoute> Routes { get; set; } = [];
}
