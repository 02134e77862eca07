namespace Orleans.Runtime;

/// <summary>A timer whose callbacks are turns of its grain; disposing it stops it.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Sets when the timer fires next and how long after each run it fires again.</summary>
    void Change(TimeSpan dueTime, TimeSpan period);
}
