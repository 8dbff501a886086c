using System.Net;
using System.Text;

namespace VoiceCarnival.Server.FunctionalTests;

public sealed class PageTests(Gateway gateway) : IClassFixture<Gateway>
{
    [Fact]
    public async Task Root_IsThePage()
    {
        var page = await gateway.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.True(page.Headers.CacheControl!.NoCache);
        Assert.Contains("VoiceCarnival", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/");
        again.Headers.IfNoneMatch.Add(page.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, (await gateway.Client.SendAsync(again)).StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/api/config")]
    [InlineData("/nowhere")]
    public async Task EveryAnswer_HasSecurityHeaders(string path)
    {
        var headers = (await gateway.Client.GetAsync(path)).Headers;
        Assert.Equal("nosniff", headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", headers.GetValues("Referrer-Policy").Single());
        Assert.Contains("frame-ancestors 'none'", headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains($"connect-src 'self' ws://127.0.0.1:{gateway.Address.Port};", headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains("microphone=(self)", headers.GetValues("Permissions-Policy").Single(), StringComparison.Ordinal);
        Assert.False(headers.Contains("Server"));
    }

    [Theory]
    [InlineData("GET", "/api/nowhere", 404)]
    [InlineData("GET", "/v1/realtime/nowhere", 404)]
    [InlineData("GET", "/page-that-is-not-there.html", 404)]
    [InlineData("GET", "/api/ephemeral-token", 405)]
    [InlineData("DELETE", "/api/config", 405)]
    [InlineData("POST", "/v1/realtime/calls", 415)]
    public async Task WhatIsNotThere_IsAnErrorInOpenAIsShape(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        await Gateway.ErrorOf(await gateway.Client.SendAsync(request), (HttpStatusCode)status);
    }

    [Fact]
    public async Task OfferAtThePathOfTheBeta_IsToldWhereOffersGo()
    {
        using var offer = new StringContent("v=0\r\n", Encoding.UTF8, "application/sdp");
        var error = await Gateway.ErrorOf(await gateway.Client.PostAsync("/v1/realtime?model=x", offer), HttpStatusCode.MethodNotAllowed);
        Assert.Contains("POST /v1/realtime/calls", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Development_ServesThePageAndHidesTracesToo()
    {
        using var development = new Gateway([("environment", "Development")]);
        Assert.Equal(HttpStatusCode.OK, (await development.Client.GetAsync("/")).StatusCode);
        using var body = new StringContent("""{"session":{"crash":1}}""", Encoding.UTF8, "application/json");
        await Gateway.ErrorOf(await development.Client.PostAsync("/api/ephemeral-token", body), HttpStatusCode.InternalServerError);
    }

    [Theory]
    [InlineData("app.js", "text/javascript")]
    [InlineData("app.css", "text/css")]
    public async Task Files_HaveTheirTypesAndAreCompressed(string name, string type)
    {
        string root = Directory.CreateTempSubdirectory("voicecarnival").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(root, "wwwroot"));
            await File.WriteAllTextAsync(Path.Combine(root, "wwwroot", name), new string('/', 5000));
            using var other = new Gateway([("contentRoot", root)]);
            using var request = new HttpRequestMessage(HttpMethod.Get, "/" + name);
            request.Headers.AcceptEncoding.ParseAdd("gzip");
            var response = await other.Client.SendAsync(request);
            Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
            Assert.Equal("gzip", response.Content.Headers.ContentEncoding.Single());
        }
        finally
        {
            Directory.Delete(root, true);
        }
    }
}
