namespace VoiceCarnival.Sessions.Tests;

/// <summary>The E-model against the figures of its recommendations.</summary>
public sealed class EModelTests
{
    [Theory]
    // ITU-T G.107, table B.1: from rating to score; and the default of all its parameters.
    [InlineData(93.2, 4.41)]
    [InlineData(90, 4.34)]
    [InlineData(80, 4.03)]
    [InlineData(70, 3.60)]
    [InlineData(60, 3.10)]
    [InlineData(50, 2.58)]
    [InlineData(0, 1)]
    [InlineData(-20, 1)]
    [InlineData(100, 4.5)]
    public void Score_OfARating_IsThatOfTheRecommendation(double rating, double score) => Assert.Equal(score, EModel.MosOf(rating), 0.01);

    [Theory]
    // Equipment impairment of G.711 with concealment and random loss: Ie-eff = 95 * Ppl / (Ppl + 25.1) (G.107, equation 7-29; G.113, appendix I).
    [InlineData("PCMU", 0, 0)]
    [InlineData("PCMA", 1, 3.64)]
    [InlineData("PCMU", 2, 7.01)]
    [InlineData("PCMU", 5, 15.78)]
    [InlineData("PCMU", 10, 27.07)]
    [InlineData("PCMU", 100, 75.94)]
    public void Loss_TakesFromTheRating_WhatTheRecommendationSays(string codec, double loss, double impairment) =>
        Assert.Equal(EModel.Rating(codec, 0, 0, 0) - impairment, EModel.Rating(codec, loss, 0, 0), 0.01);

    [Fact]
    public void Delay_IsHardlyFelt_UntilItIs()
    {
        double clean = EModel.Rating("PCMU", 0, 0, 0);

        Assert.Equal(93.2 - 0.024 * 40, clean, 0.001);
        Assert.Equal(clean - 2.4, EModel.Rating("PCMU", 0, 0, 200), 0.001);
        // Beyond 177.3 ms one way it disturbs.
        Assert.True(EModel.Rating("PCMU", 0, 0, 600) < clean - 20);
    }

    [Theory]
    [InlineData("PCMU")]
    [InlineData("G722")]
    [InlineData("opus")]
    [InlineData("unheard-of")]
    public void Score_FallsWithLossJitterAndDelay_AndStaysOnItsScale(string codec)
    {
        for (int i = 0; i < 100; i++)
        {
            Assert.InRange(EModel.Mos(codec, i, i, 10 * i), 1, 4.5);
            Assert.True(EModel.Mos(codec, i + 1, 0, 0) <= EModel.Mos(codec, i, 0, 0));
            Assert.True(EModel.Mos(codec, 0, i + 1, 0) <= EModel.Mos(codec, 0, i, 0));
            Assert.True(EModel.Mos(codec, 0, 0, 10 * i + 10) <= EModel.Mos(codec, 0, 0, 10 * i));
        }
    }
}
