using Orleans.Runtime;

namespace SnapshotGrains.Grains.Disks;

/// <summary>
/// Writes the state of a reentrant grain: one write at a time, and one more for all changes that came meanwhile. Used
/// from the grain's turns only.
/// </summary>
internal sealed class SharedWrite(IPersistentState<DiskCatalogState> state)
{
    private Task _current = Task.CompletedTask;
    private Task? _next;
    private Exception? _lost;

    /// <summary>
    /// Completes when everything that is in memory now is in storage. When that fails, memory goes back to what is.
    /// </summary>
    /// <param name="isChanged">Whether the caller has changed anything since the last call.</param>
    public Task SaveAsync(bool isChanged)
    {
        if (isChanged)
        {
            return _next ??= WriteAfterAsync(_current);
        }

        return _next ?? _current;
    }

    private async Task WriteAfterAsync(Task previous)
    {
        // Changes of this turn and of those that run during the previous write are in this one.
        await Task.Yield();
        await previous.ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        (_current, _next) = (_next!, null);
        if (_lost is { } lost)
        {
            _lost = null;
            throw lost;
        }

        try
        {
            await state.WriteStateAsync();
        }
        catch (Exception error)
        {
            // Nobody may build on what was not written. Going back takes changes along that wait for the next write,
            // so their callers must hear of it as well.
            await state.ReadStateAsync();
            _lost = _next is null ? null : error;
            throw;
        }
    }
}
