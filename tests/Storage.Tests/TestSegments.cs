namespace SnapshotGrains.Storage.Tests;

/// <summary>
/// Segments whose content follows from their number, so that every byte that a cache serves can be checked.
/// </summary>
internal static class TestSegments
{
    public const int Page = 4096;

    public static readonly Digest NameOfOne = NameOf(1);

    public static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    /// <summary>
    /// A name that is not the digest of the content: for tests that never verify, and want to be fast.
    /// </summary>
    public static Digest NameOf(int number)
    {
        Span<byte> bytes = stackalloc byte[Digest.SizeBytes];
        new Random(number).NextBytes(bytes);
        return Digest.FromBytes(bytes);
    }

    public static byte[] ContentOf(int number, int length)
    {
        var bytes = new byte[length];
        new Random(number).NextBytes(bytes);
        return bytes;
    }

    /// <summary>
    /// Fills with one byte per segment number: quick to write and to check, and never the pool's poison.
    /// </summary>
    public static void Mark(Span<byte> bytes, int number) => bytes.Fill((byte)(number % 200));

    public static bool IsMarked(ReadOnlySpan<byte> bytes, int number) =>
        !bytes.ContainsAnyExcept((byte)(number % 200));

    public static SegmentLoad Loading(int number) => (destination, _) =>
    {
        Mark(destination.Span, number);
        return ValueTask.CompletedTask;
    };

    public static SegmentCache NewCache(long budgetBytes, int maxWaiting = 1024) => new(new SegmentCacheOptions
    {
        BudgetBytes = budgetBytes,
        SegmentSizeBytes = Page,
        MaxWaitingReservations = maxWaiting,
        PoisonFreedMemory = true,
    });

    public static ValueTask<SegmentBuffer> GetAsync(
        this SegmentCache cache, int number, int length = Page, CancellationToken? cancellationToken = null) =>
        cache.GetOrLoadAsync(NameOf(number), length, Loading(number), cancellationToken ?? Deadline);

    public static async Task TouchAsync(this SegmentCache cache, int number, int length = Page) =>
        (await cache.GetAsync(number, length)).Release();
}
