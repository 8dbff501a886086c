using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;

namespace VoiceCarnival.Server.Access;

/// <summary>Asks the identity provider once at start and says what is wrong with it. The server starts all the same: the provider may come up later.</summary>
internal sealed partial class IdentityProviderCheck(IOptionsMonitor<JwtBearerOptions> options, ILogger<IdentityProviderCheck> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var bearer = options.Get(JwtBearerDefaults.AuthenticationScheme);
        if (bearer.ConfigurationManager is not { } provider)
            return;
        try
        {
            var configuration = await provider.GetConfigurationAsync(stoppingToken);
            if (configuration.SigningKeys.Count == 0)
                Log.NoKeys(logger, bearer.Authority);
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or HttpRequestException)
        {
            Log.Unreachable(logger, bearer.Authority, exception.GetBaseException().Message);
        }
        catch (OperationCanceledException)
        {
            // shutting down
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2011, LogLevel.Error, "The identity provider VoiceCarnival:Access:Jwt:Authority {Authority} does not answer; until it does, no token can be checked: {Reason}")]
        public static partial void Unreachable(ILogger logger, string? authority, string reason);

        [LoggerMessage(2012, LogLevel.Error, "The identity provider VoiceCarnival:Access:Jwt:Authority {Authority} publishes no keys, so no token can be checked")]
        public static partial void NoKeys(ILogger logger, string? authority);
    }
}
