using System.Text;

namespace SnapshotGrains.Nbd;

/// <summary>Keeps strings within what the protocol allows.</summary>
internal static class NbdText
{
    /// <summary>Returns the text, cut to a size that fits 4096 bytes whatever its characters, without NUL.</summary>
    public static string Fit(string text)
    {
        const int safeChars = NbdLimits.MaxStringBytes / 3;
        var fits = text.Length <= safeChars || Encoding.UTF8.GetByteCount(text) <= NbdLimits.MaxStringBytes;
        var cut = fits ? text : text[..safeChars];
        return cut.Contains('\0', StringComparison.Ordinal) ? cut.Replace('\0', ' ') : cut;
    }
}
