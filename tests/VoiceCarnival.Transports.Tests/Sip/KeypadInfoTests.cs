using System.Text;
using VoiceCarnival.Transports.Rtp;
using VoiceCarnival.Transports.Sip;

namespace VoiceCarnival.Transports.Tests.Sip;

public sealed class KeypadInfoTests
{
    [Theory]
    [InlineData("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", '5')]
    [InlineData("Application/DTMF-Relay; charset=x", "Duration=100\nsignal= a", 'A')]
    [InlineData("application/dtmf-relay", "Signal=10", '*')]
    [InlineData("application/dtmf-relay", "Signal=11", '#')]
    [InlineData("application/dtmf", "#", '#')]
    [InlineData("application/dtmf", "", null)]
    [InlineData("application/dtmf-relay", "Signal=", null)]
    [InlineData("application/dtmf-relay", "Signal=55", null)]
    [InlineData("text/plain", "Signal=5", null)]
    public void Key_IsRead(string type, string body, char? key) => Assert.Equal(key, KeypadInfo.Read(type, Encoding.ASCII.GetBytes(body)));

    [Fact]
    public void SameKeyByBothWays_IsOne_AndTwoByOneWayAreTwo()
    {
        var keys = new KeySources();

        Assert.True(keys.TakeInBand('1', TimeSpan.Zero));
        Assert.False(keys.TakeBeside('1', TimeSpan.FromMilliseconds(100)));
        Assert.True(keys.TakeInBand('1', TimeSpan.FromMilliseconds(200)));
        Assert.True(keys.TakeInBand('1', TimeSpan.FromMilliseconds(300)));
        Assert.False(keys.TakeBeside('1', TimeSpan.FromMilliseconds(310)));
        Assert.False(keys.TakeBeside('1', TimeSpan.FromMilliseconds(320)));
        Assert.True(keys.TakeBeside('1', TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public void KeyThatIsHeld_IsOneWithTheInfoAtItsEnd()
    {
        var keys = new KeySources();
        Assert.True(keys.TakeInBand('1', TimeSpan.Zero));
        for (int i = 1; i <= 60; i++)
            keys.HoldInBand('1', TimeSpan.FromMilliseconds(50 * i));

        Assert.False(keys.TakeBeside('1', TimeSpan.FromSeconds(3.5)));
        Assert.True(keys.TakeBeside('1', TimeSpan.FromSeconds(3.6)));
    }

    [Fact]
    public void KeyThatWasLetGoOf_IsNotHeldAgain()
    {
        var keys = new KeySources();
        Assert.True(keys.TakeInBand('1', TimeSpan.Zero));
        keys.HoldInBand('1', TimeSpan.FromSeconds(2));
        keys.HoldInBand('2', TimeSpan.FromSeconds(2));

        Assert.True(keys.TakeBeside('1', TimeSpan.FromSeconds(2)));
        Assert.True(keys.TakeBeside('2', TimeSpan.FromSeconds(2)));
    }
}
