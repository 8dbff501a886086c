using VoiceCarnival.Sessions;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.WebRtc;

/// <summary>A call without audio, which is just its data channel, as a session sees it.</summary>
internal sealed class EventsConnection(IRtpLine line) : VoiceConnection
{
    public override string Transport => WebRtcCalls.TransportId;

    public override bool UnderstandsExtensions => line.UnderstandsExtensions;

    public override bool WriteEvent(string type, ReadOnlySpan<byte> utf8Json) => line.SendEvent(type, utf8Json);

    // Nobody asked to hear it.
    public override bool WriteAudio(in EngineAudio audio) => true;

    public override void TakeUndelivered(ServerEventSink events, EngineAudioSink audio, bool mayRepeat) => line.TakeUndelivered(events);

    public override void Close(SessionTermination termination) => line.Close(termination);
}
