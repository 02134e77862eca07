namespace SnapshotGrains.Silo;

/// <summary>What happens when a key is revoked or removed.</summary>
public sealed partial class SiloProcess
{
    private static readonly TimeSpan DropTimeout = TimeSpan.FromSeconds(4);

    private readonly Lock _dropGate = new();
    private Task _drops = Task.CompletedTask;

    /// <summary>Sessions end by themselves, with their key; what silos derived under it is dropped.</summary>
    private void OnKeyLost(KeyRef key)
    {
        lock (_dropGate)
        {
            _drops = DropAsync(_drops, key);
        }
    }

    private async Task DropAsync(Task previous, KeyRef key)
    {
        await previous.ConfigureAwait(false);
        using var deadline = new CancellationTokenSource(DropTimeout);
        try
        {
            var dropped = await DropAsync(key, deadline.Token).ConfigureAwait(false);

            // What was being made when the key went may have come to be since.
            await Task.Delay(DropTimeout / 2, TimeProvider.System, deadline.Token).ConfigureAwait(false);
            dropped += await DropAsync(key, deadline.Token).ConfigureAwait(false);
            LogDropped(key.Name, dropped);
        }
        catch (Exception error)
        {
            LogNotDropped(key.Name, error);
        }
    }

    private async Task<int> DropAsync(KeyRef key, CancellationToken cancellationToken) =>
        (await Task.WhenAll(_silos.Select(silo => silo.DropAsync(key, cancellationToken))).ConfigureAwait(false)).Sum();

    [LoggerMessage(1201, LogLevel.Warning, "Key '{Key}' is gone: {Segments} segments under it were dropped")]
    private partial void LogDropped(string key, int segments);

    [LoggerMessage(1202, LogLevel.Error, "Not all segments under key '{Key}', which is gone, could be dropped")]
    private partial void LogNotDropped(string key, Exception error);
}
