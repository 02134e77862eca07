using System.Collections.Immutable;

namespace SnapshotGrains.Engine.Tests.Calls;

public interface IUnsafeGrain : IGrainWithStringKey
{
    Task BytesAsync(byte[] bytes);

    Task<List<string>> ListAsync();

    Task NestedAsync(ImmutableArray<byte[]> bytes);

    Task MarkedAsync(UnserializablePayload payload);

    Task PromisedAsync([Immutable] byte[] bytes);

    Task<Immutable<byte[]>> WrappedAsync(ImmutableDictionary<string, (int Number, Payload? Payload)> values);
}
