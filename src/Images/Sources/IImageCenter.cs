namespace SnapshotGrains.Images;

/// <summary>A store of images that can also be written.</summary>
public interface IImageCenter : IImageSource
{
    /// <summary>
    /// Imports an image from a stream that is read once. Importing the same content under the same name again
    /// succeeds and stores nothing, except what had been damaged in the meantime.
    /// </summary>
    /// <exception cref="ImageCenterException">AlreadyExists (the name holds other content), NoSpace, Truncated (the
    /// stream ended before the length it announced), NotFound (the base is gone), BadName, BadRequest, Unavailable. In
    /// every case the image center is as it was.</exception>
    ValueTask<Manifest> ImportAsync(ImportRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes an image, and the packs that no other image uses.</summary>
    /// <exception cref="ImageCenterException">NotFound, BadName, Unavailable.</exception>
    ValueTask DeleteAsync(string name, string snap, CancellationToken cancellationToken);
}
