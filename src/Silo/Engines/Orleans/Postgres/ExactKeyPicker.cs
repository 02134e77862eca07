using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace SnapshotGrains.Silo.Persistence;

/// <summary>
/// Orleans' relational storage takes a key of hexadecimal digits for a number, so that the disks '1' and '01' would
/// share one state. The "hash" that it stores beside the number is the key's length here; the two make the key again.
/// </summary>
internal sealed class ExactKeyPicker : IStorageHasherPicker
{
    public ICollection<IHasher> HashProviders => [];

    public IHasher PickHasher<T>(
        string serviceId,
        string storageProviderInstanceName,
        string grainType,
        GrainId grainId,
        IGrainState<T> grainState,
        string? tag = null) => new KeyLength(grainId.Key.AsSpan().Length);

    private sealed class KeyLength(int length) : IHasher
    {
        public string Description => "The length of the key";

        public int Hash(byte[] data) => length;
    }
}
