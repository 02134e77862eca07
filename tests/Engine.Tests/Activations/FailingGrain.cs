using System.Collections.Concurrent;
using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Activations;

public sealed class FailingGrain : Grain, IFailingGrain
{
    /// <summary>The keys that cannot be activated.</summary>
    public static ConcurrentDictionary<string, byte> Broken { get; } = new();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        await Gate.Of(key).PassAsync(cancellationToken);
        if (Broken.ContainsKey(key))
        {
            throw new TestFailureException("segment 7 is damaged", new IOException("bad digest"));
        }
    }

    public Task<string> AnswerAsync() => Task.FromResult("fine");
}
