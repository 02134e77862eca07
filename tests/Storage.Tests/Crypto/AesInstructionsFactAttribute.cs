namespace SnapshotGrains.Storage.Tests.Crypto;

/// <summary>A test of what only processors with AES instructions can do.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AesInstructionsFactAttribute : FactAttribute
{
    public AesInstructionsFactAttribute() =>
        Skip = AesNiXts.IsSupported ? null : "needs a processor with x86 AES instructions";
}
