using System.Runtime.Versioning;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Keys;

/// <summary>Key-encryption keys in files of a temporary directory, whose bytes a test knows.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class KekFiles : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>32 bytes that are no text, the same for the same number.</summary>
    public static byte[] BytesOf(byte number) =>
        [.. Enumerable.Range(0, KeyEnvelope.KekBytes).Select(i => (byte)(0x80 | (number * 31 + i * 7)))];

    public static SecretBytes KekOf(byte number) => SecretBytes.CopyOf(BytesOf(number));

    public static Keks KeksOf(byte number) => new(KekOf(number));

    /// <summary>The data key's bytes, as whoever holds the key-encryption key can have them.</summary>
    public static byte[] Unwrap(KeyInfo key, byte kek)
    {
        using var wrapping = KekOf(kek);
        using var bytes = KeyEnvelope.Unwrap(wrapping, key.Envelope.AsSpan());
        return bytes.Span.ToArray();
    }

    /// <summary>The source that names a key-encryption key's file.</summary>
    public string SourceOf(byte number)
    {
        var path = _directory[$"kek-{number}"];
        File.WriteAllBytes(path, BytesOf(number));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return $"file:{path}";
    }

    /// <summary>Settings of a silo that has them.</summary>
    public Dictionary<string, string?> SettingsOf(byte number, params byte[] previous)
    {
        var settings = new Dictionary<string, string?> { ["Kek"] = SourceOf(number) };
        foreach (var (index, old) in previous.Index())
        {
            settings[$"PreviousKek:{index}"] = SourceOf(old);
        }

        return settings;
    }
}
