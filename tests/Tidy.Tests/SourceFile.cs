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

    /// <summary>Methods and constructors with a body, and how many lines of code each takes.</summary>
    public IEnumerable<(string Name, int Lines)> Methods => Syntax.DescendantNodes()
        .OfType<BaseMethodDeclarationSyntax>()
        .Where(method => method.Body is not null || method.ExpressionBody is not null)
        .Select(method => ($"{Path}: {NameOf(method)}", LinesOf(method)));

    public override string ToString() => Path;

    private static string NameOf(BaseMethodDeclarationSyntax method) =>
        method is MethodDeclarationSyntax named ? named.Identifier.Text : method.Kind().ToString();

    /// <summary>From the signature to the closing brace, without blank lines and comments.</summary>
    private static int LinesOf(BaseMethodDeclarationSyntax method)
    {
        var tree = method.SyntaxTree;
        var first = method.Modifiers.FirstOrDefault().SpanStart;
        var start = tree.GetLineSpan(new(first > 0 ? first : method.SpanStart, 0)).StartLinePosition.Line;
        var end = tree.GetLineSpan(method.Span).EndLinePosition.Line;
        return tree.GetText().Lines.Skip(start).Take(end - start + 1).Count(
            line => line.ToString().Trim() is { Length: > 0 } code && !code.StartsWith("//", StringComparison.Ordinal));
    }
}
