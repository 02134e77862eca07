using SnapshotGrains.Client;
using SnapshotGrains.Silo.Access;
using SnapshotGrains.Silo.Hosting;
using SnapshotGrains.Silo.Tls;

namespace SnapshotGrains.Silo;

/// <content>Keys, tokens and certificates: a silo that cannot read one of them does not start without it.</content>
internal static partial class SiloConfiguration
{
    private static SiloTls? LoadTls(SiloSettings settings)
    {
        if (settings.Tls is not { } files)
        {
            return null;
        }

        var tls = new SiloTls(
            Load(
                "TlsCertificate and TlsKey",
                () => TlsIdentity.Load(files.Certificate, files.Key, TimeProvider.System)),
            files.Ca is null ? null : Load("TlsCa", () => CaCertificates.Load(files.Ca)));
        return GrainTls.ProblemOf(tls) is not { } problem ? tls : throw new SiloConfigurationException(
            [$"Settings {SiloSettings.Section}:TlsCertificate and TlsCa: {problem}"]);
    }

    private static T Load<T>(string setting, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (SnapshotGrainsException error)
        {
            throw new SiloConfigurationException([$"Settings {SiloSettings.Section}:{setting}: {error.Message}"]);
        }
    }

    private static async Task<AccessTokens> LoadTokensAsync(
        SiloSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            return await AccessTokens.LoadAsync(settings.Tokens, TimeProvider.System, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (SnapshotGrainsException error)
        {
            throw new SiloConfigurationException(
                [$"Setting {SiloSettings.Section}:Token or PreviousToken: {error.Message}"]);
        }
    }

    /// <summary>A silo that cannot read its key-encryption keys does not start: its encrypted disks would all fail.
    /// </summary>
    private static async Task<Keks> LoadKeksAsync(SiloSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            return await Keks.LoadAsync(settings.Keks, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        catch (SnapshotGrainsException error)
        {
            throw new SiloConfigurationException([error.Message]);
        }
    }
}
