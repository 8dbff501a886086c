namespace VoiceCarnival.Sessions.Access;

/// <summary>Who may call, <c>VoiceCarnival:Access</c>.</summary>
public sealed class AccessOptions
{
    /// <summary>When callers must show a key.</summary>
    public AuthenticationMode Authentication { get; set; }

    /// <summary>Origins such as <c>https://app.example.com</c> whose pages may call us from a browser; <c>*</c> means all. Our own page always may.</summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>Keys that callers may show.</summary>
    public List<ApiKeyOptions> ApiKeys { get; set; } = [];

    /// <summary>Tokens of an identity provider that callers may show.</summary>
    public JwtOptions Jwt { get; set; } = new();

    /// <summary>Addresses or networks of reverse proxies whose <c>X-Forwarded-*</c> headers are believed; nobody's by default.</summary>
    public string[] TrustedProxies { get; set; } = [];
}
