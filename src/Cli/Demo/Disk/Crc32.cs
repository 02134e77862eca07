namespace SnapshotGrains.Cli.Demo;

/// <summary>CRC-32 as in IEEE 802.3, which partition tables carry; a few kilobytes, so no table is needed.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;

    /// <summary>The checksum of <paramref name="bytes"/>.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (Polynomial & (0u - (crc & 1)));
            }
        }

        return ~crc;
    }
}
