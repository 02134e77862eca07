using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SnapshotGrains.Client;

/// <summary>Reads files of certificates and keys (RFC 7468), and says what is wrong with one that cannot be used.
/// </summary>
internal static class PemFile
{
    /// <summary>Far beyond any chain; what is larger is another file.</summary>
    private const long MaxBytes = 1 << 20;

    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;

    /// <summary>The certificates of a file, in its order, at least one.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.BadRequest"/>.</exception>
    public static X509Certificate2Collection ReadCertificates(string path) => Attempt(path, "certificates", () =>
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(ReadText(path));
        return certificates.Count > 0 ? certificates : throw new CryptographicException(
            "there is no '-----BEGIN CERTIFICATE-----' in it");
    });

    /// <summary>A certificate with the private key of a file that only its owner, and perhaps a group, can read.
    /// </summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.BadRequest"/>.</exception>
    public static X509Certificate2 ReadKey(X509Certificate2 certificate, string path, string certificatePath)
    {
        var text = Attempt(path, "private key", () =>
        {
            var key = ReadText(path);
            if (!key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            {
                throw new CryptographicException("there is no '-----BEGIN PRIVATE KEY-----' in it");
            }

            return OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Others) == 0
                ? key
                : throw new CryptographicException($"everybody can read or change it; run 'chmod 640 {path}'");
        });
        return Attempt(path, $"private key for the certificate in {certificatePath}", () =>
            X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), text));
    }

    private static string ReadText(string path) => new FileInfo(path).Length <= MaxBytes
        ? File.ReadAllText(path)
        : throw new CryptographicException($"it has more than {MaxBytes} bytes");

    private static T Attempt<T>(string path, string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException
            or CryptographicException or ArgumentException)
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest,
                $"File {path} is of no use as {what}: {error.Message.TrimEnd('.')}; a PEM file is needed that is.",
                error);
        }
    }
}
