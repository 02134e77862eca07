namespace Orleans;

/// <summary>Sees every call of a silo's grains; a grain class may implement it for its own calls.</summary>
public interface IIncomingGrainCallFilter
{
    /// <summary>Runs around the call; goes on with <see cref="IGrainCallContext.Invoke"/>.</summary>
    Task Invoke(IIncomingGrainCallContext context);
}
