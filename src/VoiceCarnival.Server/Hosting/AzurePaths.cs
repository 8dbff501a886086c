namespace VoiceCarnival.Server.Hosting;

/// <summary>Azure's names for OpenAI's paths: <c>/openai/v1/…</c> and, before its GA, <c>/openai/realtime?deployment=…</c>. Clients of its classes cannot be told others.</summary>
internal static class AzurePaths
{
    public static void UseAzurePaths(this WebApplication app)
    {
        app.UsePathBase("/openai");
        app.UseRouting(); // by the path without it
    }
}
