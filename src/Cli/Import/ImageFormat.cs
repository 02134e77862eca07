using System.Text;

namespace SnapshotGrains.Cli.Import;

/// <summary>Recognises image formats that would be nonsense if they were imported as raw bytes.</summary>
internal static class ImageFormat
{
    private static readonly (string Format, byte[] Magic)[] Others =
    [
        ("qcow2", [(byte)'Q', (byte)'F', (byte)'I', 0xFB]),
        ("vmdk", Encoding.ASCII.GetBytes("KDMV")),
        ("vhdx", Encoding.ASCII.GetBytes("vhdxfile")),
        ("vpc", Encoding.ASCII.GetBytes("conectix")),
    ];

    /// <summary>Looks at the first bytes, and goes back to the start.</summary>
    /// <param name="content">The file's bytes, at their start.</param>
    /// <param name="path">The file, for the message.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotGrainsException">The file is in a format other than raw.</exception>
    public static async Task RequireRawAsync(Stream content, string path, CancellationToken cancellationToken)
    {
        if (!content.CanSeek)
        {
            return;
        }

        var head = new byte[8];
        var length = await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        content.Position = 0;
        var other = Others.FirstOrDefault(known => head.AsSpan(0, length).StartsWith(known.Magic));
        if (other.Format is { } format)
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest,
                $"'{path}' is a {format} image, but only raw images can be imported; convert it first "
                + $"(qemu-img convert -f {format} -O raw '{path}' image.raw), or import it as it is through '-'.");
        }
    }
}
