using System.Text;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Transports.WebSocket;

namespace VoiceCarnival.Transports.Tests.WebSocket;

public sealed class WebSocketCloseCodeTests
{
    [Theory]
    [InlineData(TerminationKind.CallerClosed, 1000)]
    [InlineData(TerminationKind.Expired, 1001)]
    [InlineData(TerminationKind.SlowReader, 1008)]
    [InlineData(TerminationKind.ServerShutdown, 1012)]
    [InlineData(TerminationKind.EngineFailed, 1011)]
    [InlineData(TerminationKind.ServerFault, 1011)]
    [InlineData(TerminationKind.Idle, 4000)]
    public void EachEnd_HasTheCodeThatTellsClientsWhetherToRetry(TerminationKind kind, int code) =>
        Assert.Equal(code, WebSocketCloseCode.Of(new SessionTermination(kind, "why")).Code);

    [Fact]
    public void RefusedRequest_CarriesTypeAndCodeAsReason()
    {
        var termination = new SessionTermination(TerminationKind.Idle, "nothing was received", RealtimeError.Invalid("session_idle", "…"));
        Assert.Equal("invalid_request_error.session_idle", WebSocketCloseCode.Of(termination).Reason);
    }

    [Fact]
    public void LongReason_FitsIntoACloseFrame()
    {
        var (_, reason) = WebSocketCloseCode.Of(new SessionTermination(TerminationKind.Expired, new string('ü', 200)));
        Assert.InRange(Encoding.UTF8.GetByteCount(reason), 100, 123);
    }
}
