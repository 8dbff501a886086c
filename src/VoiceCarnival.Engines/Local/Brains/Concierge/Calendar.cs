using System.Globalization;

namespace VoiceCarnival.Engines.Local.Brains.Concierge;

/// <summary>Tells time and date, where the server is.</summary>
internal sealed class Calendar(TimeProvider time)
{
    private DateTimeOffset Now => time.GetLocalNow();

    private string Clock => Now.ToString("h:mm tt", CultureInfo.InvariantCulture);

    /// <summary>A greeting that suits the time of day.</summary>
    public string Greeting => Now.Hour switch
    {
        < 5 => "Hello.",
        < 12 => "Good morning.",
        < 18 => "Good afternoon.",
        _ => "Good evening.",
    };

    /// <summary>What the clock or the calendar says; null where it was not asked.</summary>
    public string? Answer(Words said)
    {
        if (said.Has("time in", "time is it in", "time it is in") && !said.Has("time in here", "it in here"))
            return $"I know the time here only. It is {Clock}.";
        if (said.Has("what time", "the time", "time is it", "time it is", "current time", "local time", "time now", "oclock", "a clock", "tell time", "tell me time") || said.Is("time", "clock"))
            return $"It is {Clock}.";
        bool isAsked = said.Has("what", "whats", "which", "tell", "date", "day", "know");
        if (isAsked && said.Has("year"))
            return $"It is {Now.Year}.";
        if (isAsked && said.Has("month"))
            return $"It is {Now.ToString("MMMM", CultureInfo.InvariantCulture)}.";
        if (isAsked && said.Has("tomorrow"))
            return $"Tomorrow is {Day(1)}.";
        if (isAsked && said.Has("yesterday"))
            return $"Yesterday was {Day(-1)}.";
        return said.Has("date", "what day", "which day", "day is it", "day it is", "day is today", "what is today", "whats today") || said.Is("today") ? $"Today is {Day(0)}." : null;
    }

    private string Day(int days) => Now.AddDays(days).ToString("dddd, MMMM d", CultureInfo.InvariantCulture);
}
