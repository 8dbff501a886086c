using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VoiceCarnival.Engines.OpenAIRealtime.Upstream;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Engines.OpenAIRealtime.Calls;

/// <summary>Makes what follows and controls calls at the service.</summary>
internal sealed class CallSidebands(
    OpenAICallsClient client, UpstreamConnector connector, SafetyIdentifier safety, IOptions<OpenAIOptions> options, IOptions<CallsOptions> calls, TimeProvider time,
    ILogger<CallSideband> logger)
{
    /// <summary>Power over a call.</summary>
    public OpenAICall Control(string callId) => new(callId, client, time, logger);

    /// <summary>The far side of a call's session.</summary>
    public CallSideband Follow(OpenAICall call, VoiceSessionRequest request, IVoiceEngineOutput output, string? greeting = null, CallGuard? guard = null) => new(
        new CallSidebandSetup
        {
            Call = call,
            SessionId = request.SessionId,
            Connector = connector,
            Address = connector.SidebandOf(call.Id),
            SafetyIdentifier = safety.Of(request.Caller.Name, request.RemoteAddress),
            Greeting = greeting,
            Guard = guard,
            Warning = calls.Value.Warning,
            AttachBudget = TimeSpan.FromSeconds(calls.Value.AttachSeconds),
            ReconnectBudget = TimeSpan.FromSeconds(options.Value.ReconnectSeconds),
            Silence = TimeSpan.FromSeconds(calls.Value.SilenceSeconds),
            Time = time,
        },
        output, logger);
}
