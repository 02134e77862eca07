using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SnapshotGrains.Tidy.Tests;

/// <summary>Shows that the source keeps the figures and the house rules of CONTRIBUTING.md.</summary>
public sealed class StyleTests
{
    private const int MaxLineLength = 120;
    private const int MaxFileLines = 500;
    private const int MaxMethodLines = 70;

    private static IEnumerable<SourceFile> All => SourceTree.Sources.Concat(SourceTree.Tests);

    [Fact]
    public void Lines_fit() => All
        .SelectMany(file => file.Lines.Select((line, i) => (Where: $"{file}:{i + 1}", line.Length)))
        .Where(line => line.Length > MaxLineLength).Should().BeEmpty();

    [Fact]
    public void Files_are_short()
    {
        All.Where(file => file.Lines.Length > MaxFileLines).Select(file => file.Path).Should().BeEmpty();
        var lengths = SourceTree.Sources.Select(file => file.Lines.Length).Order().ToArray();
        Quantile(lengths, 0.5).Should().BeLessThanOrEqualTo(90);
        Quantile(lengths, 0.9).Should().BeLessThanOrEqualTo(250);
    }

    [Fact]
    public void Methods_are_short()
    {
        All.SelectMany(file => file.Methods).Where(method => method.Lines > MaxMethodLines).Should().BeEmpty();
        var lengths = SourceTree.Sources.SelectMany(file => file.Methods).Select(m => m.Lines).Order().ToArray();
        Quantile(lengths, 0.5).Should().BeLessThanOrEqualTo(6);
        Quantile(lengths, 0.9).Should().BeLessThanOrEqualTo(22);
    }

    [Fact]
    public void Files_hold_one_type()
    {
        // A strategy and its attribute are one idea; beyond such pairs a type has its own file.
        var several = SourceTree.Sources.Where(file => file.TopLevelTypes.Count() > 1).Select(file => file.Path);
        ((double)several.Count() / SourceTree.Sources.Count).Should().BeLessThan(
            0.03, "these hold several: {0}", string.Join(", ", several));
    }

    [Fact]
    public void Classes_are_sealed_static_or_abstract()
    {
        var classes = SourceTree.Sources.Where(file => file.Project != "InProcess")
            .SelectMany(file => file.TopLevelTypes.OfType<TypeDeclarationSyntax>())
            .Where(type => type is ClassDeclarationSyntax
                or RecordDeclarationSyntax { ClassOrStructKeyword.Text: not "struct" })
            .ToArray();
        var open = classes.Where(type => !type.Modifiers.Any(SyntaxKind.SealedKeyword)
            && !type.Modifiers.Any(SyntaxKind.StaticKeyword) && !type.Modifiers.Any(SyntaxKind.AbstractKeyword)
            && !type.Modifiers.Any(SyntaxKind.PartialKeyword)).Select(type => type.Identifier.Text).ToArray();
        ((double)open.Length / classes.Length).Should().BeLessThan(
            0.05, "these are open: {0}", string.Join(", ", open));
    }

    [Fact]
    public void Namespaces_are_file_scoped() => All
        .Where(file => file.Syntax.DescendantNodes().OfType<NamespaceDeclarationSyntax>().Any())
        .Select(file => file.Path).Should().BeEmpty();

    [Fact]
    public void Nothing_is_left_unfinished() => SourceTree.Sources
        .Where(file => file.Lines.Any(line => Unfinished.Any(word => line.Contains(word, StringComparison.Ordinal))))
        .Select(file => file.Path).Should().BeEmpty();

    private static string[] Unfinished => ["TO" + "DO", "FIX" + "ME", "NotImplemented" + "Exception", "#reg" + "ion"];

    private static int Quantile(int[] sorted, double q) => sorted[(int)(q * (sorted.Length - 1))];
}
