namespace SnapshotGrains.Engine.Tests.Membership;

public interface ISteadyGrain : IGrainWithStringKey
{
    Task<string> SiloAsync();

    Task<string> WorkAsync(string gate);

    /// <summary>Has the other grain stand at the gate.</summary>
    Task<string> WorkElsewhereAsync(string other, string gate);
}
