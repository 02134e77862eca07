namespace SnapshotGrains.Silo.Tests;

/// <summary>
/// One silo for those tests of a class that change nothing on it: to start one for each case of a theory takes longer
/// than the case.
/// </summary>
public sealed class SharedSilo : IAsyncLifetime
{
    private TestSilo? _silo;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }
    }

    /// <summary>The silo, which the first test starts: tests of one class run one after another.</summary>
    internal async Task<TestSilo> GetAsync(Func<Task<TestSilo>> start) => _silo ??= await start();
}
