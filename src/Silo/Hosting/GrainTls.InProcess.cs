using Orleans.Hosting;
using SnapshotGrains.Silo.Tls;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>TLS between silos of the in-process engine: they are in one process, so there is nothing to encrypt.
/// </summary>
internal static class GrainTls
{
    /// <summary>Why a certificate does not do for silos among themselves: any does.</summary>
    public static string? ProblemOf(SiloTls tls) => null;

    /// <summary>Does nothing.</summary>
    public static void Secure(ISiloBuilder silo, SiloTls? tls)
    {
    }

    /// <summary>Does nothing.</summary>
    public static void Secure(IClientBuilder client, SiloTls? tls)
    {
    }
}
