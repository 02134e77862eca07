using SnapshotGrains.Client;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Security;

/// <summary>An authority, and silos with certificates of it.</summary>
internal sealed class TlsFixture : IDisposable
{
    private readonly TempDirectory _directory = new();

    public TlsFixture() => Authority = new TestAuthority(_directory.Path);

    public TestAuthority Authority { get; }

    public string Directory => _directory.Path;

    public CaCertificates Ca => CaCertificates.Load(Authority.CaFile);

    public void Dispose()
    {
        Authority.Dispose();
        _directory.Dispose();
    }

    /// <summary>Settings of a silo with a certificate, of this machine's names unless others are given.</summary>
    public Dictionary<string, string?> Settings(string? nbdTls = null, string[]? hosts = null) =>
        SettingsOf(Authority.Issue("silo", hosts), nbdTls);

    /// <summary>Settings of a silo with that certificate.</summary>
    public Dictionary<string, string?> SettingsOf(
        (string Certificate, string Key) files, string? nbdTls = null) => new()
    {
        ["TlsCertificate"] = files.Certificate,
        ["TlsKey"] = files.Key,
        ["TlsCa"] = Authority.CaFile,
        ["NbdTls"] = nbdTls,
    };

    /// <summary>A silo with a certificate, and a client that trusts it.</summary>
    public Task<TestSilo> StartAsync(string? nbdTls = null, string[]? hosts = null, TlsIdentity? identity = null) =>
        TestSilo.StartAsync(
            silos: 1, more: Settings(nbdTls, hosts), client: new() { TlsCa = Ca, TlsIdentity = identity });
}
