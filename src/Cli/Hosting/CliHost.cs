using SnapshotGrains.Cli.Commands;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Hosting;

/// <summary>What a run of the program has around it; tests put fakes here.</summary>
internal sealed class CliHost
{
    /// <summary>Where output goes.</summary>
    public required CliConsole Console { get; init; }

    /// <summary>Reads an environment variable; null where it is not set.</summary>
    public required Func<string, string?> Environment { get; init; }

    /// <summary>Sets an environment variable for the rest of this process.</summary>
    public Action<string, string> SetEnvironment { get; init; } = static (_, _) => { };

    /// <summary>Opens standard input.</summary>
    public required Func<Stream> OpenInput { get; init; }

    /// <summary>Opens standard output for bytes.</summary>
    public Func<Stream> OpenOutput { get; init; } = static () => Stream.Null;

    /// <summary>Makes what carries HTTP requests to servers of certain authorities, or of those that the system trusts;
    /// the caller disposes it.</summary>
    public required Func<CaCertificates?, HttpMessageHandler> CreateHttpHandler { get; init; }

    /// <summary>The clock of deadlines, rates and progress lines.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The options that every verb takes.</summary>
    public GlobalOptions Globals { get; } = new();

    /// <summary>The real surroundings of this process.</summary>
    public static CliHost ForProcess() => new()
    {
        Console = CliConsole.ForProcess(),
        Environment = System.Environment.GetEnvironmentVariable,
        SetEnvironment = System.Environment.SetEnvironmentVariable,
        OpenInput = System.Console.OpenStandardInput,
        OpenOutput = System.Console.OpenStandardOutput,

        CreateHttpHandler = static ca =>
        {
            var handler = ServerConnections.CreateHandler(ca);
            handler.ConnectTimeout = TimeSpan.FromSeconds(10);

            // A busy silo must be able to refuse before the upload.
            handler.Expect100ContinueTimeout = TimeSpan.FromSeconds(5);
            return handler;
        },
    };
}
