using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Server.Endpoints;

/// <summary>Answers with a refusal and counts it.</summary>
internal sealed class RefusalResult(SessionRefusal refusal) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.RequestServices.GetRequiredService<AccessMetrics>().Refused(refusal);
        return HttpErrors.WriteAsync(httpContext, refusal);
    }
}
