using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary>A verb that asks a running silo over HTTP, by a deadline.</summary>
internal abstract class ServerVerb(CliHost host, string name, string description) : Verb(host, name, description)
{
    /// <summary>The deadline where a verb has none of its own.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(100);

    /// <summary>What to tell who stops the verb while its work goes on at the server; null: nothing goes on.</summary>
    protected string? GoesOn { get; set; }

    /// <summary>The deadline where the user gives none; null: none.</summary>
    protected virtual TimeSpan? TimeoutByDefault(ParseResult arguments) => DefaultTimeout;

    /// <inheritdoc />
    protected sealed override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var server = ServerAddress.Of(Host, arguments.GetValue(Host.Globals.Server));
        var timeout = arguments.GetValue(Host.Globals.Timeout) ?? TimeoutByDefault(arguments);
        using var deadline = new CancellationTokenSource(timeout ?? Timeout.InfiniteTimeSpan, Host.Time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);

        // The deadline is the verb's own, so that an import is not cut off by the HTTP client's.
        var access = await ServerAccess.ReadAsync(Host, arguments, cancellationToken);
        using var http = new HttpClient(Host.CreateHttpHandler(access.Ca))
        {
            BaseAddress = server,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.ShowToken(access.Token);
        try
        {
            var output = VerbOutput.Of(Host, arguments);
            await RunAsync(new HttpControlPlane(http, Host.Time), output, arguments, ending.Token);
            return ExitCode.Ok;
        }
        catch (OperationCanceledException error) when (IsLate(deadline, cancellationToken))
        {
            throw TookTooLong(this, server, timeout!.Value, GoesOn, error);
        }
        catch (OperationCanceledException error)
            when (GoesOn is not null && cancellationToken.IsCancellationRequested)
        {
            throw new SnapshotGrainsException(ErrorCode.Cancelled, $"Interrupted. {GoesOn}", error);
        }
    }

    /// <summary>Whether the deadline ended it, and not the user.</summary>
    public static bool IsLate(CancellationTokenSource deadline, CancellationToken interrupt) =>
        deadline.IsCancellationRequested && !interrupt.IsCancellationRequested;

    /// <summary>The error of a verb whose deadline has come.</summary>
    public static SnapshotGrainsException TookTooLong(
        Verb verb, Uri server, TimeSpan timeout, string? goesOn, OperationCanceledException cause) => new(
        ErrorCode.SiloUnavailable,
        $"{server} did not finish '{CommandPath.Of(verb)}' within {DurationText.Format(timeout)}; "
        + $"--timeout gives it longer.{(goesOn is null ? "" : $" {goesOn}")}",
        cause);

    /// <summary>Asks and prints.</summary>
    protected abstract Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken);
}
