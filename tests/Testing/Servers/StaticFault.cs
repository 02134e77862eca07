namespace SnapshotGrains.Testing;

/// <summary>How a <see cref="StaticFileServer"/> misbehaves in one answer.</summary>
public sealed record StaticFault
{
    /// <summary>Runs before the answer begins.</summary>
    public Func<CancellationToken, Task> Before { get; init; } = _ => Task.CompletedTask;

    /// <summary>The status, in place of the file.</summary>
    public int? Status { get; init; }

    /// <summary>Headers beside it; each ends with a line break.</summary>
    public string Headers { get; init; } = "";

    /// <summary>The connection is reset, without an answer.</summary>
    public bool Reset { get; init; }

    /// <summary>All of the file, whatever range was asked for.</summary>
    public bool IgnoreRange { get; init; }

    /// <summary>The entity tag; empty: none.</summary>
    public string? Tag { get; init; }

    /// <summary>When the file was modified.</summary>
    public DateTime? ModifiedAt { get; init; }

    /// <summary>The body is cut off after so many bytes.</summary>
    public int? CutAfter { get; init; }

    /// <summary>Runs there, before the connection is closed.</summary>
    public Func<CancellationToken, Task> AtCut { get; init; } = _ => Task.CompletedTask;
}
