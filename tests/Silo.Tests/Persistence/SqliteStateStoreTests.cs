using SnapshotGrains.Silo.Persistence;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Persistence;

/// <summary>Shows that states are durable, and that a writer who read an older version is refused.</summary>
public sealed class SqliteStateStoreTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string File => Path.Combine(_directory.Path, "state.sqlite");

    [Fact]
    public async Task A_state_is_read_back_after_a_restart()
    {
        await using (var store = SqliteStateStore.Open(File))
        {
            (await store.WriteAsync("a", [1, 2, 3], 0)).Should().Be(1);
            (await store.WriteAsync("a", [4], 1)).Should().Be(2);
        }

        await using var again = SqliteStateStore.Open(File);
        var (value, version) = again.Read("a")!.Value;
        value.Should().Equal(4);
        version.Should().Be(2);
        again.Read("b").Should().BeNull();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_stale_writer_is_refused(long expected)
    {
        await using var store = SqliteStateStore.Open(File);
        await store.WriteAsync("a", [1], 0);

        (await store.WriteAsync("a", [9], expected)).Should().BeNull();
        (await store.WriteAsync("a", null, expected)).Should().BeNull();

        store.Read("a")!.Value.Value.Should().Equal(1);
    }

    [Fact]
    public async Task A_deleted_state_is_gone_and_can_be_written_anew()
    {
        await using var store = SqliteStateStore.Open(File);
        await store.WriteAsync("a", [1], 0);

        (await store.WriteAsync("a", null, 1)).Should().Be(0);
        store.Read("a").Should().BeNull();
        (await store.WriteAsync("a", [2], 0)).Should().Be(1);
    }

    [Fact]
    public async Task Of_concurrent_writers_of_one_version_exactly_one_wins()
    {
        await using var store = SqliteStateStore.Open(File);

        var results = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => store.WriteAsync("a", [(byte)i], 0)));

        results.Count(version => version is not null).Should().Be(1);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused()
    {
        System.IO.File.WriteAllText(File, new string('x', 5000));

        FluentActions.Invoking(() => SqliteStateStore.Open(File))
            .Should().Throw<Microsoft.Data.Sqlite.SqliteException>();
    }

    public void Dispose() => _directory.Dispose();
}
