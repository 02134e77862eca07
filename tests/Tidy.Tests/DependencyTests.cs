namespace SnapshotGrains.Tidy.Tests;

/// <summary>Shows that projects know only whom they may know, and that no one goes around the rule.</summary>
public sealed class DependencyTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["InProcess"] = [],
        ["Storage"] = [],
        ["Nbd"] = [],
        ["Abstractions"] = [],
        ["Images"] = ["Storage"],
        ["Client"] = ["Abstractions", "Storage", "Nbd"],
        ["Grains"] = ["Abstractions", "Storage", "Images"],
        ["Disks"] = ["Abstractions", "Storage", "Images", "Client", "Grains"],
        ["Exports"] = ["Abstractions", "Storage", "Nbd", "Client"],
        ["Silo"] = ["Abstractions", "Storage", "Images", "Nbd", "Grains", "Client", "Disks", "Exports"],
        ["Agent"] = ["Abstractions", "Storage", "Nbd", "Client", "Exports"],
        ["Cli"] = ["Abstractions", "Storage", "Nbd", "Client", "Agent", "Silo"],
    };

    /// <summary>Whose code may open connections, besides the image sources.</summary>
    private static readonly string[] Transports = ["Nbd", "Client", "Agent", "Silo", "Cli"];

    [Fact]
    public void Projects_reference_only_whom_they_may()
    {
        SourceTree.ProjectReferences.Keys.Should().BeEquivalentTo(Allowed.Keys, "a new project needs its rule here");
        foreach (var (project, references) in SourceTree.ProjectReferences)
        {
            references.Should().BeSubsetOf(Allowed[project], $"that is what {project} may know");
        }
    }

    [Fact]
    public void Only_the_hosts_read_configuration() => FilesThat(
        file => !Hosts.Contains(file.Project) && Mentions(file, "IConfiguration")).Should().BeEmpty();

    [Fact]
    public void Only_transports_and_image_sources_touch_the_network() => FilesThat(
        file => !Transports.Contains(file.Project)
            && !file.Path.StartsWith("src/Images/Sources/", StringComparison.Ordinal)
            && file.Project != "InProcess"
            && (Mentions(file, "HttpClient") || Mentions(file, "Socket") || Mentions(file, "TcpListener")))
        .Should().BeEmpty();

    [Fact]
    public void Only_one_hosting_file_knows_the_engine() => FilesThat(
        file => file.Syntax.DescendantTrivia().Any(trivia => trivia.IsDirective
            && trivia.ToString().StartsWith("#if", StringComparison.Ordinal)))
        .Should().BeEmpty("engines are chosen by file, not by conditional compilation");

    private static string[] Hosts => ["Silo", "Cli", "InProcess"];

    private static IEnumerable<string> FilesThat(Func<SourceFile, bool> offends) =>
        SourceTree.Sources.Where(offends).Select(file => file.Path);

    private static bool Mentions(SourceFile file, string identifier) =>
        file.Syntax.DescendantTokens().Any(token => token.Text == identifier);
}
