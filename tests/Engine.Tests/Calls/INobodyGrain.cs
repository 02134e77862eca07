namespace SnapshotGrains.Engine.Tests.Calls;

public interface INobodyGrain : IGrainWithStringKey
{
    Task NothingAsync();
}
