using System.CommandLine;
using SnapshotGrains.Cli.Hosting;

namespace SnapshotGrains.Cli.Commands;

/// <summary>A command that does something. Errors are exceptions, which <see cref="CliApp"/> reports.</summary>
internal abstract class Verb : Command
{
    /// <summary>A verb called <paramref name="name"/>.</summary>
    protected Verb(CliHost host, string name, string description)
        : base(name, description)
    {
        Host = host;
        SetAction((arguments, cancellationToken) => RunAsync(arguments, cancellationToken));
    }

    /// <summary>Command lines that show how it is used, for the help text.</summary>
    public IReadOnlyList<string> Examples { get; protected init; } = [];

    /// <summary>What <c>--token</c> is to this verb, for the help text; null: what it is to all others.</summary>
    public string? TokenMeaning { get; protected init; }

    /// <summary>What <c>--timeout</c> is to this verb, for the help text; null: what it is to all others.</summary>
    public string? TimeoutMeaning { get; protected init; }

    /// <summary>The surroundings.</summary>
    protected CliHost Host { get; }

    /// <summary>Does it.</summary>
    /// <returns>The exit code.</returns>
    protected abstract Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken);

    /// <summary>Says at once that options for talking to a running silo have no meaning here.</summary>
    /// <param name="hasToken">Whether the token has one all the same.</param>
    protected void RefuseServerOptions(bool hasToken = false) => Validators.Add(result =>
    {
        Option[] refused = [Host.Globals.Server, Host.Globals.Ca, .. hasToken ? [] : (Option[])[Host.Globals.Token]];
        foreach (var option in refused.Where(option => result.GetResult(option) is not null))
        {
            result.AddError($"{option.Name} is for verbs that talk to a running silo; '{Name}' does not");
        }
    });
}
