namespace SnapshotGrains.Images;

/// <summary>
/// Limits retries to a share of the requests (after Finagle's RetryBudget): each request pays a little in, each retry
/// takes one out, and when nothing is left errors are reported at once. Thread-safe.
/// </summary>
internal sealed class RetryBudget(double perRequest, int reserve)
{
    private const int Unit = 1000;

    private readonly long _most = (long)reserve * Unit;
    private readonly long _deposit = (long)(perRequest * Unit);
    private long _balance = (long)reserve * Unit;

    public void Deposit() => Change(_deposit);

    public bool TryWithdraw() => Change(-Unit);

    private bool Change(long amount)
    {
        var balance = Volatile.Read(ref _balance);
        while (balance + amount >= 0)
        {
            var seen = Interlocked.CompareExchange(ref _balance, Math.Min(_most, balance + amount), balance);
            if (seen == balance)
            {
                return true;
            }

            balance = seen;
        }

        return false;
    }
}
