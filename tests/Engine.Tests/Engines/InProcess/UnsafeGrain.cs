using System.Collections.Immutable;

namespace SnapshotGrains.Engine.Tests.Calls;

public sealed class UnsafeGrain : Grain, IUnsafeGrain
{
    public Task BytesAsync(byte[] bytes) => Task.CompletedTask;

    public Task<List<string>> ListAsync() => Task.FromResult(new List<string>());

    public Task NestedAsync(ImmutableArray<byte[]> bytes) => Task.CompletedTask;

    public Task MarkedAsync(UnserializablePayload payload) => Task.CompletedTask;

    public Task PromisedAsync(byte[] bytes) => Task.CompletedTask;

    public Task<Immutable<byte[]>> WrappedAsync(ImmutableDictionary<string, (int Number, Payload? Payload)> values) =>
        Task.FromResult(new byte[values.Count].AsImmutable());
}
