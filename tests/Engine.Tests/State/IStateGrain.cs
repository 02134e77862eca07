namespace SnapshotGrains.Engine.Tests.State;

public interface IStateGrain : IGrainWithStringKey
{
    Task<int> ActivationAsync();

    Task<string> AddAsync(string entry);

    /// <summary>Entries, count and whether a record exists.</summary>
    Task<string> ReadAsync();

    Task ClearAsync();

    Task LeaveAsync();

    /// <summary>Changes the state in memory only.</summary>
    Task ScribbleAsync();

    /// <summary>Writes after somebody else has.</summary>
    Task ConflictAsync();

    /// <summary>Lets the store fail.</summary>
    Task BreakAsync();
}
