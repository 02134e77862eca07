using System.Buffers.Binary;
using SnapshotGrains.Client;

namespace SnapshotGrains.Disks.Tests;

/// <summary>Shows who may attach a disk, what a take-over does to others, and what an attachment keeps others from.
/// </summary>
public sealed class AttachTests : IAsyncLifetime
{
    private const int Block = 4096;
    private DiskSilo _silo = null!;
    private DiskNode _node = null!;
    private SnapshotId _snapshot = null!;

    public async Task InitializeAsync()
    {
        _silo = await DiskSilo.StartAsync();
        _node = DiskNode.Start(_silo);
        _snapshot = await _silo.ImportAsync("img@1", TestContent.Segments(2));
        await _node.CloneAsync(_snapshot, "vm", HydrationMode.None);
    }

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        await _silo.DisposeAsync();
    }

    [Fact]
    public async Task One_holder_may_write_at_a_time_and_anybody_may_read()
    {
        await using var writer = await _node.AttachAsync("vm", holder: "a");
        await using var again = await _node.AttachAsync("vm", holder: "a");
        await using var reader = await _node.AttachAsync("vm", DiskAccess.ReadOnly, "b");
        await ShouldFailAsync(async () => await _node.AttachAsync("vm", holder: "b"), ErrorCode.InUse, "'a'");

        await again.WriteAsync(7, new byte[] { 1, 2, 3 });
        var bytes = new byte[3];
        await reader.ReadAsync(7, bytes);
        bytes.Should().Equal(1, 2, 3);
        await ShouldFailAsync(async () => await reader.WriteAsync(0, bytes), ErrorCode.BadRequest, "reading only");
        await ShouldFailAsync(async () => await reader.TrimAsync(0, Block), ErrorCode.BadRequest, "reading only");

        await writer.DisposeAsync();
        await ShouldFailAsync(async () => await _node.AttachAsync("vm", holder: "b"), ErrorCode.InUse, "'a'");
        await again.DisposeAsync();
        await (await _node.AttachAsync("vm", holder: "b")).DisposeAsync();
    }

    [Fact]
    public async Task A_take_over_fences_all_requests_of_who_had_it()
    {
        var old = await _node.AttachAsync("vm", holder: "old");
        var reader = await _node.AttachAsync("vm", DiskAccess.ReadOnly, "reader");
        await old.WriteAsync(0, new byte[] { 1 });

        await using var now = await _node.AttachAsync("vm", DiskAccess.TakeOver, "new");
        await now.WriteAsync(1, new byte[] { 2 });

        Func<Task>[] requests =
        [
            async () => await old.WriteAsync(0, new byte[1]),
            async () => await old.WriteAsync(0, new byte[1], isDurable: true),
            async () => await old.WriteZeroesAsync(0, 1),
            async () => await old.TrimAsync(0, Block),
            async () => await old.FlushAsync(),
            async () => await old.ReadAsync(0, new byte[1]),
            async () => await old.GetExtentsAsync(0, Block, 1),
            async () => await reader.ReadAsync(0, new byte[1]),
        ];
        foreach (var request in requests)
        {
            await ShouldFailAsync(request, ErrorCode.Fenced, "vm");
        }

        var bytes = new byte[2];
        await now.ReadAsync(0, bytes);
        bytes.Should().Equal(1, 2);
        await old.DisposeAsync();
        await reader.DisposeAsync();
        await now.WriteAsync(0, new byte[1]);
    }

    /// <summary>The overlay was closed for it, and could not be opened anew: the next one does.</summary>
    [Fact]
    public async Task A_take_over_that_finds_no_room_leaves_the_disk_of_use()
    {
        var old = await _node.AttachAsync("vm", holder: "old");
        await old.WriteAsync(0, new byte[] { 1 });
        await old.FlushAsync();
        await old.WriteAsync(Block, new byte[] { 2 });
        _node.Files.QuotaBytes = 0;
        await ShouldFailAsync(
            async () => await _node.AttachAsync("vm", DiskAccess.TakeOver, "new"), ErrorCode.NoSpace, "vm");
        await ShouldFailAsync(async () => await old.FlushAsync(), ErrorCode.Fenced, "vm");

        _node.Files.QuotaBytes = long.MaxValue;

        await using var next = await _node.AttachAsync("vm", holder: "next");
        await next.WriteAsync(Block, new byte[] { 3 });
        await next.FlushAsync();
        var bytes = new byte[1];
        await next.ReadAsync(0, bytes);
        bytes.Should().Equal(1);
        await old.DisposeAsync();
    }

    /// <summary>
    /// Of what is stored a holder has one connection for writing. When he makes another, the one before has broken, and
    /// what it still has under way would lie over what comes now.
    /// </summary>
    [Fact]
    public async Task Who_attaches_what_is_stored_anew_fences_his_connection_before()
    {
        var stored = new DiskExportName("vm", DiskAccess.ReadWrite, "host", DiskForm.Stored);
        var before = await _node.Home.AttachAsync(stored, default);
        await before.WriteAsync(0, new byte[] { 1 });

        await using var now = await _node.Home.AttachAsync(stored, default);

        await ShouldFailAsync(async () => await before.WriteAsync(0, new byte[] { 2 }), ErrorCode.Fenced, "vm");
        before.Gone.IsCancellationRequested.Should().BeTrue();
        await now.WriteAsync(1, new byte[] { 3 });
        var bytes = new byte[2];
        await now.ReadAsync(0, bytes);
        bytes.Should().Equal(1, 3);
        await before.DisposeAsync();
    }

    /// <summary>Connections that name no holder may be several of one client: none breaks another.</summary>
    [Fact]
    public async Task Who_names_no_holder_fences_nobody_by_attaching_what_is_stored()
    {
        var stored = new DiskExportName(
            "vm", DiskAccess.ReadWrite, DiskExportName.SharedHolder, DiskForm.Stored);
        await using var first = await _node.Home.AttachAsync(stored, default);

        await ShouldFailAsync(async () => await _node.Home.AttachAsync(stored, default), ErrorCode.InUse, "'nbd'");

        await first.WriteAsync(0, new byte[] { 1 });
    }

    /// <summary>
    /// Owners count in one block while others take the disk over: no count that was acknowledged is lost (27). Of a
    /// durable write that was refused nobody knows whether it was made.
    /// </summary>
    [Fact]
    public async Task No_update_is_lost_by_take_overs_amid_writes()
    {
        const int Owners = 300;
        await using (var first = await _node.AttachAsync("vm", holder: "first"))
        {
            await first.WriteAsync(0, new byte[Block]);
        }

        var counts = new List<Task<(long Acknowledged, int Unknown)>>();
        for (var owner = 0; owner < Owners; owner++)
        {
            var handle = await _node.AttachAsync("vm", DiskAccess.TakeOver, $"owner-{owner}");
            var isDurable = owner % 7 == 0;
            counts.Add(Task.Run(() => CountAsync(handle, isDurable)));
            await Task.Yield();
        }

        await using (await _node.AttachAsync("vm", DiskAccess.TakeOver, "last"))
        {
            var all = await Task.WhenAll(counts);
            var acknowledged = all.Sum(count => count.Acknowledged);
            var bytes = new byte[8];
            await using var reader = await _node.AttachAsync("vm", DiskAccess.ReadOnly, "reader");
            await reader.ReadAsync(0, bytes);
            BinaryPrimitives.ReadInt64LittleEndian(bytes).Should().BeInRange(
                acknowledged, acknowledged + all.Sum(count => count.Unknown));
            acknowledged.Should().BeGreaterThan(Owners);
        }
    }

    /// <summary>Whoever looks, clones or hydrates while a guest attaches must not fence it.</summary>
    [Fact]
    public async Task Nobody_is_fenced_by_chance()
    {
        for (var round = 0; round < 100; round++)
        {
            var name = $"vm-{round}";
            await _node.CloneAsync(_snapshot, name, HydrationMode.Background);
            var looks = Enumerable.Range(0, 4).Select(_ => Task.Run(() => _node.ProgressAsync(name))).ToArray();
            var guests = await Task.WhenAll(Enumerable.Range(0, 4).Select(
                _ => Task.Run(async () => await _node.AttachAsync(name))));
            await Task.WhenAll(looks);
            foreach (var guest in guests)
            {
                await guest.WriteAsync(0, new byte[Block]);
                await guest.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task An_attached_disk_is_neither_deleted_nor_resized()
    {
        await using (await _node.AttachAsync("vm", DiskAccess.ReadOnly))
        {
            await ShouldFailAsync(() => _silo.Control.DeleteDiskAsync("vm", default), ErrorCode.InUse, "detach");
            await ShouldFailAsync(
                () => _silo.Control.ResizeDiskAsync("vm", 1 << 20, default), ErrorCode.InUse, "detach");
        }

        await _silo.Control.ResizeDiskAsync("vm", 1 << 20, default);
        await using (var larger = await _node.AttachAsync("vm", DiskAccess.ReadOnly))
        {
            larger.SizeBytes.Should().Be(1 << 20);
        }

        await _silo.Control.DeleteDiskAsync("vm", default);
        _node.Files.Names.Should().BeEmpty();
    }

    [Fact]
    public async Task Overlays_stay_open_for_a_while_but_not_more_than_64()
    {
        var names = Enumerable.Range(0, 100).Select(i => $"vm-{i}").ToArray();
        var disks = await _silo.Control.CloneAsync(_snapshot, names, HydrationMode.None, default);
        await using var kept = await _node.AttachAsync(names[0]);
        foreach (var name in names[1..])
        {
            await using var guest = await _node.AttachAsync(name);
            await guest.WriteAsync(0, new byte[Block]);
            _node.Time.Advance(TimeSpan.FromSeconds(1));
        }

        disks.Count(disk => _node.Home.HoldsLease(disk.Id, long.MaxValue)).Should().Be(65);
        _node.Home.HoldsLease(disks[0].Id, long.MaxValue).Should().BeTrue("it is attached");
        _node.Home.HoldsLease(disks[99].Id, long.MaxValue).Should().BeTrue("it was used last");
        _node.Home.HoldsLease(disks[1].Id, long.MaxValue).Should().BeFalse("it was used longest ago");
        (await _node.ReadAllAsync(names[1])).AsSpan(0, Block).ContainsAnyExcept((byte)0).Should().BeFalse();
    }

    private static async Task<(long Acknowledged, int Unknown)> CountAsync(VirtualDisk disk, bool isDurable)
    {
        long acknowledged = 0;
        var bytes = new byte[8];
        try
        {
            while (true)
            {
                await disk.ReadAsync(0, bytes);
                BinaryPrimitives.WriteInt64LittleEndian(bytes, BinaryPrimitives.ReadInt64LittleEndian(bytes) + 1);
                await disk.WriteAsync(0, bytes, isDurable);
                acknowledged++;
            }
        }
        catch (SnapshotGrainsException error) when (error.Code == ErrorCode.Fenced)
        {
            await disk.DisposeAsync();
            return (acknowledged, isDurable ? 1 : 0);
        }
    }

    private static async Task ShouldFailAsync(Func<Task> act, ErrorCode code, string says)
    {
        var failure = await act.Should().ThrowAsync<SnapshotGrainsException>();
        failure.Which.Code.Should().Be(code);
        failure.Which.Message.Should().Contain(says);
    }
}
