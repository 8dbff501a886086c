namespace VoiceCarnival.Engines.Local;

/// <summary>The way back into a dialogue for whatever works beside it: a synthesiser, a recogniser, a model. Safe to call from any thread, and nothing happens once the dialogue is over.</summary>
public interface IDialogueThread
{
    /// <summary>The session's id, for the log.</summary>
    string SessionId { get; }

    /// <summary>Runs a piece of work as one more input of the dialogue, between its other inputs. It must not block.</summary>
    void Post(Action work);
}
