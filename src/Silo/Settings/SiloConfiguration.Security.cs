using SnapshotGrains.Client;
using SnapshotGrains.Images;
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

    private static async Task<IImageCenter> OpenCenterAsync(
        SiloSettings settings, CancellationToken cancellationToken)
    {
        if (settings.Center is not { Http: { } address } center)
        {
            return await DirectoryImageCenter.OpenAsync(settings.ImageCenter, cancellationToken).ConfigureAwait(false);
        }

        var options = new HttpCenterOptions
        {
            Authorization = (await ReadTokenAsync(center.Token, cancellationToken).ConfigureAwait(false))?.ToHeader(),
            ChainPolicy = center.Ca is null
                ? null : Load("ImageCenterCa", () => CaCertificates.Load(center.Ca)).CreatePolicy(),
        };
        return await HttpImageCenter.OpenAsync(address, options, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<AccessToken?> ReadTokenAsync(
        AccessTokenSource? source, CancellationToken cancellationToken)
    {
        try
        {
            return source is null
                ? null : await source.ReadAsync(TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        catch (SnapshotGrainsException error)
        {
            throw new SiloConfigurationException([$"Setting {SiloSettings.Section}:ImageCenterToken: {error.Message}"]);
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
