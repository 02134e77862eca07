using SnapshotGrains.Storage;

namespace SnapshotGrains.Bench.Crypto;

/// <summary>
/// Times <see cref="AesXts"/> with 4 KiB sectors, in place, on one thread. Processor time counts, as in OpenSSL's
/// figures: a busy machine's other work does not.
/// </summary>
internal static class XtsBench
{
    private const int Rounds = 5;
    private const double RoundSeconds = 0.3;
    private const double Gibibyte = 1L << 30;

    /// <summary>Every size and direction on one path; nothing where the processor does not have it.</summary>
    public static IEnumerable<Result> Run(string pathName)
    {
        var path = Enum.Parse<AesXtsPath>(pathName);
        if (path == AesXtsPath.AesNi && !AesNiXts.IsSupported)
        {
            yield break;
        }

        using var key = SecretBytes.Random(AesXts.KeyBytes);
        using var xts = new AesXts(key.Span, 4096, path);
        foreach (var bytes in new[] { 4096, 65536, 1 << 20 })
        {
            var buffer = GC.AllocateArray<byte>(bytes, pinned: true);
            yield return new(pathName, "encrypt", bytes, Measure(bytes, i => xts.Encrypt(buffer, buffer, i)));
            yield return new(pathName, "decrypt", bytes, Measure(bytes, i => xts.Decrypt(buffer, buffer, i)));
        }
    }

    private static double Measure(int bytes, Action<long> call)
    {
        // A round before those that count lets the compiler reach its last tier.
        Round(bytes, call);
        return Enumerable.Range(0, Rounds).Select(_ => Round(bytes, call)).Order().ElementAt(Rounds / 2);
    }

    private static double Round(int bytes, Action<long> call)
    {
        var started = Environment.CpuUsage.TotalTime;
        double seconds;
        long calls = 0;
        do
        {
            for (var i = 0; i < 16; i++)
            {
                call(calls++);
            }

            seconds = (Environment.CpuUsage.TotalTime - started).TotalSeconds;
        }
        while (seconds < RoundSeconds);
        return calls * bytes / seconds / Gibibyte;
    }
}
