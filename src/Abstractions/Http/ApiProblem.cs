namespace SnapshotGrains;

/// <summary>An error of the HTTP API: problem details (RFC 9457) with our error code.</summary>
/// <param name="Type">A URN that names the kind of error.</param>
/// <param name="Title">The kind of error, in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What failed, which value, and what to do.</param>
/// <param name="Code">The error's code.</param>
/// <param name="IsTransient">Whether trying again can help.</param>
public sealed record ApiProblem(
    string Type, string Title, int Status, string Detail, ErrorCode Code, bool IsTransient);
