using System.Security.Cryptography.X509Certificates;

namespace SnapshotGrains.Client;

/// <summary>
/// Whose certificates are trusted, in place of those that the system trusts. Host names are checked as always.
/// </summary>
public sealed class CaCertificates
{
    private readonly X509Certificate2Collection _roots = [];
    private readonly X509Certificate2Collection _others = [];

    /// <summary>Trusts what these have signed; of those that are not signed by themselves, only to complete chains.
    /// </summary>
    public CaCertificates(X509Certificate2Collection certificates)
    {
        ArgumentNullException.ThrowIfNull(certificates);
        foreach (var certificate in certificates)
        {
            var isRoot = certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
            (isRoot ? _roots : _others).Add(certificate);
        }
    }

    /// <summary>Reads a PEM file.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.BadRequest"/>: it cannot be read, or holds no
    /// root certificate.</exception>
    public static CaCertificates Load(string path)
    {
        var ca = new CaCertificates(PemFile.ReadCertificates(path));
        return ca._roots.Count > 0 ? ca : throw new SnapshotGrainsException(
            ErrorCode.BadRequest,
            $"File {path} holds no root certificate, one that is signed by itself; add the root of the chain to it.");
    }

    /// <summary>How chains are checked; revocation is not, because small authorities publish no lists.</summary>
    public X509ChainPolicy CreatePolicy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_roots);
        policy.ExtraStore.AddRange(_others);
        return policy;
    }
}
