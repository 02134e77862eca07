namespace SnapshotGrains.Nbd.Tests;

/// <summary>Our client against our server.</summary>
public sealed class NbdClientTests : IAsyncLifetime
{
    private readonly TestServer _server = new();

    /// <summary>Reads, writes, zeroes, trims and flushes, with and without structured replies.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reads_what_was_written(bool structured)
    {
        await using var client = await NbdClient.ConnectAsync(
            _server.Uri("rw"), new NbdClientOptions { StructuredReplies = structured });
        var data = new byte[70_000];
        new Random(TestServer.Seed).NextBytes(data);

        await client.WriteAsync(12345, data, fua: true);
        await client.WriteZeroesAsync(12345, 10, NbdZeroFlags.NoHole);
        await client.TrimAsync(20_480, 4096);
        await client.CacheAsync(0, 4096);
        await client.FlushAsync();
        data.AsSpan(0, 10).Clear();
        data.AsSpan(20_480 - 12345, 4096).Clear();

        var read = new byte[data.Length];
        await client.ReadAsync(12345, read);
        read.Should().Equal(data);
        client.HasStructuredReplies.Should().Be(structured);
    }

    /// <summary>A thousand reads at once come back each with its own bytes.</summary>
    [Fact]
    public async Task Requests_are_in_flight_together()
    {
        await using var client = await NbdClient.ConnectAsync(_server.Uri("ro"));
        var reads = Enumerable.Range(0, 1000).Select(async i =>
        {
            var bytes = new byte[1000];
            await client.ReadAsync(i * 1000, bytes);
            return bytes.AsSpan().SequenceEqual(_server.Data.AsSpan(i * 1000, 1000));
        });

        (await Task.WhenAll(reads)).Should().OnlyContain(ok => ok);
    }

    /// <summary>The export's size, flags, block sizes and description arrive.</summary>
    [Fact]
    public async Task Learns_what_the_export_is()
    {
        await using var client = await NbdClient.ConnectAsync(_server.Uri(""));

        client.Info.Should().BeEquivalentTo(new MemoryExport(_server.Disk, "rw").Info);
        client.HasBlockStatus.Should().BeTrue();
    }

    /// <summary>Lists exports with descriptions.</summary>
    [Fact]
    public async Task Lists_exports()
    {
        var exports = await NbdClient.ListAsync(_server.Uri(""));

        exports.Select(e => e.Name).Should().Equal("", "broken", "denied", "ro", "rw");
        exports[^1].Description.Should().Be("read and write");
    }

    /// <summary>Block status of the whole disk, in as many questions as it takes.</summary>
    [Fact]
    public async Task Maps_holes()
    {
        await using var client = await NbdClient.ConnectAsync(_server.Uri("ro"));

        var extents = await client.BlockStatusAsync(0, TestServer.DiskBytes);

        extents.Should().Equal(
            new NbdExtent(TestServer.DataBytes, NbdExtentFlags.Data),
            new NbdExtent(
                TestServer.DiskBytes - TestServer.DataBytes, NbdExtentFlags.Hole | NbdExtentFlags.Zero));
    }

    /// <summary>The server's error and text come as an exception; the connection lives.</summary>
    [Fact]
    public async Task Errors_are_typed()
    {
        await using var client = await NbdClient.ConnectAsync(_server.Uri("ro"));

        var write = await client.Awaiting(c => c.WriteAsync(0, new byte[1])).Should().ThrowAsync<NbdException>();
        write.Which.Error.Should().Be(NbdError.NotPermitted);
        write.WithMessage("*read-only*");
        await client.ReadAsync(0, new byte[1]);
        var unknown = () => NbdClient.ConnectAsync(_server.Uri("nobody"));
        (await unknown.Should().ThrowAsync<NbdException>()).WithMessage("*ErrUnknown*nobody*");
    }

    /// <summary>When the server goes, waiting and later requests fail with an error that may be retried.</summary>
    [Fact]
    public async Task Lost_connection_is_an_error()
    {
        await using var client = await NbdClient.ConnectAsync(_server.Uri("ro"));
        await _server.Server.StopAsync();

        var lost = await client.Awaiting(c => c.ReadAsync(0, new byte[1])).Should().ThrowAsync<NbdException>();

        lost.Which.IsTransient.Should().BeTrue();
    }

    /// <summary>Cancelling a request that was not sent yet leaves the connection as it is.</summary>
    [Fact]
    public async Task Cancelled_before_sending_keeps_the_connection()
    {
        await using var client = await NbdClient.ConnectAsync(_server.Uri("ro"));
        var bytes = new byte[16];

        await client.Awaiting(c => c.ReadAsync(0, bytes, new CancellationToken(canceled: true)))
            .Should().ThrowAsync<OperationCanceledException>();

        await client.ReadAsync(0, bytes);
        bytes.Should().Equal(_server.Data[..16]);
    }

    /// <summary>A second reply breaks the connection and writes nothing into the caller's memory.</summary>
    [Fact]
    public async Task Second_reply_writes_nothing()
    {
        using var server = new TwiceServer();
        await using (var client = await NbdClient.ConnectAsync(
            NbdUri.For(server.Endpoint, ""), new NbdClientOptions { StructuredReplies = false }))
        {
            var bytes = new byte[TwiceServer.ReadBytes];
            await client.ReadAsync(0, bytes);
            var next = () => client.ReadAsync(0, new byte[TwiceServer.ReadBytes]).WaitAsync(TimeSpan.FromSeconds(10));
            var broken = (await next.Should().ThrowAsync<NbdException>()).Which;

            broken.InnerException.Should().BeOfType<NbdProtocolException>();
            bytes.Should().OnlyContain(b => b == 'a');
        }

        await server.Served;
    }

    /// <summary>
    /// A request that could not be sent breaks the connection at once. If it looked open for a moment longer, whoever
    /// would go to another server took the failure for this server's answer, and a guest had an I/O error of it.
    /// </summary>
    [Fact]
    public async Task A_send_that_fails_ends_the_connection_before_it_is_told()
    {
        using var server = new DeafServer();
        var client = await NbdClient.ConnectAsync(server.Uri, new NbdClientOptions { StructuredReplies = false });
        await server.Deaf;
        var wasOpen = true;

        var write = async () =>
        {
            try
            {
                await client.WriteAsync(0, new byte[4096]).WaitAsync(TimeSpan.FromSeconds(10));
            }
            catch (NbdException)
            {
                wasOpen = client.IsOpen;
                throw;
            }
        };

        await write.Should().ThrowAsync<NbdException>().WithMessage("Sending Write failed*");
        wasOpen.Should().BeFalse();
        await client.AbortAsync();
    }

    /// <summary>URIs are read and written; what is none is refused.</summary>
    [Theory]
    [InlineData("nbd://host/disk", "nbd://host:10809/disk")]
    [InlineData("nbd://[::1]:99/", "nbd://[::1]:99/")]
    [InlineData("nbds://host:1/a%40b", "nbds://host:1/a%40b")]
    [InlineData("nbd+unix:///disk?socket=/tmp/a%20b", "nbd+unix:///disk?socket=/tmp/a%20b")]
    [InlineData("nbds+unix:///?socket=/s", "nbds+unix:///?socket=/s")]
    [InlineData("http://host/", null)]
    [InlineData("nbd+unix:///disk", null)]
    [InlineData("disk", null)]
    public void Uris(string text, string? normal)
    {
        var parse = () => NbdUri.Parse(text).ToString();
        if (normal is null)
        {
            parse.Should().Throw<FormatException>();
        }
        else
        {
            parse().Should().Be(normal);
        }
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _server.DisposeAsync();
}
