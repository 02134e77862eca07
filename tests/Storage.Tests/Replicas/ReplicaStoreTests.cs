using SnapshotGrains.Testing;

namespace SnapshotGrains.Storage.Tests.Replicas;

/// <summary>
/// Shows that kept segments outlive the store that kept them, that nothing but the bytes that were kept is ever read
/// back, and that the budget holds.
/// </summary>
public sealed class ReplicaStoreTests : IDisposable
{
    private const int Length = 64 << 10;
    private const int CostBytes = Length + 4096;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_is_kept_is_read_back_also_by_the_next_store()
    {
        var store = Open();
        for (var n = 0; n < 10; n++)
        {
            store.Keep(TestSegments.NameOf(n), TestSegments.ContentOf(n, Length + n)).Should().BeTrue();
        }

        var next = Open();

        next.Statistics.Should().Be(store.Statistics with { Reads = 0, Writes = 0 });
        next.Measure([TestSegments.NameOf(3), TestSegments.NameOf(11), TestSegments.NameOf(4)])
            .Should().Be((2L, 2L * Length + 7));
        for (var n = 0; n < 10; n++)
        {
            (await ReadAsync(next, n, Length + n)).Should().Be(StoreRead.Read);
        }

        (await ReadAsync(next, 10, Length)).Should().Be(StoreRead.Absent);
    }

    [Fact]
    public async Task A_changed_byte_anywhere_in_a_file_is_found_and_the_file_deleted()
    {
        var size = StoreHeaderBytes + Length;
        foreach (var at in (int[])[0, 9, 13, 20, 60, 83, StoreHeaderBytes, StoreHeaderBytes + 777, size - 1])
        {
            var store = Open();
            store.Keep(TestSegments.NameOf(1), TestSegments.ContentOf(1, Length));
            var file = FileOf(1);
            var bytes = await File.ReadAllBytesAsync(file);
            bytes[at] ^= 0x10;
            await File.WriteAllBytesAsync(file, bytes);

            (await ReadAsync(store, 1, Length)).Should().Be(StoreRead.Damaged, $"byte {at} was changed");

            File.Exists(file).Should().BeFalse();
            (await ReadAsync(store, 1, Length)).Should().Be(StoreRead.Absent);
            store.Statistics.Should().BeEquivalentTo(new { UsedBytes = 0L, Segments = 0, Damaged = 1L });
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(StoreHeaderBytes)]
    [InlineData(StoreHeaderBytes + 5000)]
    [InlineData(StoreHeaderBytes + Length - 1)]
    [InlineData(StoreHeaderBytes + Length + 1)]
    public async Task A_torn_file_is_never_read_back(int length)
    {
        Open().Keep(TestSegments.NameOf(1), TestSegments.ContentOf(1, Length));
        using (var file = File.OpenHandle(FileOf(1), access: FileAccess.Write))
        {
            RandomAccess.SetLength(file, length);
        }

        var store = Open();

        (await ReadAsync(store, 1, Length)).Should().NotBe(StoreRead.Read);
        store.Contains(TestSegments.NameOf(1)).Should().BeFalse();
        store.Keep(TestSegments.NameOf(1), TestSegments.ContentOf(1, Length)).Should().BeTrue();
        (await ReadAsync(store, 1, Length)).Should().Be(StoreRead.Read);
    }

    [Fact]
    public async Task A_file_that_has_another_segment_under_its_name_is_not_believed()
    {
        var store = Open();
        store.Keep(TestSegments.NameOf(1), TestSegments.ContentOf(1, Length));
        store.Keep(TestSegments.NameOf(2), TestSegments.ContentOf(2, Length));
        File.Copy(FileOf(2), FileOf(1), overwrite: true);

        (await ReadAsync(store, 1, Length)).Should().Be(StoreRead.Damaged);
        (await ReadAsync(store, 2, Length)).Should().Be(StoreRead.Read);
    }

    [Fact]
    public void What_was_half_written_is_deleted_at_the_next_opening()
    {
        Open().Keep(TestSegments.NameOf(1), TestSegments.ContentOf(1, Length));
        File.WriteAllBytes(_directory["store", "7.tmp"], new byte[100]);
        File.WriteAllText(_directory["store", "README"], "not ours");

        Open().Statistics.Segments.Should().Be(1);

        Directory.EnumerateFiles(_directory["store"], "*.tmp").Should().BeEmpty();
    }

    [Fact]
    public async Task Within_the_budget_those_read_least_recently_go_first()
    {
        var store = Open(3 * CostBytes);
        for (var n = 0; n < 3; n++)
        {
            store.Keep(TestSegments.NameOf(n), TestSegments.ContentOf(n, Length));
        }

        await ReadAsync(store, 0, Length);
        store.Keep(TestSegments.NameOf(3), TestSegments.ContentOf(3, Length)).Should().BeTrue();

        store.Contains(TestSegments.NameOf(1)).Should().BeFalse();
        File.Exists(FileOf(1)).Should().BeFalse();
        (await ReadAsync(store, 0, Length)).Should().Be(StoreRead.Read);
        store.Statistics.Should().BeEquivalentTo(new { UsedBytes = 3L * CostBytes, Segments = 3, Evictions = 1L });

        store.Keep(TestSegments.NameOf(4), new byte[4 * CostBytes]).Should().BeFalse("it would never fit");
        store.Statistics.Segments.Should().Be(3);
        Open(CostBytes).Statistics.Segments.Should().Be(1, "a smaller budget holds from the opening on");
    }

    [Fact]
    public async Task The_budget_holds_while_many_write_and_read_at_once()
    {
        var store = Open(8 * CostBytes);
        await Parallel.ForAsync(0, 400, async (i, _) =>
        {
            var n = i % 20;
            store.Keep(TestSegments.NameOf(n), TestSegments.ContentOf(n, Length));
            store.Statistics.UsedBytes.Should().BeLessThanOrEqualTo(8 * CostBytes);
            (await ReadAsync(store, (n + 5) % 20, Length)).Should().NotBe(StoreRead.Damaged);
        });

        var onDisk = Directory.EnumerateFiles(_directory["store"], "*", SearchOption.AllDirectories).Count();
        store.Statistics.Should().BeEquivalentTo(new { Segments = onDisk, UsedBytes = (long)onDisk * CostBytes });
    }

    [Fact]
    public void All_but_what_is_wanted_is_deleted()
    {
        var store = Open();
        for (var n = 0; n < 6; n++)
        {
            store.Keep(TestSegments.NameOf(n), TestSegments.ContentOf(n, Length));
        }

        store.RetainOnly(new HashSet<Digest> { TestSegments.NameOf(2), TestSegments.NameOf(9) }).Should().Be(5);

        store.Contains(TestSegments.NameOf(2)).Should().BeTrue();
        Open().Statistics.Segments.Should().Be(1);
    }

    private const int StoreHeaderBytes = 84;

    private static async Task<StoreRead> ReadAsync(ReplicaStore store, int n, int length)
    {
        var bytes = new byte[length];
        var read = await store.ReadAsync(TestSegments.NameOf(n), bytes);
        if (read == StoreRead.Read)
        {
            bytes.AsSpan().SequenceEqual(TestSegments.ContentOf(n, length)).Should().BeTrue();
        }

        return read;
    }

    private ReplicaStore Open(long budgetBytes = 1 << 30) => ReplicaStore.Open(
        new ReplicaStoreOptions { Directory = _directory["store"], BudgetBytes = budgetBytes });

    private string FileOf(int n)
    {
        var hex = TestSegments.NameOf(n).ToString();
        return _directory["store", hex[..2], hex[2..4], $"{hex}.segment"];
    }
}
