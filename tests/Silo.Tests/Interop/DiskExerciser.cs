using SnapshotGrains.Nbd;

namespace SnapshotGrains.Silo.Tests.Interop;

/// <summary>
/// Does to a disk over NBD, by its seed, what guests do, with offsets and lengths that are aligned to nothing, and the
/// same to a model. In the manner of fsx.
/// </summary>
internal sealed class DiskExerciser(NbdClient[] clients, DiskModel model, int seed)
{
    private const int MaxLength = 192 << 10;

    private readonly Random _random = new(seed);
    private readonly Queue<string> _last = new();

    private NbdClient Client => clients[_random.Next(clients.Length)];

    /// <summary>What was done last, for a message.</summary>
    private string Trail => $"seed {seed}, the last operations: {string.Join("; ", _last)}";

    /// <summary>Writes, trims and zeroes.</summary>
    public async Task ChangeAsync(int operations)
    {
        for (var i = 0; i < operations; i++)
        {
            await ChangeAsync();
        }
    }

    /// <summary>Everything, reads checked as they come.</summary>
    public async Task ExerciseAsync(int operations)
    {
        for (var i = 0; i < operations; i++)
        {
            await (_random.Next(20) switch
            {
                < 8 => ChangeAsync(),
                < 15 => ReadAsync(),
                < 17 => CheckStatusAsync(),
                < 18 => CacheAsync(),
                _ => FlushAsync(),
            });
        }
    }

    /// <summary>Compares the whole disk.</summary>
    public async Task CheckAllAsync()
    {
        for (var offset = 0; offset < model.SizeBytes; offset += 1 << 20)
        {
            await ReadAsync(offset, Math.Min(1 << 20, model.SizeBytes - offset));
        }
    }

    private Task ChangeAsync() => _random.Next(10) switch
    {
        < 6 => WriteAsync(),
        < 8 => TrimAsync(),
        _ => ZeroAsync(),
    };

    private async Task WriteAsync()
    {
        var (offset, length) = Range();
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        var fua = Note($"write {offset}+{length}", _random.Next(8) == 0);
        await Client.WriteAsync(offset, bytes, fua);
        model.Write(offset, bytes);
    }

    private async Task TrimAsync()
    {
        var (offset, length) = Range();
        var fua = Note($"trim {offset}+{length}", _random.Next(8) == 0);
        await Client.TrimAsync(offset, (uint)length, fua);
        model.Trim(offset, length);
    }

    private async Task ZeroAsync()
    {
        var (offset, length) = Range();
        var flags = (NbdZeroFlags)_random.Next(8);
        Note($"zero {offset}+{length} {flags}", true);
        var error = await Client.WriteZeroesAsync(offset, (uint)length, flags).ErrorOfAsync();
        var isRefused = flags.HasFlag(NbdZeroFlags.NoHole | NbdZeroFlags.FastZero);
        error.Should().Be(isRefused ? NbdError.NotSupported : NbdError.None, Trail);
        if (!isRefused)
        {
            model.Zero(offset, length, mayBeHole: !flags.HasFlag(NbdZeroFlags.NoHole));
        }
    }

    private Task ReadAsync()
    {
        var (offset, length) = Range();
        return ReadAsync(offset, length);
    }

    private async Task ReadAsync(int offset, int length)
    {
        Note($"read {offset}+{length}", true);
        var read = await Client.ReadAsync(offset, length);
        var expected = model.Bytes.Slice(offset, length);
        var wrong = expected.CommonPrefixLength(read);
        wrong.Should().Be(length, "byte {0} is wrong; {1}", offset + wrong, Trail);
    }

    private async Task CheckStatusAsync()
    {
        var (offset, length) = Range();
        Note($"status {offset}+{length}", true);
        var at = offset;
        foreach (var extent in await Client.BlockStatusAsync(offset, (uint)length))
        {
            if (extent.Flags.HasFlag(NbdExtentFlags.Zero))
            {
                model.IsZero(at, extent.Length).Should().BeTrue("{0}+{1} is said to be zero; {2}", at, extent, Trail);
            }

            at += (int)extent.Length;
        }

        at.Should().BeGreaterThan(offset, Trail).And.BeLessThanOrEqualTo(offset + length, Trail);
    }

    private Task CacheAsync()
    {
        var (offset, length) = Range();
        Note($"cache {offset}+{length}", true);
        return Client.CacheAsync(offset, (uint)length);
    }

    private Task FlushAsync()
    {
        Note("flush", true);
        return Client.FlushAsync();
    }

    /// <summary>Small ones, large ones, and some that are aligned or end where the disk does.</summary>
    private (int Offset, int Length) Range()
    {
        var length = _random.Next(3) == 0 ? _random.Next(1, MaxLength) : _random.Next(1, 12 << 10);
        var offset = _random.Next(model.SizeBytes - length);
        return _random.Next(8) switch
        {
            0 => (model.SizeBytes - length, length),
            < 3 => Aligned(offset, length),
            _ => (offset, length),
        };
    }

    private (int Offset, int Length) Aligned(int offset, int length)
    {
        offset = offset / DiskModel.BlockBytes * DiskModel.BlockBytes;
        length = Math.Max(DiskModel.BlockBytes, length / DiskModel.BlockBytes * DiskModel.BlockBytes);
        return (offset, Math.Min(length, model.SizeBytes - offset));
    }

    private bool Note(string operation, bool answer)
    {
        _last.Enqueue(operation);
        if (_last.Count > 12)
        {
            _last.Dequeue();
        }

        return answer;
    }
}
