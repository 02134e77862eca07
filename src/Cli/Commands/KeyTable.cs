using SnapshotGrains.Cli.Output;

namespace SnapshotGrains.Cli.Commands;

/// <summary>How keys are shown.</summary>
internal static class KeyTable
{
    /// <summary>A row per key.</summary>
    public static Table<KeyInfo> Create() => new Table<KeyInfo>(key => key.Ref.Name)
        .Text("STATE", StateOf)
        .Text("KEK", key => key.KekId)
        .Text("CREATED", key => Times.Format(key.CreatedAt))
        .Text("WRAPPED", key => Times.Format(key.WrappedAt));

    /// <summary>A line per fact of one.</summary>
    public static IReadOnlyList<Fact> Facts(KeyInfo key) =>
    [
        new("Name", key.Ref.Name),
        new("Id", key.Ref.Id.ToString("N")),
        new("State", StateOf(key)),
        new("Cipher", "AES-256-XTS, 4 KiB sectors"),
        new("Created", Times.Format(key.CreatedAt)),
        new("Wrapped", Times.Format(key.WrappedAt)),
        new("Wrapped under", $"key-encryption key {key.KekId}"),
    ];

    private static string StateOf(KeyInfo key) => key.State switch
    {
        KeyState.Active => "active",
        KeyState.Revoked => "revoked",
        _ => key.State.ToString(),
    };
}
