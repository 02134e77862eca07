using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SnapshotGrains.Tidy.Tests;

/// <summary>One C# file: its path from the root, its lines, its syntax.</summary>
internal sealed record SourceFile(string Path, string[] Lines, CompilationUnitSyntax Syntax)
{
    /// <summary>The project it belongs to: <c>src/NAME/…</c>.</summary>
    public string Project => Path.Split('/')[1];

    /// <summary>Types that are not nested in another.</summary>
    public IEnumerable<BaseTypeDeclarationSyntax> TopLevelTypes => Syntax.DescendantNodes()
        .OfType<BaseTypeDeclarationSyntax>().Where(type => type.Parent is not BaseTypeDeclarationSyntax);

    /// <summary>What runs: methods, constructors, accessors; and how many lines of code each takes.</summary>
    public IEnumerable<(string Name, int Lines)> Methods => Syntax.DescendantNodes()
        .Where(node => node is BaseMethodDeclarationSyntax { Body: not null }
            or BaseMethodDeclarationSyntax { ExpressionBody: not null }
            or PropertyDeclarationSyntax { ExpressionBody: not null }
            or AccessorDeclarationSyntax { Body: not null }
            or AccessorDeclarationSyntax { ExpressionBody: not null })
        .Cast<CSharpSyntaxNode>()
        .Select(node => ($"{Path}: {NameOf(node)}", LinesOf(node)));

    public override string ToString() => Path;

    private static string NameOf(CSharpSyntaxNode node) => node switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        _ => node.Kind().ToString(),
    };

    /// <summary>From the signature to the closing brace, without blank lines and comments.</summary>
    private static int LinesOf(CSharpSyntaxNode node)
    {
        var tree = node.SyntaxTree;
        var first = (node as MemberDeclarationSyntax)?.Modifiers.FirstOrDefault().SpanStart ?? 0;
        var start = tree.GetLineSpan(new(first > 0 ? first : node.SpanStart, 0)).StartLinePosition.Line;
        var end = tree.GetLineSpan(node.Span).EndLinePosition.Line;
        return tree.GetText().Lines.Skip(start).Take(end - start + 1).Count(
            line => line.ToString().Trim() is { Length: > 0 } code && !code.StartsWith("//", StringComparison.Ordinal));
    }
}
