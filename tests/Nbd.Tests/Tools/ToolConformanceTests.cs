using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Nbd.Tests;

/// <summary>Other people's clients accept the server: libnbd (nbdinfo, nbdcopy, nbdsh), QEMU and fio.</summary>
public sealed class ToolConformanceTests : IAsyncLifetime
{
    private readonly TempDirectory _folder = new();
    private TestServer _server = null!;

    private EndPoint Unix => _server.Server.Endpoints[1];

    /// <summary>Test catalogue 2: what nbdinfo says about a writable and a read-only export.</summary>
    [RequiresToolTheory("nbdinfo")]
    [InlineData("rw", false)]
    [InlineData("ro", true)]
    public async Task Nbdinfo_sees_flags_and_sizes(string export, bool isReadOnly)
    {
        var result = await Tools.RunAsync("nbdinfo", "--json", _server.Uri(export).ToString());
        using var json = JsonDocument.Parse(result.ShouldSucceed().Output);
        var root = json.RootElement;
        var info = root.GetProperty("exports")[0];

        root.GetProperty("protocol").GetString().Should().Be("newstyle-fixed");
        root.GetProperty("structured").GetBoolean().Should().BeTrue();
        info.GetProperty("contexts").EnumerateArray().Select(c => c.GetString()).Should().Equal("base:allocation");
        info.GetProperty("export-size").GetInt64().Should().Be(TestServer.DiskBytes);
        info.GetProperty("is_read_only").GetBoolean().Should().Be(isReadOnly);
        foreach (var always in new[] { "can_flush", "can_cache", "can_df", "can_multi_conn" })
        {
            info.GetProperty(always).GetBoolean().Should().BeTrue(always);
        }

        foreach (var writing in new[] { "can_fua", "can_trim", "can_zero", "can_fast_zero" })
        {
            info.GetProperty(writing).GetBoolean().Should().Be(!isReadOnly, writing);
        }

        info.GetProperty("block_size_minimum").GetInt32().Should().Be(1);
        info.GetProperty("block_size_preferred").GetInt32().Should().BeGreaterThanOrEqualTo(4096);
        info.GetProperty("block_size_maximum").GetInt32().Should().Be(32 * 1024 * 1024);
    }

    /// <summary>nbdinfo lists the exports and maps holes as holes.</summary>
    [RequiresToolFact("nbdinfo")]
    public async Task Nbdinfo_lists_and_maps()
    {
        var list = await Tools.RunAsync("nbdinfo", "--list", "--json", UnixUri("ro"));
        // The exports "denied" and "broken" cannot be opened, which nbdinfo takes for a failure of its own.
        list.Output.Should().Contain("\"export-name\": \"rw\"").And.Contain("\"export-name\": \"ro\"");
        var map = await Tools.RunAsync("nbdinfo", "--map", "--json", UnixUri("ro"));
        using var json = JsonDocument.Parse(map.ShouldSucceed().Output);

        json.RootElement.EnumerateArray()
            .Select(e => (e.GetProperty("offset").GetInt64(), e.GetProperty("type").GetInt32()))
            .Should().Equal((0, 0), (TestServer.DataBytes, 3));
    }

    /// <summary>nbdcopy with four connections copies out and in, and qemu-img finds both the same.</summary>
    [RequiresToolFact("nbdcopy", "qemu-img")]
    public async Task Nbdcopy_and_qemu_img_agree()
    {
        var image = Path.Combine(_folder.Path, "image.raw");
        (await Tools.RunAsync("nbdcopy", "--connections=4", UnixUri("ro"), image)).ShouldSucceed();
        var bytes = await File.ReadAllBytesAsync(image);
        bytes.AsSpan(0, TestServer.DataBytes).SequenceEqual(_server.Data).Should().BeTrue();
        bytes.Should().HaveCount(TestServer.DiskBytes);
        new Random(TestServer.Seed + 1).NextBytes(bytes.AsSpan(10_000_000, 3_000_001));
        await File.WriteAllBytesAsync(image, bytes);

        (await Tools.RunAsync("nbdcopy", "--connections=4", image, UnixUri("rw"))).ShouldSucceed();

        var compare = await Tools.RunAsync(
            "qemu-img", "compare", "-f", "raw", "-F", "raw", image, _server.Uri("ro").ToString());
        compare.ShouldSucceed().Output.Should().Contain("identical");
        var written = new byte[TestServer.DiskBytes];
        _server.Disk.Read(0, written);
        written.AsSpan().SequenceEqual(bytes).Should().BeTrue();
    }

    /// <summary>qemu-io writes, reads back by pattern, discards, zeroes and flushes.</summary>
    [RequiresToolFact("qemu-io")]
    public async Task Qemu_io_reads_what_it_wrote()
    {
        var result = await Tools.RunAsync(
            "qemu-io", "-f", "raw", "-c", "write -P 7 4096 8192", "-c", "read -P 7 4096 8192",
            "-c", "write -f -P 9 0 1k", "-c", "read -P 9 0 1k", "-c", "write -z 65536 131072",
            "-c", "read -P 0 65536 131072", "-c", "write -z -u 0 64k", "-c", "read -P 0 0 64k",
            "-c", "discard 1M 4M", "-c", "flush", UnixUri("rw"));

        result.ShouldSucceed().Output.Should().NotContain("verification failed").And.NotContain("error");
    }

    /// <summary>fio writes at random over four connections and verifies every block.</summary>
    [RequiresToolFact("fio")]
    public async Task Fio_verifies_what_it_wrote()
    {
        var result = await Tools.RunAsync(
            "fio", "--name=verify", "--thread", "--ioengine=nbd", $"--uri={UnixUri("rw")}", "--rw=randwrite",
            "--bs=4k", "--iodepth=32", "--size=16m", "--numjobs=4", "--offset_increment=16m", "--verify=crc32c",
            "--verify_fatal=1", "--group_reporting", $"--aux-path={_folder.Path}");

        result.ShouldSucceed().Output.Should().Contain("err= 0");
        _server.Server.GetStatistics().FailedRequests.Should().Be(0);
    }

    /// <summary>
    /// nbdsh drives libnbd's strictest checks: DF, REQ_ONE, FAST_ZERO, FUA, and many requests at once.
    /// </summary>
    [RequiresToolFact(Tools.Nbdsh)]
    public async Task Nbdsh_script_passes()
    {
        var result = await Tools.RunNbdshAsync(NbdshScript, UnixUri("rw"), UnixUri("ro"));

        result.ShouldSucceed().Output.Trim().Should().EndWith("done");
    }

    public Task InitializeAsync()
    {
        var path = Path.Combine(_folder.Path, "nbd.sock");
        _server = new TestServer(o => o with { Endpoints = [.. o.Endpoints, new UnixDomainSocketEndPoint(path)] });
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private string UnixUri(string export) => NbdUri.For(Unix, export).ToString();

    private const string NbdshScript = """
        import errno, nbd, os, sys

        def connect(uri, contexts=True, structured=True):
            h = nbd.NBD()
            h.set_request_structured_replies(structured)
            if contexts:
                h.add_meta_context(nbd.CONTEXT_BASE_ALLOCATION)
            h.set_strict_mode(0)
            h.connect_uri(uri)
            return h

        def fails(code, call, *args):
            try:
                call(*args)
            except nbd.Error as e:
                assert e.errnum == code, (call, args, e)
                return
            raise AssertionError(("should fail", call, args))

        rw, ro = connect(sys.argv[1]), connect(sys.argv[2])
        size = rw.get_size()
        assert rw.get_structured_replies_negotiated() and rw.can_meta_context(nbd.CONTEXT_BASE_ALLOCATION)
        data = os.urandom(100000)
        rw.pwrite(data, 123, nbd.CMD_FLAG_FUA)
        assert rw.pread(100000, 123) == data == ro.pread(100000, 123, nbd.CMD_FLAG_DF)
        chunks = []
        rw.pread_structured(65536, 1024 * 1024 - 4096, lambda b, o, s, e: chunks.append((o, len(b), s)))
        assert [c[2] for c in chunks] == [nbd.READ_DATA, nbd.READ_HOLE], chunks
        rw.zero(5000, 200, nbd.CMD_FLAG_NO_HOLE)
        rw.zero(8192, 8192, nbd.CMD_FLAG_FAST_ZERO)
        assert rw.pread(5000, 200) == bytes(5000)
        rw.trim(4096, 65536)
        rw.cache(65536, 0)
        rw.flush()
        found = []
        rw.block_status(4096, 1024 * 1024 - 2048, lambda c, o, e, err: found.extend(e), nbd.CMD_FLAG_REQ_ONE)
        assert found == [2048, 0], found
        fails(errno.EINVAL, rw.pread, 2, size - 1)
        fails(errno.ENOSPC, rw.pwrite, b"12", size - 1)
        fails(errno.ENOSPC, rw.zero, 2, size - 1)
        fails(errno.EINVAL, rw.trim, 2, size - 1)
        fails(errno.EPERM, ro.pwrite, b"1", 0)
        fails(errno.EPERM, ro.zero, 512, 0)
        fails(errno.EPERM, ro.trim, 512, 0)
        fails(errno.EINVAL, rw.pread, 0, 0)
        fails(errno.EINVAL, rw.flush, 1 << 5)
        plain = connect(sys.argv[2], contexts=False, structured=False)
        fails(errno.EINVAL, plain.block_status, 512, 0, lambda *a: 0)
        assert plain.pread(1000, 123) == ro.pread(1000, 123)

        buffers, pending = [], 0
        for i in range(500):
            b = nbd.Buffer(4096)
            buffers.append((b, rw.aio_pread(b, i * 1000)))
        while rw.aio_in_flight() > 0:
            rw.poll(-1)
        for i, (b, cookie) in enumerate(buffers):
            assert rw.aio_command_completed(cookie)
            assert b.to_bytearray() == ro.pread(4096, i * 1000), i
        for h in (rw, ro, plain):
            h.shutdown()
        print("done")
        """;
}
