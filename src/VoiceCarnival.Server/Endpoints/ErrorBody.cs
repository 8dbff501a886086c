namespace VoiceCarnival.Server.Endpoints;

/// <summary>Body of every answer that is not a success, as the API description shows it.</summary>
/// <param name="Error">What is wrong.</param>
internal sealed record ErrorBody(ErrorDetail Error);

/// <summary>An error in OpenAI's shape.</summary>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="Type">Family, such as <c>invalid_request_error</c>.</param>
/// <param name="Code">Stable code for programs.</param>
/// <param name="Param">Dotted path of the offending field.</param>
internal sealed record ErrorDetail(string Message, string Type, string? Code, string? Param);
