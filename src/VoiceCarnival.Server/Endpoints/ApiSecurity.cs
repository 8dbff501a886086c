using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace VoiceCarnival.Server.Endpoints;

/// <summary>How callers prove themselves, in the API description.</summary>
internal static class ApiSecurity
{
    private const string Bearer = "bearer";
    private const string ApiKey = "api-key";

    /// <summary>Where a key is asked for, unless the server runs without or the caller is on the same machine.</summary>
    private static readonly string[] Guarded = ["/v1/", "/api/ephemeral-token", "/api/sessions", "/api/calls", "/api/sip/calls"];

    public static void AddSecurity(this OpenApiOptions options) => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
        document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "An API key of this server's operator, a client secret (ek_…), or a JSON Web Token of the operator's identity provider. "
                + "On a WebSocket from a browser: the subprotocol openai-insecure-api-key.<key>.",
        };
        document.Components.SecuritySchemes[ApiKey] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = "api-key",
            Description = "The same, as Azure's clients send it.",
        };
        var operations = document.Paths.Where(path => Guarded.Any(guarded => path.Key.StartsWith(guarded, StringComparison.Ordinal)))
            .SelectMany(path => path.Value.Operations ?? []).Select(operation => operation.Value);
        foreach (var operation in operations)
        {
            // The empty one: a key may not be required, see /api/config.
            operation.Security = [Require(Bearer, document), Require(ApiKey, document), new OpenApiSecurityRequirement()];
        }

        return Task.CompletedTask;
    });

    private static OpenApiSecurityRequirement Require(string scheme, OpenApiDocument document) =>
        new() { [new OpenApiSecuritySchemeReference(scheme, document)] = [] };
}
