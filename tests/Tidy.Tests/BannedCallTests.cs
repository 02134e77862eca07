using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SnapshotGrains.Tidy.Tests;

/// <summary>Shows that time, chance, the console and background work each go through their one place.</summary>
public sealed class BannedCallTests
{
    [Theory]
    [InlineData("DateTime", "Now")]
    [InlineData("DateTime", "UtcNow")]
    [InlineData("DateTimeOffset", "Now")]
    [InlineData("DateTimeOffset", "UtcNow")]
    [InlineData("Thread", "Sleep")]
    [InlineData("Random", "Shared")]
    public void Member_is_used_nowhere(string type, string member) => SourceTree.Sources
        .SelectMany(file => MemberAccesses(file).Where(access => access.Name.Identifier.Text == member
            && access.Expression.ToString() == type).Select(_ => file.Path))
        .Should().BeEmpty($"{type}.{member} is banned: use the TimeProvider or the seeded Random at hand");

    [Fact]
    public void Delays_follow_a_TimeProvider() => SourceTree.Sources
        .SelectMany(file => file.Syntax.DescendantNodes().OfType<InvocationExpressionSyntax>()
            .Where(call => call.Expression.ToString() == "Task.Delay"
                && !call.ArgumentList.Arguments.Any(IsClock))
            .Select(call => $"{file}: {call}"))
        .Should().BeEmpty();

    [Fact]
    public void Only_the_command_line_uses_the_console() => SourceTree.Sources
        .Where(file => file.Project != "Cli" && MemberAccesses(file).Any(a => a.Expression.ToString() == "Console"))
        .Select(file => file.Path).Should().BeEmpty();

    [Fact]
    public void No_method_is_async_void() => SourceTree.Sources.Concat(SourceTree.Tests)
        .SelectMany(file => file.Syntax.DescendantNodes().OfType<MethodDeclarationSyntax>()
            .Where(method => method.Modifiers.Any(SyntaxKind.AsyncKeyword) && method.ReturnType.ToString() == "void")
            .Select(method => $"{file}: {method.Identifier}"))
        .Should().BeEmpty();

    [Fact]
    public void No_exception_is_swallowed_without_a_reason() => SourceTree.Sources
        .SelectMany(file => file.Syntax.DescendantNodes().OfType<CatchClauseSyntax>()
            .Where(clause => clause.Block.Statements.Count == 0
                && !clause.Block.DescendantTrivia().Any(trivia => trivia.IsKind(SyntaxKind.SingleLineCommentTrivia)))
            .Select(clause => $"{file}: {clause.Declaration}"))
        .Should().BeEmpty("an empty catch says in a comment why nothing is to be done");

    [Fact]
    public void Tests_do_not_sleep() => SourceTree.Tests
        .Where(file => file.Project != "Tidy.Tests" && MemberAccesses(file).Any(a => a.ToString() == "Thread.Sleep"))
        .Select(file => file.Path).Should().BeEmpty();

    private static bool IsClock(ArgumentSyntax argument) =>
        argument.ToString().Contains("time", StringComparison.OrdinalIgnoreCase)
        || argument.ToString().Contains("clock", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<MemberAccessExpressionSyntax> MemberAccesses(SourceFile file) =>
        file.Syntax.DescendantNodes().OfType<MemberAccessExpressionSyntax>();
}
