namespace Orleans.Configuration;

/// <summary>Options of calls.</summary>
public abstract class MessagingOptions
{
    /// <summary>Time from a call to its answer, > 0. Default: 30 s.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether a call that timed out cancels its token at the callee. Default: no.</summary>
    public bool CancelRequestOnTimeout { get; set; }

    /// <summary>Whether a cancelled call ends only when the callee has ended. Default: no, at once.</summary>
    public bool WaitForCancellationAcknowledgement { get; set; }
}
