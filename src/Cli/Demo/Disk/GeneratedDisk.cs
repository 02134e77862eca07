namespace SnapshotGrains.Cli.Demo;

/// <summary>
/// Writes a disk image that looks like a real one: partition table, runs of zeros (about 36 %), text, binaries. The
/// same seed gives the same bytes.
/// </summary>
/// <param name="sizeBytes">Its size, a multiple of 512 and at least <see cref="MinSizeBytes"/>.</param>
/// <param name="seed">Its seed.</param>
internal sealed class GeneratedDisk(long sizeBytes, ulong seed)
{
    /// <summary>The smallest disk: what is smaller has too few segments to show anything.</summary>
    public const long MinSizeBytes = 64L << 20;

    private const int ZeroPercent = 36;
    private const int TextPercent = 38;
    private const int PieceBytes = 1 << 20;
    private const int ExtentUnitBytes = 64 << 10;

    private readonly SeededBytes _random = new(seed);
    private readonly TextPool _text = new(seed);
    private readonly byte[] _piece = new byte[PieceBytes];

    private enum Content
    {
        Zero,
        Text,
        Binary,
    }

    /// <summary>Writes it; zero runs stay holes.</summary>
    /// <param name="path">The new file.</param>
    /// <param name="written">Told how far it is, in bytes.</param>
    /// <param name="cancellationToken">Gives up; the file is then incomplete.</param>
    public async Task WriteAsync(string path, Action<long> written, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        RandomAccess.SetLength(file, sizeBytes);
        var table = new PartitionTable(sizeBytes / PartitionTable.SectorBytes, _random).Build();
        await RandomAccess.WriteAsync(file, table.Primary, 0, cancellationToken);
        var end = sizeBytes - table.Backup.Length;
        await RandomAccess.WriteAsync(file, table.Backup, end, cancellationToken);

        for (var at = PartitionTable.FirstPartition * PartitionTable.SectorBytes; at < end;)
        {
            var length = (int)Math.Min(NextExtentBytes(), end - at);
            var content = NextContent();
            for (var done = 0; done < length && content != Content.Zero; done += PieceBytes)
            {
                var piece = _piece.AsMemory(0, Math.Min(PieceBytes, length - done));
                Fill(content, piece.Span, at + done);
                await RandomAccess.WriteAsync(file, piece, at + done, cancellationToken);
            }

            at += length;
            written(at);
        }
    }

    /// <summary>From 64 KiB to 8 MiB; small ones are as many as large ones.</summary>
    private int NextExtentBytes()
    {
        var unit = ExtentUnitBytes << (int)_random.Below(8);
        return unit / 2 + (int)_random.Below(unit / 2 / 4096 + 1) * 4096;
    }

    private Content NextContent() => _random.Below(100) switch
    {
        < ZeroPercent => Content.Zero,
        < ZeroPercent + TextPercent => Content.Text,
        _ => Content.Binary,
    };

    private void Fill(Content content, Span<byte> piece, long offset)
    {
        if (content == Content.Text)
        {
            _text.Fill(piece, offset);
        }
        else
        {
            _random.Fill(piece);
        }
    }
}
