using System.Diagnostics;
using System.Globalization;

namespace SnapshotGrains.Bench.Crypto;

/// <summary>What <c>openssl speed</c> says of the same cipher on the same machine, where it is installed.</summary>
internal static class OpenSslSpeed
{
    private const int Bytes = 1 << 20;

    /// <summary>Encrypting and decrypting 1 MiB at a time (one data unit a call: fewer tweaks than sectors need).
    /// </summary>
    public static IEnumerable<Result> Run()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
                .Any(folder => File.Exists(Path.Combine(folder, "openssl"))))
        {
            return [];
        }

        return [new("OpenSSL", "encrypt", Bytes, Measure()), new("OpenSSL", "decrypt", Bytes, Measure("-decrypt"))];
    }

    private static double Measure(params string[] more)
    {
        string[] arguments = ["speed", "-mr", .. more, "-evp", "aes-256-xts", "-bytes", $"{Bytes}", "-seconds", "1"];
        using var process = Process.Start(new ProcessStartInfo("openssl", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        errors.Wait();
        process.WaitForExit();

        // The last line is +F:number:name:bytes per second.
        var line = output.Split('\n').Last(line => line.StartsWith("+F:", StringComparison.Ordinal));
        return double.Parse(line.Split(':')[^1], CultureInfo.InvariantCulture) / (1L << 30);
    }
}
