using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace SnapshotGrains.Client;

/// <summary>A certificate with its private key, and what leads from it to its root: who somebody is in TLS.</summary>
public sealed class TlsIdentity
{
    private TlsIdentity(X509Certificate2 certificate, X509Certificate2Collection chain)
    {
        (Certificate, Chain) = (certificate, chain);
        Context = SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    /// <summary>The certificate, with its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The certificates between it and its root.</summary>
    public X509Certificate2Collection Chain { get; }

    /// <summary>All of it, ready for use.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>Reads PEM files.</summary>
    /// <param name="certificatePath">The certificate, then those between it and its root, if any.</param>
    /// <param name="keyPath">Its private key, not encrypted.</param>
    /// <param name="time">The clock that tells whether it is valid.</param>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.BadRequest"/>: a file cannot be read, the key is
    /// another certificate's, or the certificate is not valid now.</exception>
    public static TlsIdentity Load(string certificatePath, string keyPath, TimeProvider time)
    {
        var certificates = PemFile.ReadCertificates(certificatePath);
        var certificate = certificates[0];
        var now = time.GetUtcNow();
        if (now > certificate.NotAfter.ToUniversalTime() || now < certificate.NotBefore.ToUniversalTime())
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest,
                $"The certificate in {certificatePath} is valid from {certificate.NotBefore.ToUniversalTime():u} to "
                + $"{certificate.NotAfter.ToUniversalTime():u}, and it is {now:u}; put one there that is valid now.");
        }

        certificates.RemoveAt(0);
        return new TlsIdentity(PemFile.ReadKey(certificate, keyPath, certificatePath), certificates);
    }
}
