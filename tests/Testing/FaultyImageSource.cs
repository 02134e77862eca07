using SnapshotGrains.Images;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Testing;

/// <summary>
/// An image source that misbehaves, by its seed: a share of the range reads suffers one of the chosen faults, and
/// outages can be switched on. Thread-safe; the same seed and order of requests give the same faults.
/// </summary>
public sealed class FaultyImageSource(IImageSource inner, int seed) : IImageSource
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);
    private readonly Dictionary<FaultyKind, long> _counts = [];

    /// <summary>The seed, to be printed when a test fails.</summary>
    public int Seed => seed;

    /// <summary>Share of the range reads that suffer a fault, 0 to 1. Default 1.</summary>
    public double Probability { get; set; } = 1;

    /// <summary>Faults to choose from; none at the start.</summary>
    public IReadOnlyList<FaultyKind> Kinds { get; set; } = [];

    /// <summary>Decides for a read instead of chance; null leaves it to chance.</summary>
    public Func<PackId, long, FaultyKind>? Choose { get; set; }

    /// <summary>Everything fails as unavailable.</summary>
    public bool IsDown { get; set; }

    /// <summary>How long a delayed read takes. Default 10 ms.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The clock of delays.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>How often each fault has happened, <see cref="FaultyKind.None"/> included.</summary>
    public IReadOnlyDictionary<FaultyKind, long> Counts
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<FaultyKind, long>(_counts);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<Manifest> GetManifestAsync(string name, string snap, CancellationToken cancellationToken)
    {
        CheckUp();
        return inner.GetManifestAsync(name, snap, cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ImageSummary> ListAsync(CancellationToken cancellationToken)
    {
        CheckUp();
        return inner.ListAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask ReadAsync(
        PackId pack, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        CheckUp();
        var (kind, number) = Draw(pack, offset);
        switch (kind)
        {
            case FaultyKind.Error:
                throw new ImageCenterException(ImageErrorCode.Unavailable, $"Injected error (seed {seed}).");
            case FaultyKind.Hang:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider, cancellationToken).ConfigureAwait(false);
                return;
            case FaultyKind.Delay:
                await Task.Delay(Delay, TimeProvider, cancellationToken).ConfigureAwait(false);
                break;
        }

        await inner.ReadAsync(pack, offset, destination, cancellationToken).ConfigureAwait(false);
        Spoil(kind, number, pack, offset, destination.Span);
    }

    /// <summary>As above; the digest is that of the bytes as they are spoiled.</summary>
    public async ValueTask<Digest?> ReadAsync(
        PackId pack, long offset, Memory<byte> destination, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        await ReadAsync(pack, offset, destination, cancellationToken).ConfigureAwait(false);
        return Digest.Compute(destination.Span);
    }

    /// <inheritdoc/>
    public void Forget(PackId pack) => inner.Forget(pack);

    private static void Invert(Span<byte> bytes)
    {
        foreach (ref var octet in bytes)
        {
            octet = (byte)~octet;
        }
    }

    private (FaultyKind Kind, int Number) Draw(PackId pack, long offset)
    {
        lock (_gate)
        {
            var kind = Choose is not null ? Choose(pack, offset)
                : Kinds.Count > 0 && _random.NextDouble() < Probability ? Kinds[_random.Next(Kinds.Count)]
                : FaultyKind.None;
            _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
            return (kind, _random.Next());
        }
    }

    private void Spoil(FaultyKind kind, int number, PackId pack, long offset, Span<byte> bytes)
    {
        var half = bytes[(bytes.Length / 2)..];
        switch (kind)
        {
            case FaultyKind.FlippedBit:
                bytes[number % bytes.Length] ^= (byte)(1 << (number % 8));
                break;
            case FaultyKind.Short:
                half.Fill(0xEE);
                throw new ImageCenterException(
                    ImageErrorCode.Truncated, $"Injected short read of pack {pack} at {offset} (seed {seed}).");
            case FaultyKind.ShortUnnoticed:
                Invert(half);
                break;
            case FaultyKind.Long:
                // Rotated by one and then made to differ even where all bytes are alike.
                bytes[..^1].CopyTo(bytes[1..]);
                bytes[0] = (byte)~bytes[0];
                break;
            case FaultyKind.Swapped:
                bytes.Reverse();
                bytes[0] = (byte)~bytes[0];
                break;
            case FaultyKind.ChangedMidway:
                new Random(number).NextBytes(half);
                break;
            case FaultyKind.Zeros:
                bytes.Clear();
                break;
        }
    }

    private void CheckUp()
    {
        if (IsDown)
        {
            throw new ImageCenterException(ImageErrorCode.Unavailable, $"Injected outage (seed {seed}).");
        }
    }
}
