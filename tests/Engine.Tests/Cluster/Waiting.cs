namespace SnapshotGrains.Engine.Tests.Cluster;

/// <summary>Waits for what a test cannot be told of.</summary>
public static class Waiting
{
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, int seconds = 20)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (!await condition())
        {
            limit.IsCancellationRequested.Should().BeFalse($"{what} should have happened within {seconds} s");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }
}
