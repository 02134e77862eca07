namespace SnapshotGrains.Engine.Tests.Calls;

public interface IHelloGrain : IGrainWithStringKey
{
    Task<string> SayAsync(string name);

    ValueTask<string> WhereAsync();
}
