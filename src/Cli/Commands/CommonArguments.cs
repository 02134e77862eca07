using System.CommandLine;
using SnapshotGrains.Cli.Parsing;

namespace SnapshotGrains.Cli.Commands;

/// <summary>Arguments that several verbs take.</summary>
internal static class CommonArguments
{
    /// <summary>One snapshot.</summary>
    public static Argument<SnapshotId?> Snapshot(string what) => new("NAME@SNAP")
    {
        Description = $"{what}, as debian@v1",
        CustomParser = ValueParser.Snapshot,
    };

    /// <summary>One or more disks.</summary>
    public static Argument<string[]?> Disks(string what) => new("DISK")
    {
        Description = what,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = ValueParser.DiskNames,
    };

    /// <summary>One disk that exists.</summary>
    public static Argument<string> Disk() => new("DISK") { Description = "The disk's name" };

    /// <summary>One batch clone.</summary>
    public static Argument<string> Batch() => new("ID") { Description = "The operation's id" };

    /// <summary>One key.</summary>
    public static Argument<string?> Key(string what) =>
        new("KEY") { Description = what, CustomParser = ValueParser.KeyName };

    /// <summary>One node.</summary>
    public static Argument<string> Node(string what) => new("NAME") { Description = what };
}
