namespace SnapshotGrains.Cli.Output;

/// <summary>What <c>image rm --json</c> prints.</summary>
/// <param name="Names">The images that are gone.</param>
/// <param name="Deferred">Those that go when no disk needs them any more.</param>
internal sealed record ImagesRemoved(IReadOnlyList<string> Names, IReadOnlyList<DeferredRemoval> Deferred);
