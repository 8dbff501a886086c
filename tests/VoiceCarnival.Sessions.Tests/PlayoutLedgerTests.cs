using FsCheck.Xunit;

namespace VoiceCarnival.Sessions.Tests;

public sealed class PlayoutLedgerTests
{
    [Property]
    public void AnyReports_OnlyMoveForwardAndNeverPastWhatWasSent(double[] reports)
    {
        var ledger = new PlayoutLedger();
        var item = SessionRig.Item("item_a");
        item.SentSamples = 24_000;
        ledger.Track(item);
        long before = 0;
        foreach (double report in reports)
        {
            ledger.Report("item_a", 0, report);
            Assert.InRange(item.HeardSamples, before, item.SentSamples);
            before = item.HeardSamples;
        }
    }

    [Fact]
    public void OtherContentPart_IsLeftAlone()
    {
        var ledger = new PlayoutLedger();
        var item = SessionRig.Item("item_a");
        item.SentSamples = 24_000;
        ledger.Track(item);
        ledger.Report("item_a", 1, 500);
        Assert.Equal(0, ledger.HeardSamples("item_a"));
    }

    [Fact]
    public void ManyItems_OldestIsForgotten()
    {
        var ledger = new PlayoutLedger();
        for (uint i = 1; i <= 65; i++)
            ledger.Track(SessionRig.Item($"item_{i}", i));
        Assert.Null(ledger.HeardSamples("item_1"));
        Assert.Equal(0, ledger.HeardSamples("item_2"));
        Assert.Equal(0, ledger.HeardSamples("item_65"));
    }
}
