using System.CommandLine;
using SnapshotGrains.Cli.Commands;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;

namespace SnapshotGrains.Silo.Tests.Cli;

/// <summary>Shows that the help is complete and that its examples are true.</summary>
public sealed class HelpTests
{
    public static TheoryData<string> VerbPaths => [.. Verbs().Select(CommandPath.Of)];

    [Theory]
    [MemberData(nameof(VerbPaths))]
    public async Task Every_verb_explains_itself(string path)
    {
        var words = path.Split(' ')[1..];
        var run = await CliRun.OfAsync(FakeSilo.Silent(), [.. words, "--help"]);
        run.ExitCode.Should().Be(ExitCode.Ok);
        run.Error.Should().BeEmpty();
        run.Out.Should().Contain($"Usage:{Environment.NewLine}  {path}").And.Contain("Examples:")
            .And.Contain("Exit codes:").And.Contain("--server URL");
        run.Out.ReplaceLineEndings("\n").Split('\n').Should().OnlyContain(line => line.Length <= 120);
    }

    [Fact]
    public void Every_example_parses()
    {
        foreach (var example in Verbs().SelectMany(verb => verb.Examples))
        {
            var arguments = WordsAfterProgram(example);
            var parsed = new SnapgrainsCommand(NewHost()).Parse(arguments);
            parsed.Errors.Should().BeEmpty($"the help gives '{example}' as an example");
        }
    }

    [Fact]
    public async Task Without_arguments_the_help_is_shown()
    {
        var run = await CliRun.OfAsync(FakeSilo.Silent(), []);
        run.ExitCode.Should().Be(ExitCode.Ok);
        run.Out.Should().Contain("snapgrains COMMAND").And.Contain("demo").And.Contain("130");
    }

    [Fact]
    public async Task Help_is_shown_even_if_the_rest_is_wrong()
    {
        var run = await CliRun.OfAsync(FakeSilo.Silent(), "clone --help");
        run.ExitCode.Should().Be(ExitCode.Ok);
        run.Out.Should().Contain("clone NAME@SNAP [DISK...]");
    }

    [Theory]
    [InlineData("disk resize", "disk resize DISK SIZE [options]")]
    [InlineData("key rotate", "key rotate [KEY] [options]")]
    [InlineData("replica ls", "replica ls [NAME@SNAP] [options]")]
    [InlineData("attach", "attach [DISK...] [options]")]
    [InlineData("disk rm", "disk rm DISK [DISK...] [options]")]
    public async Task The_usage_says_how_many_arguments_there_may_be(string verb, string usage)
    {
        var run = await CliRun.OfAsync(FakeSilo.Silent(), $"{verb} --help");
        run.ExitCode.Should().Be(ExitCode.Ok);
        run.Out.Should().Contain($"  snapgrains {usage}{Environment.NewLine}");
    }

    [Theory]
    [InlineData("silo", "SNAPSHOTGRAINS__TOKEN", "SNAPSHOTGRAINS_TOKEN")]
    [InlineData("disk ls", "SNAPSHOTGRAINS_TOKEN", "SNAPSHOTGRAINS__TOKEN")]
    public async Task The_help_says_where_else_the_token_is_looked_for(string verb, string there, string elsewhere)
    {
        var run = await CliRun.OfAsync(FakeSilo.Silent(), $"{verb} --help");
        run.ExitCode.Should().Be(ExitCode.Ok);
        run.Out.Should().Contain(there).And.NotContain(elsewhere);
    }

    private static IEnumerable<Verb> Verbs() => Below(new SnapgrainsCommand(NewHost()));

    private static IEnumerable<Verb> Below(Command command) => command.Subcommands.SelectMany(
        child => child is Verb verb ? [verb] : Below(child));

    private static CliHost NewHost() => new()
    {
        Console = new CliConsole(TextWriter.Null, TextWriter.Null),
        Environment = _ => null,
        OpenInput = () => Stream.Null,
        CreateHttpHandler = _ => FakeSilo.Silent().CreateHandler(),
    };

    /// <summary>The first call of snapgrains in a shell line, up to a pipe, its quotation marks taken off.</summary>
    private static string[] WordsAfterProgram(string example)
    {
        var line = example[example.IndexOf("snapgrains ", StringComparison.Ordinal)..];
        return [.. line.Split('|')[0].Replace("{1..100}", "1", StringComparison.Ordinal)
            .Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(word => word.Trim('\''))];
    }
}
