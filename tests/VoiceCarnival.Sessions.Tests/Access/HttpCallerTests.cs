using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Sessions.Tests.Access;

public sealed class HttpCallerTests
{
    [Theory]
    [InlineData("Authorization", "Bearer abc", "abc")]
    [InlineData("Authorization", "bearer  abc ", "abc")]
    [InlineData("Authorization", "Basic abc", null)]
    [InlineData("Authorization", "Bearer ", null)]
    [InlineData("api-key", "abc", "abc")]
    [InlineData("Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.abc, openai-beta.realtime-v1", "abc")]
    [InlineData("Sec-WebSocket-Protocol", "realtime", null)]
    public void Key_IsFoundWhereverClientsPutIt(string header, string value, string? key)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers[header] = value;
        Assert.Equal(key, HttpCaller.KeyOf(context));
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", "localhost:5080", null, true)]
    [InlineData("::1", "::1", "[::1]:5080", null, true)]
    [InlineData("::ffff:127.0.0.1", "::ffff:127.0.0.1", "127.0.0.1", null, true)]
    [InlineData("127.0.0.1", "127.0.0.1", "voice.localhost", null, true)]
    [InlineData("192.0.2.1", "127.0.0.1", "localhost", null, false)]
    [InlineData("127.0.0.1", "192.0.2.1", "localhost", null, false)]
    [InlineData("127.0.0.1", "127.0.0.1", "evil.example", null, false)]
    [InlineData("127.0.0.1", "127.0.0.1", "127.0.0.1.evil.example", null, false)]
    [InlineData("127.0.0.1", "127.0.0.1", "localhost", "X-Forwarded-For", false)]
    [InlineData("127.0.0.1", "127.0.0.1", "localhost", "Forwarded", false)]
    public void Loopback_MeansBothEndsAndTheName(string remote, string local, string host, string? header, bool expected)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(remote);
        context.Connection.LocalIpAddress = IPAddress.Parse(local);
        context.Request.Headers.Host = host;
        if (header is not null)
            context.Request.Headers[header] = "for=192.0.2.1";
        Assert.Equal(expected, HttpCaller.IsLoopback(context));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("http://gateway.example:5080", true)]
    [InlineData("https://gateway.example:5080", true)]
    [InlineData("http://gateway.example", false)]
    [InlineData("https://app.example.com", true)]
    [InlineData("https://app.example.com.evil.example", false)]
    [InlineData("null", false)]
    public void Origin_IsOursOrConfigured(string? origin, bool expected)
    {
        var policy = new OriginPolicy(Options.Create(new AccessOptions { AllowedOrigins = ["https://app.example.com/"] }));
        var context = new DefaultHttpContext();
        context.Request.Headers.Host = "gateway.example:5080";
        if (origin is not null)
            context.Request.Headers.Origin = origin;
        var refusal = policy.Check(context.Request);
        Assert.Equal(expected, refusal is null);
        Assert.Equal(expected ? null : 403, refusal?.Status);
    }
}
