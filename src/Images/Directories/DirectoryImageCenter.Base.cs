namespace SnapshotGrains.Images;

/// <content>
/// The base of a derived image. Its packs cannot go away while the import runs: they are removed only with the use lock
/// held alone, and the import holds it shared from before it looks at the base until the new manifest, which names the
/// same packs, is in its place. So the base may be deleted at any time: before, and the import fails; later, and the
/// packs stay because the new image uses them.
/// </content>
public sealed partial class DirectoryImageCenter
{
    /// <summary>
    /// The base as the center has it now: its segments may have moved since the caller read its manifest. To be called
    /// with the use lock held.
    /// </summary>
    /// <exception cref="ImageCenterException">NotFound: it was deleted, its name holds other content by now, or a pack
    /// of it is lost. Corrupt, UnsupportedVersion, Unavailable.</exception>
    private Manifest RequireBase(Manifest expected)
    {
        Manifest current;
        try
        {
            current = ReadManifest(expected.Name, expected.Snap);
        }
        catch (ImageCenterException e) when (e.Code == ImageErrorCode.NotFound)
        {
            throw BaseGone(expected, "is not, or not any more, in the image center", e);
        }

        if (!current.Map.ContentEquals(expected.Map))
        {
            throw BaseGone(expected, "was deleted, and its name holds other content now", null);
        }

        foreach (var pack in current.Packs)
        {
            if (!File.Exists(_layout.PackFile(pack)))
            {
                throw ImageErrors.PackNotFound(pack);
            }
        }

        return current;
    }

    private static ImageCenterException BaseGone(Manifest image, string reason, Exception? cause) => new(
        ImageErrorCode.NotFound, $"Base image {image} {reason}; import the whole content instead.", cause)
    {
        Image = image.ToString(),
    };
}
