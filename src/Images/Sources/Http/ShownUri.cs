namespace SnapshotGrains.Images;

/// <summary>
/// Addresses as messages show them. Where a server redirects to is often signed in its query, which is as good as a
/// password until it runs out; messages go to logs, and to whoever reads a disk.
/// </summary>
internal static class ShownUri
{
    /// <summary>Scheme, host and path, and nothing else.</summary>
    public static string Of(Uri uri) =>
        uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    /// <summary>The address that an answer came from.</summary>
    public static string Of(HttpResponseMessage answer) => Of(answer.RequestMessage!.RequestUri!);
}
