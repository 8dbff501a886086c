using VoiceCarnival.Protocols.Ice;

namespace VoiceCarnival.Protocols.Tests.Ice;

public sealed class IceCredentialsTests
{
    [Fact]
    public void CreatedCredentials_AreWhatAPeerAccepts_AndDifferWithEachByte()
    {
        var entropy = new byte[IceCredentials.EntropyLength];
        var seen = new HashSet<string>();
        for (int i = 0; i < entropy.Length; i++)
        {
            entropy[i] = 0xFF;
            var made = IceCredentials.Create(entropy);
            Assert.True(IceCredentials.TryCreate(made.Ufrag, made.Password, out _));
            Assert.True(seen.Add(made.Ufrag + made.Password));
            Assert.DoesNotContain(made.Password, made.ToString(), StringComparison.Ordinal);
        }

        Assert.Throws<ArgumentException>(() => IceCredentials.Create(entropy.AsSpan(1)));
    }

    [Theory]
    [InlineData("abc", "0123456789012345678901", false)]
    [InlineData("abcd", "012345678901234567890", false)]
    [InlineData("abcd", "0123456789012345678901", true)]
    [InlineData("ab:d", "0123456789012345678901", false)]
    [InlineData("abcd", "0123456789012345678 01", false)]
    [InlineData("abcé", "0123456789012345678901", false)]
    public void Rfc8839_5_4_LengthsAndCharacters_AreChecked(string ufrag, string password, bool valid) =>
        Assert.Equal(valid, IceCredentials.TryCreate(ufrag, password, out _));

    [Fact]
    public void CredentialsLongerThanAllowed_AreRefused()
    {
        Assert.True(IceCredentials.TryCreate(new string('u', 256), new string('p', 256), out _));
        Assert.False(IceCredentials.TryCreate(new string('u', 257), new string('p', 256), out _));
        Assert.False(IceCredentials.TryCreate(new string('u', 256), new string('p', 257), out _));
    }
}
