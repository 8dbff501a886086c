using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using VoiceCarnival.Engines.OpenAIRealtime.Webhooks;

namespace VoiceCarnival.Engines.Tests.OpenAIRealtime.Calls;

public sealed class WebhookTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const string Body = """{"test": 2432232314}""";
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1614265330);

    // The example of the specification's own libraries (standardwebhooks.com).
    [Fact]
    public void StandardWebhooksExample_Verifies() =>
        Assert.True(Verifies(Secret, "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));

    [Theory]
    [InlineData(-300, true)]
    [InlineData(-301, false)]
    [InlineData(300, true)]
    [InlineData(301, false)]
    public void Timestamp_MayBe300SecondsOff(int off, bool verifies)
    {
        long seconds = At.ToUnixTimeSeconds() + off;
        Assert.Equal(verifies, Verifies(Secret, seconds.ToString(CultureInfo.InvariantCulture), Sign(Secret, seconds)));
    }

    [Fact]
    public void AnyOfSeveralSignaturesAndSecrets_IsEnough()
    {
        string other = "whsec_" + Convert.ToBase64String("another secret altogether"u8);
        string right = Sign(Secret, At.ToUnixTimeSeconds());
        Assert.True(Verifies($"{other}, {Secret}", "1614265330", right));
        Assert.True(Verifies($"{Secret} {other}", "1614265330", $"v1,{Convert.ToBase64String(new byte[32])} {right} v2,abc"));
        Assert.True(Verifies(Secret, "1614265330", right["v1,".Length..]));
        Assert.False(Verifies(other, "1614265330", right));
        Assert.False(Verifies("", "1614265330", right));
    }

    [Fact]
    public void SecretWithoutPrefix_IsTheKeyItself()
    {
        byte[] mac = HMACSHA256.HashData("plain text"u8, Encoding.UTF8.GetBytes($"{Id}.1614265330.{Body}"));
        Assert.False(Verifies("plain", "1614265330", "v1," + Convert.ToBase64String(mac)));
        Assert.True(WebhookSignature.TryParse("plain-text") is { });
        byte[] dashed = HMACSHA256.HashData("plain-text"u8, Encoding.UTF8.GetBytes($"{Id}.1614265330.{Body}"));
        Assert.True(Verifies("plain-text", "1614265330", "v1," + Convert.ToBase64String(dashed)));
    }

    [Theory]
    [InlineData("whsec_")]
    [InlineData("whsec_***")]
    [InlineData("plain, whsec_x")]
    public void SecretThatIsNone_IsNotTaken(string secrets) => Assert.Null(WebhookSignature.TryParse(secrets));

    [Theory]
    [InlineData("", "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData(Id, "", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData(Id, "+1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData(Id, "99999999999999999999", "v1,x")]
    [InlineData(Id, "9223372036854775807", "v1,x")]
    [InlineData(Id, "1614265330", "")]
    [InlineData(Id, "1614265330", "v1,")]
    [InlineData(Id, "1614265330", "v1,g0hM9SsE")]
    [InlineData(Id, "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=AAAA")]
    public void BrokenHeaders_DoNotVerify(string id, string timestamp, string signature) =>
        Assert.False(WebhookSignature.TryParse(Secret)!.Verifies(id, timestamp, signature, Encoding.UTF8.GetBytes(Body), At));

    [Fact]
    public void IncomingCall_KeepsHeadersInOrder_AndEveryCutIsRefused()
    {
        byte[] whole = """{"object":"event","id":"evt_1","type":"realtime.call.incoming","data":{"call_id":"rtc_u0_1","sip_headers":[{"name":"To","value":"a"},{"name":"Via","value":"1"},5,{"name":"Via","value":"2"}]}}"""u8.ToArray();
        var call = IncomingCall.TryRead(whole)!;
        Assert.Equal("rtc_u0_1", call.CallId);
        Assert.Equal(["To=a", "Via=1", "Via=2"], call.Headers.Select(header => $"{header.Name}={header.Value}"));
        for (int length = 0; length < whole.Length; length++)
            Assert.Null(IncomingCall.TryRead(whole.AsMemory(0, length)));
    }

    private static bool Verifies(string secrets, string timestamp, string signatures) =>
        WebhookSignature.TryParse(secrets)!.Verifies(Id, timestamp, signatures, Encoding.UTF8.GetBytes(Body), At);

    private static string Sign(string secret, long seconds) =>
        "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes($"{Id}.{seconds}.{Body}")));
}
