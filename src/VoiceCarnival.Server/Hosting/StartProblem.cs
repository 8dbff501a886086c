using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Server.Hosting;

/// <summary>Reasons not to start that are the operator's to mend: told in words, without a stack trace.</summary>
internal static class StartProblem
{
    /// <summary>Stops the start with every problem of every declared section, or when nobody has said who may call from other machines.</summary>
    public static void CheckSettings(this WebApplication app)
    {
        var problems = app.Services.FindSettingsProblems();
        if (ListenAddresses.FindUnreadable(app.Configuration) is { } unreadable)
            problems = [.. problems, unreadable];
        if (problems.Count == 0 && ListenAddresses.FindProblem(app.Configuration, app.Services.GetRequiredService<IOptions<AccessOptions>>().Value) is { } open)
            problems = [open];
        if (problems.Count > 0)
            throw new InvalidSettingsException(problems);
    }

    // InvalidDataException: a settings file that is not JSON. IOException: an address that cannot be bound. OperationCanceledException: SIGTERM before all had started.
    public static bool IsExpected(Exception exception) =>
        exception is InvalidSettingsException or OptionsValidationException or InvalidDataException or IOException or OperationCanceledException || IsOfCertificate(exception);

    public static string Describe(Exception exception)
    {
        if (exception is InvalidSettingsException)
            return exception.Message;
        if (exception is OperationCanceledException)
            return "VoiceCarnival was told to stop before it had started.";
        if (IsOfCertificate(exception))
        {
            return $"VoiceCarnival cannot start: an https address needs a certificate. Set Kestrel:Certificates:Default:Path and :KeyPath (PEM files), or :Password (PFX); "
                + $"on a developer's machine 'dotnet dev-certs https' makes one. {exception.Message}";
        }

        string cause = exception.GetBaseException().Message;
        return "VoiceCarnival cannot start: " + (exception.Message.Contains(cause.TrimEnd('.'), StringComparison.OrdinalIgnoreCase) ? exception.Message : $"{exception.Message} {cause}");
    }

    // Kestrel: no certificate at all, or a file that holds none.
    private static bool IsOfCertificate(Exception exception) =>
        exception is CryptographicException || (exception is InvalidOperationException && exception.Source?.StartsWith("Microsoft.AspNetCore.Server.Kestrel", StringComparison.Ordinal) == true);
}
