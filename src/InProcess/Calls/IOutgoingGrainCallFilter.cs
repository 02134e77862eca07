namespace Orleans;

/// <summary>Sees every call that a silo or client makes.</summary>
public interface IOutgoingGrainCallFilter
{
    /// <summary>Runs around the call; goes on with <see cref="IGrainCallContext.Invoke"/>.</summary>
    Task Invoke(IOutgoingGrainCallContext context);
}
