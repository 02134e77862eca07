using SnapshotGrains.Testing;

namespace SnapshotGrains.Storage.Tests.Crypto;

/// <summary>Shows that other people's tools open our LUKS1 volumes and read the same bytes, and we theirs.</summary>
public sealed class Luks1InteropTests : IDisposable
{
    private const int ContentBytes = 16 << 20;

    /// <summary>PBKDF2 and ciphers of other tools take their time on a busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TempDirectory _folder = new();

    public Luks1InteropTests()
    {
        var content = new byte[ContentBytes];
        new Random(1619).NextBytes(content);
        File.WriteAllBytes(Plain, content);
        File.WriteAllText(PassFile, "correct horse");
        using var volume = Luks1Volume.Create("correct horse"u8, Luks1Volume.LeastIterations);
        using var file = File.Create(Luks);
        volume.WriteHeader(file);
        volume.Cipher.Encrypt(content, content, 0);
        file.Write(content);
    }

    private string Plain => _folder["plain.raw"];

    private string Luks => _folder["disk.luks"];

    private string PassFile => _folder["pass"];

    /// <summary>QEMU's own LUKS code finds the content.</summary>
    [RequiresToolFact("qemu-img")]
    public async Task Qemu_reads_our_volume() => (await Tools.RunAsync(
            "qemu-img", Patience, "compare", "--object", $"secret,id=s,file={PassFile}", "--image-opts",
            $"driver=luks,key-secret=s,file.driver=file,file.filename={Luks}",
            $"driver=raw,file.driver=file,file.filename={Plain}"))
        .ShouldSucceed().Output.Should().Contain("identical");

    /// <summary>So does nbdkit's luks filter.</summary>
    [RequiresToolFact("nbdkit", "nbdcopy")]
    public async Task Nbdkit_reads_our_volume()
    {
        var copy = _folder["copy.raw"];

        // nbdcopy starts nbdkit itself, on a socket that is open already: with nbdkit's own --run, one start in twenty
        // hung on a busy machine, before nbdkit had opened the file.
        (await Tools.RunAsync("nbdcopy", Patience, "--", "[", "nbdkit", "-r", "--filter=luks", "file", Luks,
            $"passphrase=+{PassFile}", "]", copy)).ShouldSucceed();
        IsContent(await File.ReadAllBytesAsync(copy)).Should().BeTrue("{0} is what nbdkit decrypts", copy);
    }

    /// <summary>cryptsetup, the reference, reads the header and accepts the passphrase.</summary>
    [RequiresToolFact("cryptsetup")]
    public async Task Cryptsetup_accepts_our_header()
    {
        (await Tools.RunAsync("cryptsetup", Patience, "luksDump", Luks))
            .ShouldSucceed().Output.Should().Contain("xts-plain64");
        (await Tools.RunAsync("cryptsetup", Patience, "open", "--test-passphrase", "--key-file", PassFile, Luks))
            .ShouldSucceed();
    }

    /// <summary>A volume that QEMU made, opens here and holds what QEMU wrote.</summary>
    [RequiresToolFact("qemu-img")]
    public async Task We_read_the_volume_of_qemu()
    {
        var theirs = _folder["qemu.luks"];
        (await ConvertAsync(theirs)).ShouldSucceed();
        await using var file = File.OpenRead(theirs);
        using var volume = Luks1Volume.Open(file, "correct horse"u8);
        var content = new byte[ContentBytes];
        file.Position = volume.PayloadOffset;
        file.ReadExactly(content);
        volume.Cipher.Decrypt(content, content, 0);
        IsContent(content).Should().BeTrue();
    }

    /// <summary>QEMU times its PBKDF2 first, and gives up where a busy machine does not let it.</summary>
    private async Task<ToolResult> ConvertAsync(string target)
    {
        for (var tries = 1; ; tries++)
        {
            var result = await Tools.RunAsync("qemu-img", Patience, "convert", "-f", "raw", "-O", "luks",
                "--object", $"secret,id=s,file={PassFile}", "-o", "key-secret=s,cipher-alg=aes-256,cipher-mode=xts,"
                + "ivgen-alg=plain64,hash-alg=sha256,iter-time=100", Plain, target);
            if (tries == 10 || !result.Errors.Contains("accurate CPU usage", StringComparison.Ordinal))
            {
                return result;
            }
        }
    }

    private bool IsContent(byte[] bytes) => bytes.AsSpan().SequenceEqual(File.ReadAllBytes(Plain));

    public void Dispose() => _folder.Dispose();
}
