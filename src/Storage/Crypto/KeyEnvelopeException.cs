using System.Security.Cryptography;

namespace SnapshotGrains.Storage;

/// <summary>A key envelope does not give its key.</summary>
public sealed class KeyEnvelopeException : CryptographicException
{
    /// <summary>Names the key-encryption key that was tried.</summary>
    public KeyEnvelopeException(KeyEnvelopeFault fault, string kekId, string message, Exception? cause = null)
        : base(message, cause) => (Fault, KekId) = (fault, kekId);

    /// <summary>What is wrong.</summary>
    public KeyEnvelopeFault Fault { get; }

    /// <summary>Name of the key-encryption key that was tried, as <see cref="KeyEnvelope.IdOf"/> gives it.</summary>
    public string KekId { get; }
}
