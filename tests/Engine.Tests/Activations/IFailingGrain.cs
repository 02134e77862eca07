namespace SnapshotGrains.Engine.Tests.Activations;

public interface IFailingGrain : IGrainWithStringKey
{
    Task<string> AnswerAsync();
}
