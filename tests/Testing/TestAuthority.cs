using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SnapshotGrains.Testing;

/// <summary>A certificate authority of a test's own, which writes what it issues as PEM files.</summary>
public sealed class TestAuthority : IDisposable
{
    /// <summary>What a certificate is good for: to be a server.</summary>
    public const string ServerAuth = "1.3.6.1.5.5.7.3.1";

    /// <summary>What a certificate is good for: to be a client.</summary>
    public const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    private readonly string _directory;
    private readonly string _name;
    private readonly X509Certificate2 _certificate;
    private readonly IReadOnlyList<X509Certificate2> _chain;

    /// <summary>A root authority; its certificate is in <see cref="CaFile"/>.</summary>
    public TestAuthority(string directory, string name = "authority")
        : this(directory, name, null)
    {
    }

    private TestAuthority(string directory, string name, TestAuthority? parent)
    {
        (_directory, _name) = (directory, name);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = RequestOf(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));

        // No certificate is valid longer than the one that signs it.
        var (from, to) = parent is null
            ? (Now.AddDays(-2), Now.AddDays(2))
            : (new DateTimeOffset(parent._certificate.NotBefore), new DateTimeOffset(parent._certificate.NotAfter));
        using var bare = parent is null
            ? request.CreateSelfSigned(from, to)
            : request.Create(parent._certificate, from, to, NewSerial()).CopyWithPrivateKey(key);
        _certificate = X509CertificateLoader.LoadPkcs12(bare.Export(X509ContentType.Pkcs12), null);
        _chain = parent is null ? [] : [_certificate, .. parent._chain];
        File.WriteAllText(CaFile, _certificate.ExportCertificatePem());
    }

    /// <summary>The authority's own certificate.</summary>
    public string CaFile => Path.Combine(_directory, $"{_name}.pem");

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>An authority between this one and its certificates.</summary>
    public TestAuthority CreateIntermediate(string name) => new(_directory, name, this);

    /// <summary>Issues a certificate for host names and addresses, its chain in its file.</summary>
    /// <param name="name">What it and its files are called.</param>
    /// <param name="hosts">Host names and addresses; none: those of this machine.</param>
    /// <param name="usages">What it is good for; none: for servers and clients.</param>
    /// <param name="validFrom">Days from now when it begins to be valid.</param>
    /// <param name="validTo">Days from now when it ends.</param>
    public (string Certificate, string Key) Issue(
        string name, string[]? hosts = null, string[]? usages = null, double validFrom = -1, double validTo = 1)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = RequestOf(name, key);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts ?? ["localhost", "127.0.0.1"])
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [.. (usages ?? [ServerAuth, ClientAuth]).Select(usage => new Oid(usage))], false));
        using var certificate = request.Create(
            _certificate, Now.AddDays(validFrom), Now.AddDays(validTo), NewSerial());
        var files = (Path.Combine(_directory, $"{name}.crt"), Path.Combine(_directory, $"{name}.key"));
        var chain = _chain.Prepend(certificate).Select(part => part.ExportCertificatePem());
        File.WriteAllText(files.Item1, string.Join('\n', chain));
        File.WriteAllText(files.Item2, key.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(files.Item2, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return files;
    }

    /// <inheritdoc/>
    public void Dispose() => _certificate.Dispose();

    private static CertificateRequest RequestOf(string name, ECDsa key) =>
        new($"CN={name}", key, HashAlgorithmName.SHA256);

    /// <summary>A serial number is positive.</summary>
    private static byte[] NewSerial() => [1, .. Guid.NewGuid().ToByteArray()];
}
