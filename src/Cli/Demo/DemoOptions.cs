namespace SnapshotGrains.Cli.Demo;

/// <summary>What the demo is to show.</summary>
internal sealed record DemoOptions
{
    /// <summary>Size of the generated image, in bytes.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>A raw image file to use in its place; null: generate one.</summary>
    public string? ImagePath { get; init; }

    /// <summary>Disks to clone.</summary>
    public required int Clones { get; init; }

    /// <summary>Guests that boot at the same time, each from a clone of its own.</summary>
    public required int Readers { get; init; }

    /// <summary>Silos in this process.</summary>
    public required int Silos { get; init; }

    /// <summary>Seed of the image and of what the guests read.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Leave it running afterwards.</summary>
    public bool Keep { get; init; }
}
