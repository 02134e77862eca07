using System.Text;

namespace SnapshotGrains.Silo.Tests.Keys;

/// <summary>Looks for secrets where none may be.</summary>
internal static class SecretScan
{
    /// <summary>As bytes, and as texts, also with JSON's escapes.</summary>
    public static IEnumerable<byte[]> Spellings(byte[] secret)
    {
        var base64 = Convert.ToBase64String(secret).TrimEnd('=');
        string[] texts =
        [
            Convert.ToHexString(secret), Convert.ToHexStringLower(secret), base64,
            base64.Replace("+", "\\u002B", StringComparison.Ordinal), string.Join(',', secret),
        ];
        return texts.Select(Encoding.ASCII.GetBytes).Prepend(secret);
    }

    /// <summary>Whether a content has none of them.</summary>
    public static void ShouldLack(byte[] content, IEnumerable<byte[]> secrets, string where)
    {
        foreach (var secret in secrets)
        {
            // A part of it is as bad as the whole, and a page may end within it.
            content.AsSpan().IndexOf(secret.AsSpan(0, secret.Length / 2)).Should().Be(-1, $"{where} may be read");
        }
    }

    /// <summary>Reads a file that a silo may have open.</summary>
    public static async Task<byte[]> ReadAsync(string path)
    {
        await using var file = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var content = new MemoryStream();
        await file.CopyToAsync(content);
        return content.ToArray();
    }
}
