namespace VoiceCarnival.Engines.Tests.Local.Support;

/// <summary>One piece of output audio as it left.</summary>
internal sealed record OutputPiece(TimeSpan At, string ItemId, string ResponseId, long SampleOffset, int Samples, int SampleRate)
{
    public double Milliseconds => Samples * 1000.0 / SampleRate;
}
