using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Tests.Keys;

/// <summary>Key-encryption keys whose bytes a test knows, and keys under them.</summary>
internal static class TestKeys
{
    /// <summary>32 bytes that are no text, the same for the same number.</summary>
    public static byte[] KekBytes(byte number) =>
        [.. Enumerable.Range(0, KeyEnvelope.KekBytes).Select(i => (byte)(0x80 | (number * 31 + i * 7)))];

    public static SecretBytes Kek(byte number) => SecretBytes.CopyOf(KekBytes(number));

    public static string KekId(byte number)
    {
        using var kek = Kek(number);
        return KeyEnvelope.IdOf(kek);
    }

    public static Keks Keks(byte number, params byte[] previous) => new(Kek(number), previous.Select(Kek));

    /// <summary>A new key under a key-encryption key.</summary>
    public static KeyInfo Create(string name, byte kek = 1)
    {
        using var keks = Keks(kek);
        return KeyMaker.Create(name, keks, TimeProvider.System);
    }
}
