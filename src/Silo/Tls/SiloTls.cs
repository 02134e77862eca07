using System.Net.Security;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using SnapshotGrains.Client;
using SnapshotGrains.Nbd;

namespace SnapshotGrains.Silo.Tls;

/// <summary>What a silo shows of itself in TLS, and whom it trusts. Read once, at the start.</summary>
/// <param name="Identity">Its certificate, for clients and for other silos.</param>
/// <param name="Ca">Who signs the certificates of silos and of NBD clients; null: nobody.</param>
internal sealed record SiloTls(TlsIdentity Identity, CaCertificates? Ca)
{
    /// <summary>For the HTTP API: callers are known by their token, not by a certificate.</summary>
    public void Apply(HttpsConnectionAdapterOptions https)
    {
        https.ServerCertificate = Identity.Certificate;
        https.ServerCertificateChain = Identity.Chain;
    }

    /// <summary>For the NBD server: clients have no token, but may have to have a certificate.</summary>
    public SslServerAuthenticationOptions ForNbd(NbdTlsPolicy policy) => new()
    {
        ServerCertificateContext = Identity.Context,
        ClientCertificateRequired = policy == NbdTlsPolicy.Mutual,
        CertificateChainPolicy = policy == NbdTlsPolicy.Mutual ? Ca!.CreatePolicy() : null,
    };

    /// <summary>What the NBD server calls a policy.</summary>
    public static NbdTlsMode ModeOf(NbdTlsPolicy policy) => policy switch
    {
        NbdTlsPolicy.Off => NbdTlsMode.Off,
        NbdTlsPolicy.Allow => NbdTlsMode.Optional,
        _ => NbdTlsMode.Required,
    };
}
