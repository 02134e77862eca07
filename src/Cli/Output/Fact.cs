namespace SnapshotGrains.Cli.Output;

/// <summary>One line of a description.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">Its value.</param>
internal readonly record struct Fact(string Name, string Value);
