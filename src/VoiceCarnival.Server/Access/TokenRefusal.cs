using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Server.Access;

/// <summary>Why a token was not accepted, in words that help its user and tell nothing about our keys.</summary>
internal static class TokenRefusal
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    public static async Task<CallerRefusal> DescribeAsync(Exception failure, JwtBearerOptions options, CancellationToken cancellationToken)
    {
        // Without the provider's keys a good token looks like one with a wrong signature.
        if (failure is SecurityTokenSignatureKeyNotFoundException or SecurityTokenInvalidIssuerException && !await HasKeysAsync(options, cancellationToken))
        {
            return new CallerRefusal(new SessionRefusal(503, new RealtimeError(RealtimeError.ServerError, "identity_provider_unreachable",
                "This token cannot be checked now, since the identity provider does not answer. Try again shortly."), RetryAfter));
        }

        return CallerRefusal.Unauthorized(failure switch
        {
            SecurityTokenExpiredException => "This token has expired. Get a new one from the identity provider.",
            SecurityTokenNotYetValidException => "This token is not valid yet. Compare the clocks of this server and the identity provider.",
            SecurityTokenNoExpirationException => "This token does not expire; only tokens with the claim 'exp' are accepted here.",
            SecurityTokenInvalidAudienceException => "This token was issued for somebody else: its audience is not this server.",
            SecurityTokenInvalidIssuerException => "This token comes from an issuer that is not trusted here.",
            SecurityTokenInvalidAlgorithmException => "This token is signed in a way that is not accepted here.",
            SecurityTokenSignatureKeyNotFoundException or SecurityTokenInvalidSignatureException => "This token's signature is missing or wrong.",
            _ => "This token is not accepted here: it is damaged or not a JSON Web Token.",
        });
    }

    private static async Task<bool> HasKeysAsync(JwtBearerOptions options, CancellationToken cancellationToken)
    {
        if (options.ConfigurationManager is not { } provider)
            return true;
        try
        {
            await provider.GetConfigurationAsync(cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or HttpRequestException)
        {
            return false;
        }
    }
}
