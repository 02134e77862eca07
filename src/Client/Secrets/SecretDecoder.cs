namespace SnapshotGrains.Client;

/// <summary>
/// Makes a secret of what its source holds; it must not keep the bytes, which are zeroised afterwards.
/// </summary>
/// <param name="bytes">What was read, at most one byte more than <see cref="SecretSource.MaxBytes"/>.</param>
/// <param name="isText">Whether the source can only hold text, so that bytes as they are mean nothing.</param>
/// <exception cref="UnreadableSecretException">They are no such secret; the message does not show them.</exception>
internal delegate T SecretDecoder<out T>(ReadOnlySpan<byte> bytes, bool isText);
