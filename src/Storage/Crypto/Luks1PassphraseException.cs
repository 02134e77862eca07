using System.Security.Cryptography;

namespace SnapshotGrains.Storage;

/// <summary>No key slot of a LUKS1 volume opens with the passphrase that was given.</summary>
public sealed class Luks1PassphraseException : CryptographicException
{
    /// <summary>Names the volume.</summary>
    public Luks1PassphraseException(string uuid)
        : base($"No key slot of LUKS volume {uuid} opens with this passphrase. Give another passphrase.") =>
        Uuid = uuid;

    /// <summary>The volume's UUID.</summary>
    public string Uuid { get; }
}
