using System.Globalization;
using Serilog;
using Serilog.Events;
using Serilog.Settings.Configuration;
using VoiceCarnival.Server.Hosting;

namespace VoiceCarnival.Server.Telemetry;

/// <summary>
/// Logs to the console; levels by the <c>Serilog</c> section, which may also name other sinks instead. Requests are not logged: their query strings and
/// headers carry keys. The framework's own request lines are off for the same reason.
/// </summary>
internal static class Logs
{
    private const string Template = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj} {NewLine}{Exception}";

    public static void AddLogs(this WebApplicationBuilder builder)
    {
        builder.Services.AddSerilog((services, logger) =>
        {
            logger
                .MinimumLevel.Information()
                .MinimumLevel.Override("Microsoft.AspNetCore", LogEventLevel.Warning)
                .MinimumLevel.Override("System.Net.Http", LogEventLevel.Warning)
                .Enrich.FromLogContext()
                .Filter.ByExcluding(IsToldAtTheEnd)
                .ReadFrom.Configuration(builder.Configuration, Sinks(builder.Configuration));
            if (!builder.Configuration.GetSection("Serilog:WriteTo").Exists())
                logger.WriteTo.Console(outputTemplate: Template, formatProvider: CultureInfo.InvariantCulture);
        }, preserveStaticLogger: true);
    }

    // A start that fails for a reason of the operator's is told in one sentence by Program, not three times with a stack trace.
    private static bool IsToldAtTheEnd(LogEvent log) =>
        log.Exception is { } exception && StartProblem.IsExpected(exception) && (log.MessageTemplate.Text is "Hosting failed to start" or "Unable to start Kestrel.");

    // Left to itself, the reader searches everything that was deployed for sinks, at every start. Only settings that name assemblies need that.
    private static ConfigurationReaderOptions Sinks(ConfigurationManager configuration) => configuration.GetSection("Serilog:Using").Exists()
        ? new ConfigurationReaderOptions()
        : new ConfigurationReaderOptions(typeof(ConsoleLoggerConfigurationExtensions).Assembly, typeof(FileLoggerConfigurationExtensions).Assembly);
}
