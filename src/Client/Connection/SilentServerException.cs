namespace SnapshotGrains.Client;

/// <summary>A server took a request and is not heard any more: nobody knows whether it did what it was asked.</summary>
internal sealed class SilentServerException(Uri server) : HttpRequestException(
    $"{server} does not answer any more: it hangs, or is cut off.");
