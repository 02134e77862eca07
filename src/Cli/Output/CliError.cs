using SnapshotGrains.Silo;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Output;

/// <summary>An error as the program shows it; its JSON form is part of the interface.</summary>
/// <param name="Code">What failed.</param>
/// <param name="Detail">One sentence: what, which value, what to do.</param>
/// <param name="IsTransient">Whether trying again can help.</param>
/// <param name="ExitCode">The program's exit code.</param>
internal sealed record CliError(ErrorCode Code, string Detail, bool IsTransient, int ExitCode)
{
    /// <summary>A wrong command line or setting.</summary>
    public static CliError Usage(string detail) =>
        new(ErrorCode.BadRequest, detail, IsTransient: false, Output.ExitCode.Usage);

    /// <summary>Says what an exception means to the user.</summary>
    /// <param name="error">What a verb threw.</param>
    /// <param name="interrupt">The token that Ctrl-C cancels.</param>
    public static CliError Of(Exception error, CancellationToken interrupt) => error switch
    {
        SnapshotGrainsException { Code: ErrorCode.Cancelled } known when interrupt.IsCancellationRequested =>
            new(known.Code, known.Message, IsTransient: true, Output.ExitCode.Interrupted),
        _ when interrupt.IsCancellationRequested =>
            new(ErrorCode.Cancelled, "Interrupted.", IsTransient: true, Output.ExitCode.Interrupted),
        SnapshotGrainsException known =>
            new(known.Code, known.Message, known.IsTransient, Output.ExitCode.Of(known.Code)),
        SiloConfigurationException or DiskCacheException => Usage(error.Message),
        FileNotFoundException or DirectoryNotFoundException =>
            new(ErrorCode.NotFound, error.Message, IsTransient: false, Output.ExitCode.NotFound),
        IOException or UnauthorizedAccessException => Failure(error.Message),
        _ => Failure($"Unexpected {error.GetType().Name}: {error.Message}"),
    };

    private static CliError Failure(string detail) =>
        new(ErrorCode.Internal, detail, IsTransient: false, Output.ExitCode.Failed);
}
