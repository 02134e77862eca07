using SnapshotGrains.Testing;

namespace SnapshotGrains.Disks.Tests;

/// <summary>
/// Shows that striped and encrypted disks hold what a plain array of bytes would, whatever is done to them at a time,
/// and that what they store is where and what it must be.
/// </summary>
public sealed class LayerModelTests
{
    private static int Seeds => TestTier.Pick(2, 30);
    private const int Batches = 25;

    public static TheoryData<LayerFormat> Formats => [.. LayerFormat.All];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Disks_agree_with_an_array_of_bytes(LayerFormat format)
    {
        foreach (var size in SizesOf(format))
        {
            for (var seed = 1; seed <= Seeds; seed++)
            {
                var random = new Random(seed);
                await using var stack = new LayerStack(format, size) { Store = { Random = new Random(seed) } };
                try
                {
                    // Away from the runner's context: what the disk completes goes on at once, on the same thread.
                    await Task.Run(() => new LayerModel(stack, random).RunAsync(Batches));
                }
                catch (Exception error)
                {
                    throw new InvalidOperationException($"{format}, {size} bytes, seed {seed}: {error.Message}", error);
                }
            }
        }
    }

    private static IEnumerable<long> SizesOf(LayerFormat format) =>
    [
        1, 3 * 512, (1 << 20) + 512, format.SetBytes, format.SetBytes + 1, format.SetBytes - 4097,
        (2 * format.SetBytes) + format.UnitBytes + 512,
    ];
}
