namespace SnapshotGrains.Images;

/// <summary>
/// Names the key that an image's segments are encrypted under (AES-256-XTS, sectors of 4 KiB, tweak = sector of the
/// image). The image center does not have the key, and does not need it: digests are those of the ciphertext.
/// </summary>
/// <param name="Name">The key's name, as <see cref="ImageName"/> allows.</param>
/// <param name="Id">Its id, never empty.</param>
public sealed record ImageKey(string Name, Guid Id);
