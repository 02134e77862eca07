namespace SnapshotGrains.Engine.Tests.Activations;

public interface ILifeGrain : IGrainWithStringKey
{
    /// <summary>Which activation of this grain answers: 1, 2, 3 …</summary>
    Task<int> ActivationAsync();

    /// <summary>Asks for deactivation, then stands at the gate; returns the activation.</summary>
    Task<int> LeaveAsync(string gate);

    Task<int> WorkAsync(string gate);

    Task<string> SiloAsync();
}
