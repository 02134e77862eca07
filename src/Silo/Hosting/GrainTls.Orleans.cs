using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;
using Orleans.Hosting;
using SnapshotGrains.Silo.Tls;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>
/// TLS between silos, and between silos and their clients, both with a certificate. A member of the cluster may do
/// everything, so it must have a certificate for servers: one that is for clients alone, as NBD clients have it, is not
/// enough. Addresses are not compared with names, because silos find one another by address.
/// </summary>
internal static class GrainTls
{
    /// <summary>Sent in clear as the name that is asked for; nobody looks at it.</summary>
    private const string TargetHost = "snapgrains";

    private static readonly Oid ForServers = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ForClients = new("1.3.6.1.5.5.7.3.2");

    /// <summary>Why a certificate does not do for silos among themselves; null: it does.</summary>
    public static string? ProblemOf(SiloTls tls)
    {
        if (tls.Ca is null)
        {
            return "silos of Orleans know one another by certificates, so TlsCa must say whose; name its PEM file.";
        }

        using var chain = new X509Chain { ChainPolicy = PolicyOf(tls) };
        chain.ChainPolicy.ExtraStore.AddRange(tls.Identity.Chain);
        return chain.Build(tls.Identity.Certificate)
            ? null
            : "other silos would not accept the certificate ("
                + string.Join(", ", chain.ChainStatus.Select(status => status.StatusInformation.Trim().TrimEnd('.')))
                + "); it must be signed by TlsCa, and its usage, if it has one, be serverAuth and clientAuth.";
    }

    /// <summary>Encrypts what a silo sends and takes.</summary>
    public static void Secure(ISiloBuilder silo, SiloTls? tls)
    {
        if (tls is not null)
        {
            silo.UseTls(options => Apply(options, tls));
        }
    }

    /// <summary>Encrypts what a client of the silos sends and takes.</summary>
    public static void Secure(IClientBuilder client, SiloTls? tls)
    {
        if (tls is not null)
        {
            client.UseTls(options => Apply(options, tls));
        }
    }

    private static void Apply(TlsOptions options, SiloTls tls)
    {
        options.LocalCertificate = tls.Identity.Certificate;
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (_, _, errors) =>
            (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None;
        options.OnAuthenticateAsServer = (_, server) =>
        {
            var inner = (SslServerAuthenticationOptions)server.SslServerAuthenticationOptions;
            inner.ClientCertificateRequired = true;

            // Orleans 10.4.2 wraps a callback that nobody has set, and every handshake fails on that.
            inner.ServerCertificateSelectionCallback = null;
            inner.ServerCertificateContext = tls.Identity.Context;
            inner.CertificateChainPolicy = PolicyOf(tls);
        };
        options.OnAuthenticateAsClient = (_, client) =>
        {
            client.TargetHost = TargetHost;
            var inner = (SslClientAuthenticationOptions)client.SslClientAuthenticationOptions;
            inner.LocalCertificateSelectionCallback = null;
            inner.ClientCertificateContext = tls.Identity.Context;
            inner.CertificateChainPolicy = PolicyOf(tls);
        };
    }

    private static X509ChainPolicy PolicyOf(SiloTls tls)
    {
        var policy = tls.Ca!.CreatePolicy();
        policy.ApplicationPolicy.Add(ForServers);
        policy.ApplicationPolicy.Add(ForClients);
        return policy;
    }
}
