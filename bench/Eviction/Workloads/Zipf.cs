namespace SnapshotGrains.Bench.Eviction;

/// <summary>Draws numbers below <paramref name="count"/>, the n-th with a probability as 1 / (n + 1)^exponent.</summary>
internal sealed class Zipf(int count, double exponent, Random random)
{
    private readonly double[] _sums = SumsOf(count, exponent);

    public int Next()
    {
        var index = Array.BinarySearch(_sums, random.NextDouble() * _sums[^1]);
        return Math.Min(count - 1, index < 0 ? ~index : index);
    }

    private static double[] SumsOf(int count, double exponent)
    {
        var sums = new double[count];
        double sum = 0;
        for (var i = 0; i < count; i++)
        {
            sums[i] = sum += Math.Pow(i + 1, -exponent);
        }

        return sums;
    }
}
