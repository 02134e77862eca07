namespace SnapshotGrains.Engine.Tests.Calls;

public interface IImpatientGrain : IGrainWithStringKey
{
    [ResponseTimeout("00:00:00.3")]
    Task WaitAsync(string gate);
}
