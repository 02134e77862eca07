using System.Collections.Immutable;

namespace SnapshotGrains.Engine.Tests.Calls;

public interface ICallGrain : IGrainWithStringKey
{
    Task WaitAsync(string gate, CancellationToken cancellationToken);

    Task ThrowAsync(string message);

    Task ThrowOnOtherSiloAsync(string grain, string message);

    Task<string?> ContextAsync(string name, int hops);

    Task<Payload> EchoAsync(Payload payload);

    ValueTask<ImmutableArray<Payload>> EchoManyAsync(ImmutableArray<Payload> payloads);

    Task<ICallGrain> ReferenceAsync(string key);

    Task<string> CallAsync(ICallGrain grain);

    Task<string> KeyAsync();
}
