using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>How a grain timer fires.</summary>
public readonly struct GrainTimerCreationOptions
{
    /// <summary>Set by the properties.</summary>
    public GrainTimerCreationOptions()
    {
    }

    /// <summary>Fires after <paramref name="dueTime"/>, then <paramref name="period"/> after each run.</summary>
    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
    {
        DueTime = dueTime;
        Period = period;
    }

    /// <summary>Time to the first run; <see cref="Timeout.InfiniteTimeSpan"/> = not started.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>Time from the end of a run to the next; <see cref="Timeout.InfiniteTimeSpan"/> = run once.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Whether runs may interleave with calls. Default: no.</summary>
    public bool Interleave { get; init; }

    /// <summary>Whether a run counts as use of the grain for collection by age. Default: no.</summary>
    public bool KeepAlive { get; init; }
}
