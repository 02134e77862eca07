namespace SnapshotGrains.Cli.Output;

/// <summary>A column of a table.</summary>
/// <param name="Header">Its heading.</param>
/// <param name="IsFigure">Whether it lines up at the right.</param>
internal readonly record struct TableColumn(string Header, bool IsFigure = false);
