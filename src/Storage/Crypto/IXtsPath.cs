namespace SnapshotGrains.Storage;

/// <summary>One way to compute XTS over whole sectors. Without state: keys come with each call.</summary>
internal unsafe interface IXtsPath
{
    /// <summary>Bytes of prepared key that <see cref="Prepare"/> writes.</summary>
    int PreparedBytes { get; }

    /// <summary>Turns the 64 key bytes into what the transforms want.</summary>
    void Prepare(ReadOnlySpan<byte> key, Span<byte> prepared);

    /// <summary>Encrypts sectors; source and destination are apart or the same.</summary>
    void Encrypt(byte* prepared, byte* source, byte* destination, in SectorRun run);

    /// <summary>Decrypts sectors; source and destination are apart or the same.</summary>
    void Decrypt(byte* prepared, byte* source, byte* destination, in SectorRun run);
}
