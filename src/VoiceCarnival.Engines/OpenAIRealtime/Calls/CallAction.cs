namespace VoiceCarnival.Engines.OpenAIRealtime.Calls;

/// <summary>What is done with a phone call that comes in.</summary>
public enum CallAction
{
    /// <summary>It is answered.</summary>
    Accept,

    /// <summary>It is turned away.</summary>
    Reject,

    /// <summary>It rings until somebody accepts or rejects it over the API.</summary>
    Wait,

    /// <summary>It is left to whoever else receives the service's webhooks.</summary>
    Ignore,
}
