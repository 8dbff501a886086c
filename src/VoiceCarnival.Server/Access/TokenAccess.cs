using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Server.Access;

/// <summary>Tokens of the operator's identity provider, checked by ASP.NET Core's own scheme; who they name is read by <see cref="CallerAuthenticator"/>.</summary>
internal static class TokenAccess
{
    private static readonly string[] RsaAlgorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
    ];

    private static readonly string[] CurveAlgorithms = [SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512];
    private static readonly string[] SharedKeyAlgorithms = [SecurityAlgorithms.HmacSha256, SecurityAlgorithms.HmacSha384, SecurityAlgorithms.HmacSha512];
    private static readonly TimeSpan ProviderPatience = TimeSpan.FromSeconds(10);

    /// <summary>Nothing is registered while no token is accepted.</summary>
    public static IServiceCollection AddTokenAccess(this IServiceCollection services, IConfigurationSection access)
    {
        // Read here and not through options: what is registered depends on it, and the settings are not checked yet.
        var jwt = access.GetSection(nameof(AccessOptions.Jwt));
        if (new[] { jwt[nameof(JwtOptions.Authority)], jwt[nameof(JwtOptions.PemFile)], jwt[nameof(JwtOptions.SigningKey)] }.All(string.IsNullOrWhiteSpace))
            return services;
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<IOptions<AccessOptions>>((bearer, options) => Configure(bearer, options.Value.Jwt));
        return services.AddHostedService<IdentityProviderCheck>();
    }

    private static void Configure(JwtBearerOptions bearer, JwtOptions jwt)
    {
        var (keys, algorithms) = Keys(jwt);
        bearer.MapInboundClaims = false;
        bearer.SaveToken = false;
        bearer.BackchannelTimeout = ProviderPatience;
        if (!string.IsNullOrWhiteSpace(jwt.Authority))
        {
            bearer.Authority = jwt.Authority;
            bearer.RequireHttpsMetadata = !new Uri(jwt.Authority).IsLoopback;
        }

        // Everything that would let a weaker token pass is said here, also where it is the library's default.
        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            IssuerSigningKeys = keys,
            ValidAlgorithms = algorithms,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ValidateLifetime = true,
            ValidateIssuer = true,
            ValidIssuer = string.IsNullOrWhiteSpace(jwt.Issuer) ? null : jwt.Issuer, // null: the authority's own
            ValidateAudience = true,
            ValidAudience = jwt.Audience,
            ClockSkew = TimeSpan.FromSeconds(jwt.ClockSkewSeconds),
            NameClaimType = jwt.NameClaim,
        };
        bearer.Events = new JwtBearerEvents
        {
            // Wherever a caller may show a key it may show a token: the header, or a browser's subprotocol.
            OnMessageReceived = context =>
            {
                context.Token = HttpCaller.KeyOf(context.HttpContext);
                if (!HttpCaller.IsToken(context.Token))
                    context.NoResult();
                return Task.CompletedTask;
            },
            // RFC 7515, section 4.1.11: extensions that have to be understood, and we know none.
            OnTokenValidated = context =>
            {
                if (context.SecurityToken is not JsonWebToken token || token.TryGetHeaderValue("crit", out object _))
                {
                    context.HttpContext.Features.Set(CallerRefusal.Unauthorized("This token's header names extensions that have to be understood ('crit'); none is known here."));
                    context.Fail("crit");
                }

                return Task.CompletedTask;
            },
            OnAuthenticationFailed = async context =>
            {
                context.HttpContext.Features.Set(await TokenRefusal.DescribeAsync(context.Exception, context.Options, context.HttpContext.RequestAborted));
                context.Fail(context.Exception);
            },
        };
    }

    private static (IReadOnlyList<SecurityKey>? Keys, string[] Algorithms) Keys(JwtOptions jwt)
    {
        if (!jwt.SigningKey.IsEmpty)
            return ([new SymmetricSecurityKey(Encoding.UTF8.GetBytes(jwt.SigningKey.Reveal()))], SharedKeyAlgorithms);
        if (string.IsNullOrWhiteSpace(jwt.PemFile))
            return (null, [.. RsaAlgorithms, .. CurveAlgorithms]);
        if (!PublicKeys.TryRead(jwt.PemFile, out var keys, out string? problem))
            throw new InvalidOperationException($"VoiceCarnival:Access:Jwt:PemFile {problem}");
        return ([.. keys.Select(Wrap)], [.. keys.Any(key => key is RSA) ? RsaAlgorithms : [], .. keys.Any(key => key is ECDsa) ? CurveAlgorithms : []]);
    }

    private static SecurityKey Wrap(AsymmetricAlgorithm key) => key is RSA rsa ? new RsaSecurityKey(rsa) : new ECDsaSecurityKey((ECDsa)key);
}
