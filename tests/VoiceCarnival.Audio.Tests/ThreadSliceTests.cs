using System.Globalization;
using Xunit;

namespace VoiceCarnival.Audio.Tests;

public sealed class ThreadSliceTests
{
    [Fact]
    public void ThreadThatSteppedBack_AsksForAShortSlice_AndStaysBack()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux alone has what is asked.");
        (int Before, int After) nice = default;
        string[] schedule = [];
        var thread = new Thread(() =>
        {
            nice.Before = Nice();
            ThreadNiceness.StepBack(2);
            ThreadSlice.Ask(TimeSpan.FromMilliseconds(0.4));
            nice.After = Nice();
            schedule = File.Exists("/proc/thread-self/sched") ? File.ReadAllLines("/proc/thread-self/sched") : [];
        });
        thread.Start();
        thread.Join();
        Assert.Equal(Math.Min(19, nice.Before + 2), nice.After);
        // Kernels that know of it, and are built to tell, do.
        if (schedule.FirstOrDefault(line => line.StartsWith("se.slice", StringComparison.Ordinal)) is { } slice)
            Assert.Equal(400_000, int.Parse(slice.Split(':')[1], CultureInfo.InvariantCulture));
    }

    // The seventeenth field after the name in its brackets.
    private static int Nice()
    {
        string stat = File.ReadAllText("/proc/thread-self/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[16], CultureInfo.InvariantCulture);
    }
}
