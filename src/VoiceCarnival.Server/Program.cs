using VoiceCarnival.Server.Access;
using VoiceCarnival.Server.Endpoints;
using VoiceCarnival.Server.Engines;
using VoiceCarnival.Server.Health;
using VoiceCarnival.Server.Hosting;
using VoiceCarnival.Server.Options;
using VoiceCarnival.Server.Page;
using VoiceCarnival.Server.Telemetry;
using VoiceCarnival.Server.Transports;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;

try
{
    MemoryUpkeep.LimitHeaps();
    // Settings are checked at the start and not read again: watching for changes would also watch every folder below the content root, in a clone all of its.
    var builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. args]);
    builder.AddOpenAIEnvironment();
    builder.AddDefaultUrl();
    builder.AddInlineSockets();
    builder.AddLogs();
    var settings = builder.Configuration.GetSection(GatewayOptions.Section);
    builder.Services
        .AddGatewaySettings(settings)
        .AddVoiceSessions(settings)
        .AddVoiceAccess(settings)
        .AddVoiceEngine(settings)
        .AddTransports(settings)
        .AddHttpAccess(settings)
        .AddErrors()
        .AddReadiness()
        .AddTelemetry(builder.Configuration)
        .AddApiDescription()
        .AddPage()
        .AddHostedService<MemoryUpkeep>()
        .AddHostedService<CompilerPriority>()
        .AddHostedService<StartupWarnings>();
    var app = builder.Build();
    app.MakeServicesAhead();
    app.CheckSettings();
    app.UseTrustedProxies();
    app.UseAzurePaths();
    app.UseErrors();
    app.UsePage();
    app.UseHttpAccess();
    app.UseWebSockets();
    app.MapEndpoints();
    app.MapTransports();
    app.MakeRoutesAhead();
    await app.RunAsync();
    return 0;
}
catch (Exception exception) when (StartProblem.IsExpected(exception))
{
    await Console.Error.WriteLineAsync(StartProblem.Describe(exception));
    return 1;
}

/// <summary>The composition root: a list of what there is.</summary>
public partial class Program;
