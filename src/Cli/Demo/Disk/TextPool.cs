using System.Text;

namespace SnapshotGrains.Cli.Demo;

/// <summary>Text as logs, sources and configuration files have it: words that repeat, so that it compresses.</summary>
internal sealed class TextPool
{
    private const int PoolBytes = 1 << 20;
    private const int PageBytes = 4096;
    private const string Words =
        "the of and to in is for on that with as this be are from at or an error warning info debug kernel service "
        + "started stopped config network eth0 address 10.0.0.1 package install version depends library usr bin etc "
        + "systemd unit target mount device sda1 ext4 return static const int void struct include define null true";

    private readonly byte[] _pool = new byte[PoolBytes];
    private readonly SeededBytes _random;
    private readonly ulong _seed;

    /// <summary>The text of <paramref name="seed"/>.</summary>
    public TextPool(ulong seed)
    {
        _seed = seed;
        _random = new SeededBytes(seed);
        var words = Words.Split(' ').Select(Encoding.ASCII.GetBytes).ToArray();
        for (var at = 0; at < PoolBytes;)
        {
            var word = words[_random.Below(words.Length)].AsSpan();
            word = word[..Math.Min(word.Length, PoolBytes - at)];
            word.CopyTo(_pool.AsSpan(at));
            at += word.Length;
            if (at < PoolBytes)
            {
                _pool[at++] = (byte)(_random.Chance(10) ? '\n' : ' ');
            }
        }
    }

    /// <summary>Fills with text whose pages all differ: each starts with its place on the disk.</summary>
    /// <param name="destination">What to fill.</param>
    /// <param name="offset">Where on the disk that is.</param>
    public void Fill(Span<byte> destination, long offset)
    {
        for (var at = 0; at < destination.Length; at += PageBytes)
        {
            var page = destination[at..Math.Min(at + PageBytes, destination.Length)];
            _pool.AsSpan((int)_random.Below(PoolBytes - PageBytes), page.Length).CopyTo(page);
            Encoding.ASCII.TryGetBytes($"\n# {_seed:x} {offset + at:x16}\n", page, out _);
        }
    }
}
