using System.Security.Cryptography;
using VoiceCarnival.Speech.Assets;
using VoiceCarnival.Testing.Servers;
using Xunit;

namespace VoiceCarnival.Speech.Tests.Assets;

public sealed class SpeechAssetTests
{
    private static readonly string Folder = Path.Combine(ServerProcess.Root, "src", "VoiceCarnival.Speech", "Assets");

    public static TheoryData<string> Names => [.. SpeechAsset.All.Select(asset => asset.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryAsset_IsTheFileThatWasChecked(string name)
    {
        var asset = SpeechAsset.All.Single(a => a.Name == name);

        Assert.Equal(asset.Sha256, Convert.ToHexStringLower(SHA256.HashData(asset.Read())));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ReadmeAndRefreshScript_NameTheSameSums(string name)
    {
        var asset = SpeechAsset.All.Single(a => a.Name == name);

        Assert.Contains(File.ReadLines(Path.Combine(Folder, "README.md")), line => line.Contains($"`{name}`") && line.Contains(asset.Sha256));
        Assert.Contains(File.ReadLines(Path.Combine(Folder, "refresh.sh")), line => line.Contains(name) && line.EndsWith(asset.Sha256));
    }

    [Fact]
    public void AnotherFile_IsRefused() =>
        Assert.Throws<InvalidDataException>(() => (SpeechAsset.SileroVad with { Length = SpeechAsset.SileroVad.Length - 1 }).Read());
}
