namespace Orleans.Configuration;

/// <summary>Options of calls made and taken by a silo.</summary>
public class SiloMessagingOptions : MessagingOptions
{
    /// <summary>Calls waiting and running per activation beyond which more are refused; 0 = unlimited.</summary>
    public int MaxEnqueuedRequestsHardLimit { get; set; }
}
